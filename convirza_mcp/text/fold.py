"""Text as a search compares it: without the differences of case, accents and width that people do not type."""

import re
import unicodedata
from functools import cache

from convirza_mcp.text.clean import clean
from convirza_mcp.text.graphemes import compiled, grapheme_boundary, next_boundary
from convirza_mcp.text.invisible import INVISIBLE

Span = tuple[int, int]
"""Where something stands in a text: its first character, and the one after its last."""

_STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
"""Phones write the curly quotes and apostrophes, and who searches types the straight ones."""

_COMMON = (*_STRAIGHT.items(), ("\ufe0f", ""), ("\u200d", ""))
"""What phones put into English that folding changes, the invisible parts of emoji included."""

_CHANGED = re.compile("[^\0-\x7f\u2012-\u2015\u2022\u20ac\u2600-\u27bf\u3400-\u9fff\U0001f300-\U0001faff]")
"""What folding may change, ASCII aside: all but dashes, the euro, emoji and Chinese, which stay as they are."""

_NOT_ONE_BYTE = 0
"""Stands in `_latin` for what folds to more or to another alphabet, such as ß and µ."""


def fold(text: str) -> str:
    """Clean text for comparing: NFKD and casefolded, without combining marks, joiners and variation selectors.

    Each character folds by itself, whatever stands beside it, which `place_of` rests on. Vowel signs of
    Indic scripts stay, as they tell words apart; so does what Unicode takes for a letter of its own, such as ø.
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
    if _CHANGED.search(text) is None:
        return text.lower()
    return text.translate(_folded())


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it comes from."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = fold(character)
        pieces.append(piece)
        places += [place] * len(piece)
    return "".join(pieces), places


def place_of(text: str, folded_place: int) -> int:
    """The place in `text` that the character at `folded_place` of the folded text comes from."""
    first, after = 0, len(text)
    # Halving folds about as much as the text is long, where a list of all places takes thirty times as long.
    while after - first > 1:
        middle = (first + after) // 2
        length = len(fold(text[first:middle]))
        if folded_place < length:
            after = middle
        else:
            first, folded_place = middle, folded_place - length
    return first


def whole_graphemes(text: str, first: int, last: int) -> Span:
    """The span from the character at `first` through the one at `last`, widened to what a reader sees as whole."""
    return grapheme_boundary(text, first), next_boundary(text, last + 1)


class _Folded(dict[int, str]):
    """What each character folds to, by its code point; made when it is first met.

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
    return " ".join(clean(text or "").split())


def name_key(text: str | None) -> str:
    """Return what the writings of one name have in common: equal keys, same name. Empty for nothing visible.

    For agents, contacts, statuses and message types. Case, accents, width and white space make no difference.
    """
    if text and text.isascii() and text.isalnum():
        # As most are: nothing to clean, and asked of tens of thousands of rows.
        return text.lower()
    shown = on_one_line(text)
    return fold(shown) or shown
