"""Fold text for comparison: without the differences of case, accents and width that people do not type."""

import unicodedata
from functools import cache

from convirza_mcp.text.clean import clean
from convirza_mcp.text.graphemes import compiled, grapheme_boundary, next_boundary
from convirza_mcp.text.invisible import INVISIBLE

Span = tuple[int, int]
"""Position of a part in a text: its first character, and the one after its last."""

_STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
"""Phones write curly quotes and apostrophes; people type straight ones in a search."""

_COMMON = (*_STRAIGHT.items(), ("\ufe0f", ""), ("\u200d", ""))
"""Characters in English phone texts that folding changes, including the invisible parts of emoji."""

_CHANGED = "[^\0-\x7f\u2012-\u2015\u2022\u20ac\u2600-\u27bf\u3400-\u9fff\U0001f300-\U0001faff]"
"""Characters beyond ASCII that folding may change: all except dashes, the euro, emoji and Chinese."""

_NOT_ONE_BYTE = 0
"""Placeholder in `_latin` for characters that fold to several or to another alphabet, such as ß and µ."""


def fold(text: str) -> str:
    """Return clean text for comparison: NFKD, casefolded, without combining marks, joiners and variation selectors.

    Each character folds independently of its neighbors; `place_of` relies on that. Vowel signs of Indic scripts stay,
    because they distinguish words; so do letters in their own right, such as ø.
    """
    if text.isascii():
        return text.lower()
    # An inbox has tens of thousands of texts, and most that are not ASCII need no more than one of these two.
    latin = text.encode("latin-1", "ignore")
    if len(latin) == len(text):
        folded = latin.translate(_latin())
        if _NOT_ONE_BYTE not in folded:
            return folded.decode("latin-1")
    for written, typed in _COMMON:
        text = text.replace(written, typed)
    if compiled(_CHANGED).search(text) is None:
        return text.lower()
    return text.translate(_folded())


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters its index in `text`."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = fold(character)
        pieces.append(piece)
        places += [place] * len(piece)
    return "".join(pieces), places


def place_of(text: str, folded_place: int) -> int:
    """Return the index in `text` of the character at `folded_place` of the folded text."""
    first, after = 0, len(text)
    # Bisection folds about as much as the text is long; a list of all indexes takes thirty times as long.
    while after - first > 1:
        middle = (first + after) // 2
        length = len(fold(text[first:middle]))
        if folded_place < length:
            after = middle
        else:
            first, folded_place = middle, folded_place - length
    return first


def whole_graphemes(text: str, first: int, last: int) -> Span:
    """Widen the span from the character at `first` through the one at `last` to whole graphemes."""
    return grapheme_boundary(text, first), next_boundary(text, last + 1)


class _Folded(dict[int, str]):
    """Folded form of each character, by code point, computed at its first use.

    It never holds more than the characters that Unicode has assigned.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character) in ("Cn", "Co"):
            return character
        parts = (each for each in unicodedata.normalize("NFKD", character) if not _is_unheeded(each))
        folded = "".join(_STRAIGHT.get(each, each) for each in parts).casefold()
        self[code] = folded
        return folded


def _is_unheeded(character: str) -> bool:
    return unicodedata.combining(character) != 0 or compiled(INVISIBLE).match(character) is not None


@cache
def _folded() -> _Folded:
    return _Folded()


@cache
def _latin() -> bytes:
    folded = (_folded()[code] for code in range(256))
    return bytes(ord(each) if len(each) == 1 and ord(each) < 256 else _NOT_ONE_BYTE for each in folded)


def on_one_line(text: str | None) -> str:
    """Return the text clean and with single spaces; empty for None."""
    if text and text.isascii() and text.isprintable() and "  " not in text:
        # The common case, for each text of each row: nothing to clean.
        return text.strip()
    return " ".join(clean(text or "").split())


def name_key(text: str | None) -> str:
    """Return a key that is equal for all spellings of one name; empty if nothing is visible.

    For agents, contacts, statuses and message types. Case, accents, width and white space make no difference.
    """
    if text and text.isascii() and text.isalnum():
        # The common case, for tens of thousands of rows: nothing to clean.
        return text.lower()
    shown = on_one_line(text)
    return fold(shown) or shown
