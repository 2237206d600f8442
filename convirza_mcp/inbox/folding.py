"""Text as a search compares it: without the differences of case, accents and width that people do not type."""

import re
import unicodedata
from functools import cache

from convirza_mcp.inbox import unicode_ranges as ranges
from convirza_mcp.inbox.character_classes import outside
from convirza_mcp.inbox.graphemes import grapheme_boundary
from convirza_mcp.inbox.invisible_neighbours import JOINERS, SELECTORS

Span = tuple[int, int]
"""Where something stands in a text: its first character, and the one after its last."""

_STRAIGHT = (("\u2018", "'"), ("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u201e", '"'))
"""Phones write the curly quotes and apostrophes, and who searches types the straight ones."""


def fold(text: str) -> str:
    """Clean text for comparing: NFKD and casefolded, without combining marks, joiners and variation selectors.

    Each character folds by itself, whatever stands beside it, which `folded_with_places` rests on. Vowel signs of
    Indic scripts stay, as they tell words apart; so does what Unicode takes for a letter of its own, such as ø.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text)
    if not folded.isascii():
        folded = _unheeded().sub("", folded)
        for curly, straight in _STRAIGHT:
            folded = folded.replace(curly, straight)
    return folded.casefold()


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it comes from."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = fold(character)
        pieces.append(piece)
        places += [place] * len(piece)
    return "".join(pieces), places


def whole_graphemes(text: str, first: int, last: int) -> Span:
    """The span from the character at `first` through the one at `last`, widened to what a reader sees as whole."""
    return grapheme_boundary(text, first), next_boundary(text, last + 1)


def next_boundary(text: str, index: int) -> int:
    """The first boundary between graphemes at or after `index`."""
    while grapheme_boundary(text, index) < min(index, len(text)):
        index += 1
    return min(index, len(text))


@cache
def _unheeded() -> re.Pattern[str]:
    table = ranges.COMBINING_MARKS
    marks = "".join(
        chr(code) * 2
        for first, last in zip(table[::2], table[1::2], strict=True)
        for code in range(ord(first), ord(last) + 1)
        if unicodedata.combining(chr(code))
    )
    return re.compile(f"[^{outside(marks, JOINERS, SELECTORS)}]+")
