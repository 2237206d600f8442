"""Read text as computers pass it on: quotes around it, dashes and digits of other kinds, unexpanded placeholders."""

import re
import string
import unicodedata

from convirza_mcp.errors import SettingsError

# Byte-order marks, zero-width characters and direction marks: a copy from a web page or a file brings them along.
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u00ad"
_WHITE_SPACE = string.whitespace + "\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
_AROUND = _INVISIBLE + _WHITE_SPACE + "".join(map(chr, range(0x2000, 0x200B)))
_QUOTES = ('"“”„‟«»＂', "'‘’‚‛‹›＇`´")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_LEFT_OUT = dict.fromkeys(map(ord, _INVISIBLE))
PLACEHOLDER = re.compile(
    r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|\$\([^()]*\)|\$(?:env:)?[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]{2,}%", re.ASCII
)
"""A reference that a client or a shell did not expand: `${VAR}`, `${input:id}`, `{{VAR}}`, `$VAR`, `$env:VAR`, `%VAR%`.

`%VAR%` has three letters at least, since `%C3%A9` is a percent-encoded character.
"""


def strip_wrapping(text: str) -> str:
    """Return `text` without white space and invisible characters around it, and without one pair of quotes."""
    text = text.strip(_AROUND)
    # A shell leaves `\"…\"` if quotes were escaped once too often.
    inner = text[2:-2] if text.startswith('\\"') and text.endswith('\\"') else text[1:-1]
    quoted = len(text) > 1 and any(text.lstrip("\\")[:1] in kind and text[-1] in kind for kind in _QUOTES)
    return inner.strip(_AROUND) if quoted else text


def has_lone_quote(text: str) -> bool:
    """Return whether a quote stands at one end of `text`, as after a pair of which one half was lost."""
    return any(each in kind for each in (text[:1], text[-1:]) if each for kind in _QUOTES)


def plain(text: str) -> str:
    """Return `text` in ASCII's dashes, digits and spaces, unwrapped; for words and numbers, not for secrets."""
    text = unicodedata.normalize("NFKC", strip_wrapping(text)).translate(_DASHES).translate(_LEFT_OUT)
    return " ".join(text.split())


def unexpanded(source: str) -> SettingsError:
    """Return the error for a placeholder that a client was to replace."""
    return SettingsError(f"{source} is a placeholder that the client did not expand.", remedy="Set the value itself.")
