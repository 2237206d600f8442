"""Clean the text that strangers type. All of it passes through here before it is shown.

Text is cleaned, never refused: every visible character of a message stays. Removed are characters that a reader cannot
see but a model, a terminal or a parser obeys: control sequences, direction overrides, hidden characters, tall stacks of
marks.
"""

import re
import unicodedata
from functools import cache

from convirza_mcp.text.graphemes import compiled, grapheme_boundary, with_properties
from convirza_mcp.text.invisible import INVISIBLE, JOINERS, SELECTORS, without_strays
from convirza_mcp.text.terminal import with_windows_1252, without_terminal_sequences

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

_MAX_MARKS = 8
"""Maximum number of combining marks on one base. No orthography needs more."""

_MARKS_BEFORE_COMPOSING = 32
"""Cut longer stacks before composition, because Python sorts the marks of one base in quadratic time."""

_ROUNDS = 4
"""One sweep cleans ordinary text. Only text built to defeat cleaning changes in the third."""

_LINE_SEPARATORS = ("\r\n", "\r", "\v", "\f", "\u2028", "\u2029")

# Excluded: control, format and default-ignorable characters, surrogates, private use, noncharacters. Included:
# unassigned code points, so that emoji newer than this list stay, and visible format characters such as the Arabic year
# sign.
_VISIBLE = (
    (
        r"\t\n -~\xa0-\xac\xae-\u034e\u0350-\u061b\u061d-\u115e\u1161-\u17b3\u17b6-\u180a\u1810-\u200a\u2010-\u2027"
        r"\u202f-\u205f\u2070-\u3163\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe10-\ufefe\uff00-\uff9f\uffa1-\uffef\ufffc"
        r"\ufffd\U00010000-\U0001342f\U00013440-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U0001fffd"
    )
    + "".join(rf"\U000{plane}0000-\U000{plane}fffd" for plane in "23456789abcd")
    + r"\U000e1000-\U000efffd"
)

# A negated class: `re` decides most characters with one look-up, while it would walk a list of the others.
_SUSPICIOUS = f"[^{_VISIBLE}]"
_SWEPT_AWAY = f"[^{_VISIBLE}{JOINERS}{SELECTORS}]"
# Drop a following variation selector too; otherwise it would apply to the character before.
_FORBIDDEN = rf"[^{_VISIBLE}\v\f\r\u2028\u2029{JOINERS}{SELECTORS}]+[{SELECTORS}]*"

# No mark is a letter, and common blocks have none. Nearly all other characters are marks.
_NO_MARK = (
    r"\0-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u20cf\u2100-\u2cee\u3000-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7ff"
    r"\U0001f000-\U000e00ff\w"
)
_PERHAPS_MARKS = f"[^{_NO_MARK}]{{4}}"
_UP_TO_EIGHT_MARKS = rf"(?:[^{_NO_MARK}]{{0,{_MAX_MARKS}}}+[{_NO_MARK}]++)*+"

# Pairs and every other escape are kept.
_ESCAPES = (
    r"(?P<kept>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F]).)"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """Return the text without hidden or harmful characters, in linear time. Cleaning it again changes nothing.

    In this order: terminal sequences dropped and Windows-1252 bytes read as such (`text.terminal`), hidden characters
    dropped, every line separator made a line feed, joiners and variation selectors kept only where they mean something
    (`text.invisible`), composed (NFC), stacks of combining marks cut to eight. Tabs and line feeds stay.
    """
    if text.isascii() and (text.isprintable() or _ASCII_CONTROL.search(text) is None):
        return text
    if _common().issuperset(text):
        # Most texts, and the patterns below take milliseconds to compile.
        return text
    if compiled(_SUSPICIOUS).search(text) is None:
        return _composed(text)
    swept = _swept(text)
    for _ in range(_ROUNDS):
        text = _composed(swept)
        # Composition and the cut can give joiners and selectors other neighbors.
        swept = text if text == swept else without_strays(text)
        if swept == text:
            return text
    return _strip_to_plain(swept)


def _composed(text: str) -> str:
    """Return the text in NFC, with stacks of marks cut."""
    if compiled(_PERHAPS_MARKS).search(text) is None:
        # Composition makes at most eight marks of three.
        return unicodedata.normalize("NFC", text)
    # A prefix of a composed run of marks is composed, so the cut needs no further step.
    return _without_stacks(unicodedata.normalize("NFC", _without_towers(text)))


@cache
def _common() -> frozenset[str]:
    """Return the characters of English and Spanish texts, with emoji without joiners.

    Each is visible, composed and no mark, whatever its neighbors.
    """
    text = (range(0x20, 0x7F), range(0xA0, 0xAD), range(0xAE, 0x180), range(0x2010, 0x2028), b"\t\n", [0x20AC])
    emoji = (range(0x2600, 0x27C0), range(0x1F1E6, 0x1F200), range(0x1F300, 0x1F6FF), range(0x1F900, 0x1FB00))
    return frozenset(chr(code) for codes in (*text, *emoji) for code in codes)


def needs_cleaning(text: str) -> bool:
    """Return whether `clean` would drop or replace more than joiners, variation selectors and combining marks.

    For callers that compare texts without those; it takes a fraction of the time of cleaning.
    """
    if text.isascii():
        return not text.isprintable() and _ASCII_CONTROL.search(text) is not None
    return compiled(_SWEPT_AWAY).search(text) is not None


def clip(text: str, limit: int) -> str:
    """Return the text, or its beginning and `…`, in at most `limit` characters. Clean text stays clean.

    The cut never divides a grapheme, and never follows a joiner, which would then join nothing. If the first grapheme
    does not fit, the result is `…`. A `limit` below one gives an empty string.
    """
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = grapheme_boundary(text, limit - 1)
    while end and text[end - 1] in "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}":
        end = grapheme_boundary(text, end - 1)
    return text[:end] + ELLIPSIS


def _swept(text: str) -> str:
    """Return the text after every step except composition and the cutting of stacks."""
    text = with_windows_1252(without_terminal_sequences(text))
    # Joining what is left is faster than replacing.
    text = "".join(compiled(_FORBIDDEN).split(text))
    for separator in _LINE_SEPARATORS:
        text = text.replace(separator, "\n")
    return without_strays(text)


def _strip_to_plain(text: str) -> str:
    """Return swept text in its final form, without joiners and variation selectors.

    Without them, only composition depends on neighbors, and the first marks of a composed run are composed.
    """
    return _composed(compiled(INVISIBLE).sub("", text))


def _without_stacks(text: str) -> str:
    """Cut stacks of combining marks, which would cover the lines around them, to eight."""
    # Faster than a search that finds nothing. The space ends the last marks.
    if compiled(_UP_TO_EIGHT_MARKS).fullmatch(f"{text} ") is not None:
        return text
    return with_properties(_beyond(_MAX_MARKS)).sub("", text)


def _without_towers(text: str) -> str:
    """Cut stacks that would take long to compose: of their marks at least four are among every eighth character."""
    pieces: list[str] = []
    end = 0
    for run in compiled(f"{_PERHAPS_MARKS}[^{_NO_MARK}]*").finditer(text[::8]):
        start, after = max(0, run.start() * 8 - 7), run.end() * 8
        pieces += text[end:start], with_properties(_beyond(_MARKS_BEFORE_COMPOSING)).sub("", text[start:after])
        end = after
    return "".join((*pieces, text[end:])) if end else text


def _beyond(marks: int) -> str:
    return rf"\p{{M}}{{{marks}}}\K\p{{M}}++"


def without_lone_surrogates(json_text: str) -> str:
    """Return the same JSON document with U+FFFD for every lone surrogate.

    Software that cuts a text inside an emoji, as JavaScript does, writes half a surrogate pair as an escape. That is
    valid JSON but not text, and parsers refuse the whole document.
    """
    if "\\ud" not in json_text and "\\uD" not in json_text:
        return json_text
    return compiled(_ESCAPES).sub(lambda found: found["kept"] or r"\ufffd", json_text)
