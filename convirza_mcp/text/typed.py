"""Read text as computers pass it on: quotes around it, dashes and digits of other kinds, unexpanded placeholders."""

import re
import string
import unicodedata

from convirza_mcp.errors import SettingsError

# Byte-order marks, zero-width characters, direction marks, fillers and selectors: a copy from a web page, a chat or a
# file brings them along.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062"
    "\u2063\u2064\u2066\u2067\u2068\u2069\u2800\u3164\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb"
)
_WHITE_SPACE = string.whitespace + "\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
_AROUND = _INVISIBLE + _WHITE_SPACE + "".join(map(chr, (*range(0x2000, 0x200B), *range(0xE0000, 0xE0080))))
_QUOTES = ('"“”„‟«»＂″「」『』', "'‘’‚‛‹›＇`´′")
_MOST_PAIRS = 8
"""More than any chain of programs adds; each costs a copy of the text."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_LEFT_OUT = dict.fromkeys(map(ord, _INVISIBLE))
_BRACED = r"\$\{\{[^{}]*\}\}|\$(?:env)?\{[^{}]*\}|\{\{[^{}]*\}\}|\{(?:env|file|input):[^{}]*\}|\$\([^()]*\)"
_REFERENCE = re.compile(_BRACED)
PLACEHOLDER = re.compile(
    rf"{_BRACED}|\$(?:env:)?[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]{{2,}}%|\A<[^<>]*>\Z", re.ASCII
)
"""A reference that a client or a shell did not expand: `${VAR}`, `${input:id}`, `{{VAR}}`, `{env:VAR}`, `$VAR`,
`$env:VAR`, `%VAR%`, and `<VAR>` alone.

`%VAR%` has three letters at least, since `%C3%A9` is a percent-encoded character.
"""


def strip_wrapping(text: str) -> str:
    """Return `text` without white space, invisible characters and pairs of quotes around it."""
    text = text.strip(_AROUND)
    for _ in range(_MOST_PAIRS):
        if len(text) < 2:
            break
        # A shell leaves `\"…\"` if quotes were escaped once too often.
        inner = text[2:-2] if text.startswith('\\"') and text.endswith('\\"') else text[1:-1]
        if not any(text.lstrip("\\")[:1] in kind and text[-1] in kind for kind in _QUOTES):
            break
        text = inner.strip(_AROUND)
    return text


def is_reference(text: str) -> bool:
    """Return whether a client or a shell should have replaced `text`, or a part of it that is in braces."""
    return PLACEHOLDER.fullmatch(text) is not None or _REFERENCE.search(text) is not None


def _has_lone_quote(text: str) -> bool:
    """Return whether a quote stands at one end of `text`, as after a pair of which one half was lost."""
    for kind in _QUOTES:
        at_ends = [each for each in (text[:2], text[-1:-3:-1]) if each[:1] and each[0] in kind]
        # Two in a row are no pair around anything; one may be the end of `groups="support team"`.
        if at_ends and (sum(map(text.count, kind)) % 2 or any(each[1:] and each[1] in kind for each in at_ends)):
            return True
    return False


def plain(text: str) -> str:
    """Return `text` in ASCII's dashes, digits and spaces, unwrapped; for words and numbers, not for secrets."""
    text = unicodedata.normalize("NFKC", strip_wrapping(text)).translate(_LEFT_OUT)
    if not text.isascii():
        # Digits of any script, such as Arabic ones.
        text = "".join(str(unicodedata.decimal(each, each)) for each in with_plain_dashes(text))
    return " ".join(text.split())


def with_plain_dashes(text: str) -> str:
    """Return `text` with a hyphen for each kind of dash and minus."""
    return text.translate(_DASHES)


def refuse_remains(text: str, source: str) -> None:
    """Raise `SettingsError` if a client or a shell left a placeholder or half a pair of quotes in `text`."""
    if is_reference(text):
        raise unexpanded(source)
    if _has_lone_quote(text):
        raise SettingsError(f"{source} begins or ends with a quotation mark.", remedy="Remove it.")


def unexpanded(source: str) -> SettingsError:
    """Return the error for a placeholder that a client was to replace."""
    return SettingsError(f"{source} is a placeholder that the client did not expand.", remedy="Set the value itself.")
