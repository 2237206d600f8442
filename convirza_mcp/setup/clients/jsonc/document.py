"""JSON, and JSON with comments and trailing commas, with the place of everything in it.

Nothing here formats a document anew: what is not changed stays as it is, byte for byte.
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
"""Where a file has no lines to go by."""


class Malformed(ValueError):
    """The text is not the JSON that was asked for; `line` and `column` count from 1, and are 0 where nobody knows."""

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
    """An object or array: the places of its brackets, and its items in order."""

    opening: int
    closing: int
    items: tuple[Item, ...]

    def members(self, key: str) -> list[Item]:
        return [item for item in self.items if item.key == key]


class Document:
    """A JSON text. With `comments`, comments and trailing commas are allowed.

    Raises:
        Malformed: it is no valid JSON of that kind.
    """

    def __init__(self, text: str, *, comments: bool) -> None:
        self.text = text
        self._comments = comments
        # Of the same length each, so that a place in one is the same place in the others.
        self._bare = _without_comments(text) if comments else text
        self._plain = _without_trailing_commas(self._bare) if comments else text
        if self._plain.startswith(BOM):
            self._plain = " " + self._plain[1:]
        self.value: Any = _parsed(self._plain) if self._plain.strip(_WHITE) else None

    def edited(self, text: str) -> "Document":
        """Return the document of a text that an edit has made of this one."""
        return Document(text, comments=self._comments)

    @property
    def is_blank(self) -> bool:
        """Nothing in it but white space and comments."""
        return not self._plain.strip(_WHITE)

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def unit(self) -> str:
        """What a level of depth adds to the white space before an item on a line of its own."""
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
        """The outermost object or array; only where `value` is one."""
        return self.container(len(self._plain) - len(self._plain.lstrip(_WHITE)))

    def container(self, opening: int) -> Container:
        """The object or array whose bracket is at `opening`."""
        has_keys = self._plain[opening] == "{"
        items: list[Item] = []
        place = self._skip_white(opening + 1)
        while self._plain[place] not in "}]":
            start, key = place, None
            if has_keys:
                key, after = _DECODER.raw_decode(self._plain, start)
                # Behind the colon.
                place = self._skip_white(self._skip_white(after) + 1)
            # The decoder, rather than an expression of ours: a client's file may have megabytes in one member.
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
        """Where the comma after an item stands, be it a trailing one; None where there is none."""
        place = self._bare.find(",", item.end, container.closing)
        return None if place < 0 else place

    def is_in_line_comment(self, place: int) -> bool:
        """Whether what would stand at `place` would belong to a comment that only the line's end ends."""
        return any(start < place <= end for start, end in self._line_comments)

    def content_end(self, place: int) -> int:
        """Where the last thing before `place` ends, be it a comment: only white space lies between."""
        end = len(self.text[:place].rstrip(_WHITE))
        # A comment that the line's end ends has the spaces before that as well.
        return next((stop for start, stop in self._line_comments if start < end <= stop), end)

    def line_indent(self, place: int) -> str:
        """The white space at the beginning of the line that `place` is in."""
        start = self.text.rfind("\n", 0, place) + 1
        line = self.text[start:place]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def strings(self) -> list[tuple[int, int, bool]]:
        """Start, end and whether it is a key, of every string."""
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
        # A comma with nothing before it is no trailing one; the parser then says so.
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
    # Python reads NaN and Infinity; nobody else does.
    raise ValueError(constant)
