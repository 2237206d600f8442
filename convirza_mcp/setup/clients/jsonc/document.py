"""Parse JSON, and JSON with comments and trailing commas, with the position of every item.

Nothing here reformats a document: unchanged parts stay the same, byte for byte.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_STRING = r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
_LEXEME = re.compile(rf"{_STRING}|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_COMMA_AT_THE_END = re.compile(rf"{_STRING}|,(?=[ \t\r\n]*[}}\]])")
_STRING_OR_KEY = re.compile(rf"({_STRING})([ \t\r\n]*:)?")
_WHITE = " \t\r\n"
_WHITE_SPACE = re.compile(rf"[{_WHITE}]*")
_DECODER = json.JSONDecoder()
BOM = "\ufeff"

UNIT = "  "
"""Indentation for a file without indented lines."""


class Malformed(ValueError):
    """The text is not JSON of the requested kind; `line` and `column` count from 1, and are 0 if unknown."""

    def __init__(self, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}")
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Item:
    """A member of an object, or an element of an array with no key. `start` is that of the key, if any."""

    start: int
    value: int
    end: int
    key: str | None


@dataclass(frozen=True, slots=True)
class Container:
    """An object or array: the positions of its brackets, and its items in order."""

    opening: int
    closing: int
    items: tuple[Item, ...]

    def members(self, key: str) -> list[Item]:
        return [item for item in self.items if item.key == key]


class Document:
    """A JSON text. With `comments`, comments and trailing commas are allowed.

    Raises:
        Malformed: it is not valid JSON of that kind.
    """

    def __init__(self, text: str, *, comments: bool) -> None:
        self.text = text
        self._comments = comments
        # All of the same length, so that positions agree.
        self._bare = _without_comments(text) if comments else text
        self._plain = _without_trailing_commas(self._bare) if comments else text
        if self._plain.startswith(BOM):
            self._plain = " " + self._plain[1:]
        self.value: Any = _parsed(self._plain) if self._plain.strip(_WHITE) else None

    def edited(self, text: str) -> "Document":
        """Return the document for an edited text."""
        return Document(text, comments=self._comments)

    @property
    def is_blank(self) -> bool:
        """Return whether it has only white space and comments."""
        return not self._plain.strip(_WHITE)

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def unit(self) -> str:
        """Return the indentation of one level."""
        first = self.root.items[0] if self.root.items else None
        if first is None or "\n" not in self.text[self.root.opening : first.start]:
            return UNIT
        indent, outer = self.line_indent(first.start), self.line_indent(self.root.opening)
        return indent.removeprefix(outer) or UNIT

    @cached_property
    def _line_comments(self) -> list[tuple[int, int]]:
        if self._bare == self.text:
            return []
        return [match.span() for match in _LEXEME.finditer(self.text) if match[0].startswith("//")]

    @cached_property
    def root(self) -> Container:
        """Return the outermost object or array; `value` must be one."""
        return self.container(len(self._plain) - len(self._plain.lstrip(_WHITE)))

    def container(self, opening: int) -> Container:
        """Return the object or array whose bracket is at `opening`."""
        has_keys = self._plain[opening] == "{"
        items: list[Item] = []
        place = self._skip_white(opening + 1)
        while self._plain[place] not in "}]":
            start, key = place, None
            if has_keys:
                key, after = _DECODER.raw_decode(self._plain, start)
                # After the colon.
                place = self._skip_white(self._skip_white(after) + 1)
            # The decoder instead of a regular expression, because one member may have megabytes.
            _, end = _DECODER.raw_decode(self._plain, place)
            items.append(Item(start, place, end, key))
            place = self._skip_white(end)
            if self._plain[place] == ",":
                place = self._skip_white(place + 1)
        return Container(opening, place, tuple(items))

    def _skip_white(self, place: int) -> int:
        found = _WHITE_SPACE.match(self._plain, place)
        return place if found is None else found.end()

    def comma_after(self, item: Item, container: Container) -> int | None:
        """Return the position of the comma after an item, including a trailing one; None without one."""
        place = self._bare.find(",", item.end, container.closing)
        return None if place < 0 else place

    def is_in_line_comment(self, place: int) -> bool:
        """Return whether `place` is inside a line comment."""
        return any(start < place <= end for start, end in self._line_comments)

    def content_end(self, place: int) -> int:
        """Return the end of the last token or comment before `place`."""
        end = len(self.text[:place].rstrip(_WHITE))
        # A line comment includes its trailing spaces.
        return next((stop for start, stop in self._line_comments if start < end <= stop), end)

    def line_indent(self, place: int) -> str:
        """Return the indentation of the line of `place`."""
        start = self.text.rfind("\n", 0, place) + 1
        line = self.text[start:place]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def strings(self) -> list[tuple[int, int, bool]]:
        """Return start, end and whether it is a key, for every string."""
        found = _STRING_OR_KEY.finditer(self._plain)
        return [(*match.span(1), match[2] is not None) for match in found]


def _without_comments(text: str) -> str:
    def blanked(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\r\n]", " ", match[0])

    return _LEXEME.sub(blanked, text)


def _without_trailing_commas(text: str) -> str:
    def blanked(match: re.Match[str]) -> str:
        if match[0] != ",":
            return match[0]
        place = match.start() - 1
        while place >= 0 and text[place] in _WHITE:
            place -= 1
        # A comma without an item before it is not a trailing one; the parser then reports it.
        return "," if place < 0 or text[place] in "{[," else " "

    return _COMMA_AT_THE_END.sub(blanked, text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise Malformed(error.lineno, error.colno) from None
    except (ValueError, RecursionError):
        raise Malformed from None


def _refuse(constant: str) -> Any:
    # Only Python reads NaN and Infinity.
    raise ValueError(constant)
