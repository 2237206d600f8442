"""JSON, also with comments and trailing commas, edited in place: unchanged parts stay the same, byte for byte."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

_WHITE = " \t\r\n"
_STRING = r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
BOM = "\ufeff"
STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=[{_WHITE}]*[}}\]])")
_INDENTED_KEY = re.compile(r'\n([ \t]+)"')
_DECODER = json.JSONDecoder()


class Item(NamedTuple):
    """Positions of a member of an object, or of an array's element, whose `start` is its value's."""

    start: int
    value: int
    end: int


class Container(NamedTuple):
    """Positions of an object's or array's brackets, and its items by key or index."""

    opening: int
    closing: int
    items: dict[str | int, Item]


class Document:
    """A JSON text. With `comments`, comments and trailing commas are allowed.

    Raises:
        json.JSONDecodeError: it is not valid JSON of that kind.
    """

    def __init__(self, text: str, *, comments: bool) -> None:
        self.text = text
        self._comments = comments
        # Comments and trailing commas become spaces, so that positions agree.
        self._bare = STRING_OR_COMMENT.sub(_blank_unless_string, text) if comments else text
        self._plain = _STRING_OR_TRAILING_COMMA.sub(_blank_unless_string, self._bare) if comments else text
        if text.startswith(BOM):
            self._plain = f" {self._plain[1:]}"
        self.is_blank = not self._plain.strip(_WHITE)
        """It has only white space and comments."""
        self.value: Any = None if self.is_blank else json.loads(self._plain)

    def edited(self, text: str) -> "Document":
        """Return the document for an edited text."""
        return Document(text, comments=self._comments)

    def container(self, path: Sequence[str]) -> Container:
        """Return the object or array at `path`; an empty path is the whole document."""
        container = self._container(self._skip_white(self._plain, 0))
        for key in path:
            container = self._container(container.items[key].value)
        return container

    def with_value(self, path: Sequence[str], key: str | int, value: Any) -> "Document":
        """Return the document with the value under `key` of the container at `path`.

        A new item comes first in its container. An index that does not exist makes a new item.
        """
        container = self.container(path)
        item = container.items.get(key)
        if item is None:
            return self._with_item(container, key, value)
        if _DECODER.raw_decode(self._plain, item.value)[0] == value:
            return self
        is_on_own_line = self.text[: item.start].rstrip(" \t").endswith("\n")
        rendered = self._rendered(value, self._line_indentation(item.start) if is_on_own_line else None)
        return self.edited(self.text[: item.value] + rendered + self.text[item.end :])

    def without(self, path: Sequence[str], key: str | int) -> "Document":
        """Return the document without the item, its comma, and all containers that are empty then."""
        text, container = self.text, self.container(path)
        opening, closing, item = container.opening, container.closing, container.items[key]
        if not (text[opening + 1 : item.start] + text[item.end : closing]).strip(f"{_WHITE},"):
            return self.without(path[:-1], path[-1]) if path else self.edited(text[: opening + 1] + text[closing:])
        before, after, comma = text[: item.start], text[item.end :], self._skip_white(self._bare, item.end)
        if self._bare[comma] == ",":
            after = text[comma + 1 :]
        elif (separator := self._bare.rfind(",", opening, item.start)) >= 0:
            before = before[:separator] + before[separator + 1 :]
        is_first = len(before.rstrip(_WHITE)) == opening + 1
        # Without a line break after the item, keep the one before it, which may end a line comment.
        white = _WHITE if is_first or after.startswith(("\n", "\r\n")) else " \t"
        return self.edited(before.rstrip(white) + after)

    def _container(self, opening: int) -> Container:
        plain = self._plain
        items: dict[str | int, Item] = {}
        place = self._skip_white(plain, opening + 1)
        while plain[place] not in "}]":
            start = place
            key: str | int = len(items)
            if plain[opening] == "{":
                key, colon = _DECODER.raw_decode(plain, start)
                place = self._skip_white(plain, self._skip_white(plain, colon) + 1)
            _, end = _DECODER.raw_decode(plain, place)
            items[key] = Item(start, place, end)
            place = self._skip_white(plain, end)
            if plain[place] == ",":
                place = self._skip_white(plain, place + 1)
        return Container(opening, place, items)

    def _with_item(self, container: Container, key: str | int, value: Any) -> "Document":
        text, opening, closing = self.text, container.opening, container.closing
        inside = text[opening + 1 : closing]
        outer = self._line_indentation(opening)
        is_empty = not inside.strip(_WHITE)
        indent = None
        if is_empty or "\n" in inside:
            first = next(iter(container.items.values()), None)
            is_on_own_line = first is not None and "\n" in text[opening : first.start]
            indent = self._line_indentation(first.start) if first and is_on_own_line else outer + self._unit
        item = self._rendered(value, indent)
        if isinstance(key, str):
            item = f"{json.dumps(key)}: {item}"
        if container.items:
            item += ","
        if indent is not None:
            item = f"{self._newline}{indent}{item}"
        rest = f"{self._newline}{outer}{text[closing:]}" if is_empty else text[opening + 1 :]
        return self.edited(text[: opening + 1] + item + rest)

    def _rendered(self, value: Any, indent: str | None) -> str:
        if indent is None:
            return json.dumps(value, ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False, indent=self._unit).replace("\n", self._newline + indent)

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def _unit(self) -> str:
        """Indentation of one level."""
        first = _INDENTED_KEY.search(self.text)
        return "  " if first is None else first[1]

    def _line_indentation(self, place: int) -> str:
        line = self.text[self.text.rfind("\n", 0, place) + 1 : place]
        return line[: len(line) - len(line.lstrip(" \t"))]

    @staticmethod
    def _skip_white(text: str, place: int) -> int:
        while text[place] in _WHITE:
            place += 1
        return place


def _blank_unless_string(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else re.sub(r"[^\r\n]", " ", match[0])
