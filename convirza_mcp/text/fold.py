"""Fold text for comparison: without the differences of case, accents and width that people do not type."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from convirza_mcp.text.clean import clean, needs_cleaning
from convirza_mcp.text.graphemes import compiled, grapheme_boundary, next_boundary
from convirza_mcp.text.invisible import INVISIBLE

Span = tuple[int, int]
"""Position of a part in a text: its first character, and the one after its last."""

_STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
"""Phones write curly quotes and apostrophes; people type straight ones in a search."""

_KEPT = bytes((*b"\t\n", *range(0x20, 0x7F))).replace(b"&", b"")
_DIVIDER = b"\0"
_MOST_OTHERS = 96
"""Bytes of a text beyond plain ASCII, up to which replacing their characters is faster than a table for all."""


def fold(text: str) -> str:
    """Return clean text for comparison: NFKD, casefolded, without combining marks, joiners and variation selectors.

    Each character folds independently of its neighbors; `place_of` relies on that. Vowel signs of Indic scripts stay,
    because they distinguish words; so do letters in their own right, such as ø.
    """
    return text.lower() if text.isascii() else text.translate(_folded())


def fold_together(texts: Sequence[str], closely: Callable[[str], str]) -> bytes:
    """Return the texts folded, in UTF-8 and divided by NUL; `closely` folds those that may not be clean.

    It also folds those with "&", which may begin an HTML entity. An inbox has tens of thousands of texts: a call for
    hundreds, with methods of bytes, takes a fraction of the time of a call for each.
    """
    written = _DIVIDER.join([each.encode("utf-8", "surrogatepass") for each in texts])
    rows = written.lower().split(_DIVIDER)
    if len(rows) != len(texts):
        # One of them has the divider.
        return _DIVIDER.join(closely(each).encode() for each in texts)
    for place, others in enumerate(written.translate(None, _KEPT).split(_DIVIDER)):
        if others:
            changes = _changes(others) if len(others) <= _MOST_OTHERS else None
            if changes is None:
                rows[place] = closely(texts[place]).encode()
                continue
            # In any order, because folding a folded character changes nothing.
            for character, folded in changes:
                rows[place] = rows[place].replace(character, folded)
    return _DIVIDER.join(rows)


@lru_cache(maxsize=1024)
def _changes(others: bytes) -> tuple[tuple[bytes, bytes], ...] | None:
    """Return the characters that folding changes, each with its folded form; None if one may not be clean."""
    characters = frozenset(others.decode("utf-8", "surrogatepass"))
    if "&" in characters or needs_cleaning("".join(characters)):
        return None
    changes = ((each, fold(each)) for each in characters)
    return tuple((each.encode(), folded.encode()) for each, folded in changes if each != folded)


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
