"""Search index: the folded texts of conversations, cached with their view."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Seen, WholeView
from convirza_mcp.text.clean import clean, needs_cleaning
from convirza_mcp.text.entities import decoded
from convirza_mcp.text.fold import fold, fold_together
from convirza_mcp.text.phone import digits_of

MAX_KEPT = 64 * 2**20
"""Limit in bytes, per view. Texts beyond it are folded again for each search."""

_DERIVED = "searched"

_DIVIDER = b"\0"
_NO_DIGITS = bytes(set(range(256)) - {*_DIVIDER, *b"0123456789"})


class Searched(NamedTuple):
    """Folded texts of one conversation; empty if it has none.

    Its two numbers are digits, and texts too if they are more than digits, such as a name in place of a number.
    """

    message: str
    name: str
    source_text: str
    source: str
    line_text: str
    line: str

    @property
    def texts(self) -> tuple[str, ...]:
        return self.message, self.name, self.source_text, self.line_text


class Block:
    """Folded texts of a few hundred conversations: for each field of `Searched`, those of all in one piece.

    Searching a piece takes a fraction of the time of searching each text.
    """

    def __init__(self, seen: Sequence[Seen]) -> None:
        rows = [each.conversation for each in seen]
        self._columns: tuple[bytes, ...] = (
            fold_together([row.message or "" for row in rows], _folded),
            fold_together([row.source_name or "" for row in rows], _folded),
            *_numbers([row.source or "" for row in rows]),
            *_numbers([row.phone_number or "" for row in rows]),
        )
        self.size = sum(map(len, self._columns))

    def places(self, clue: str) -> set[int]:
        """Return the places of the conversations that have the clue; digits with anything between them."""
        columns, wanted = self._columns, clue.encode()
        if wanted.isdigit():
            columns = tuple(column.translate(None, _NO_DIGITS) for column in columns)
        found = set[int]()
        for column in columns:
            # Not `in`, which for bytes first makes an exception.
            if column.find(wanted) >= 0:
                found.update([place for place, text in enumerate(column.split(_DIVIDER)) if text.find(wanted) >= 0])
        return found

    def rows(self, places: Iterable[int]) -> Iterator[tuple[int, Searched]]:
        """Return the texts of the conversations at these places, each with its place."""
        columns = [column.split(_DIVIDER) for column in self._columns]
        for place in places:
            yield place, Searched(*(column[place].decode() for column in columns))


class SearchedTexts:
    """Folded texts of conversations, each folded once while the cache has space, in bytes."""

    def __init__(self, max_bytes: int = MAX_KEPT) -> None:
        self._bytes_left = max_bytes
        self._blocks: dict[tuple[int, int], tuple[Sequence[Seen], Block]] = {}

    def of(self, seen: Sequence[Seen]) -> Block:
        """Return the texts of these conversations, of which there is at least one."""
        key = (seen[0].conversation.conversation_id, len(seen))
        if key in self._blocks:
            kept, block = self._blocks[key]
            if all(map(operator.is_, kept, seen)):
                return block
            # Some were read again since, or these meet other conditions.
            self._bytes_left += block.size
            del self._blocks[key]
        block = Block(seen)
        if block.size <= self._bytes_left:
            self._bytes_left -= block.size
            self._blocks[key] = seen, block
        return block


def texts_kept(held: Iterable[WholeView], window: Window) -> SearchedTexts:
    """Return the texts cached with the view of this window (of several, the first by name), or new ones."""
    of_window = [view for view in held if view.window == window]
    if not of_window:
        return SearchedTexts()
    derived = min(of_window, key=lambda view: view.type).derived
    texts: SearchedTexts = derived.setdefault(_DERIVED, SearchedTexts())
    return texts


def _numbers(column: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the numbers that are more than digits, folded, and the digits of all."""
    if "".join(column).encode("utf-8", "ignore").isdigit():
        # Most inboxes.
        return _DIVIDER * (len(column) - 1), "\0".join(column).encode()
    texts = ["" if each.isdecimal() else each for each in column]
    return fold_together(texts, _folded), "\0".join(map(digits_of, column)).encode()


def _folded(text: str) -> str:
    # Some gateways escape twice: find "O'Brien" in the `O&#39;Brien` that is left.
    text = decoded(text)
    return fold(clean(text) if needs_cleaning(text) else text)
