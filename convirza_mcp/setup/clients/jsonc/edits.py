"""Insert one item into a JSON text, or remove it, as a person would; everything else stays the same.

The two are inverse, byte for byte, except for white space in otherwise empty brackets.
"""

import json
from typing import Any

from convirza_mcp.setup.clients.jsonc.document import UNIT, Container, Document, Item

_WHITE = " \t\r\n"


def with_item(document: Document, container: Container, key: str | None, value: Any) -> str:
    """Return the text with a new last item; `key` is None in an array."""
    text, items = document.text, container.items
    if not items:
        return _with_first_item(document, container, key, value)
    last = items[-1]
    indent = _items_indent(document, container)
    trailing = document.comma_after(last, container)
    # After a comment of the previous item.
    place = document.content_end(container.closing)
    item = _item(key, value, indent, document) + ("" if trailing is None else ",")
    before = " " if indent is None else document.newline + indent
    comma = "," if trailing is None else ""
    return text[: last.end] + comma + text[last.end : place] + before + item + text[place:]


def with_value(document: Document, item: Item, value: Any) -> str:
    """Return the text with an item's value replaced."""
    text = document.text
    on_its_own_line = text[: item.start].rstrip(" \t").endswith("\n")
    indent = document.line_indent(item.start) if on_its_own_line else None
    return text[: item.value] + _rendered(value, indent, document) + text[item.end :]


def without_item(document: Document, container: Container, item: Item) -> str:
    """Return the text without an item and its comma."""
    text = document.text
    start = document.content_end(item.start)
    comma = document.comma_after(item, container)
    rest = text[item.end :] if comma is None else text[item.end : comma] + text[comma + 1 :]
    if document.is_in_line_comment(start) and not rest.startswith(("\n", "\r\n")):
        # The following text must not become part of the comment.
        start = item.start
    head = text[:start]
    if comma is None:
        place = container.items.index(item)
        if place > 0:
            before = document.comma_after(container.items[place - 1], container)
            assert before is not None  # noqa: S101 - there is a comma between two items
            head = text[:before] + text[before + 1 : start]
    if len(container.items) == 1:
        closing = len(head) + len(rest) - (len(text) - container.closing)
        whole = head + rest
        if not whole[container.opening + 1 : closing].strip(_WHITE):
            return whole[: container.opening + 1] + whole[closing:]
    return head + rest


def _with_first_item(document: Document, container: Container, key: str | None, value: Any) -> str:
    text, opening, closing = document.text, container.opening, container.closing
    inside = text[opening + 1 : closing]
    outer = document.line_indent(opening)
    if not inside.strip(_WHITE):
        item = _item(key, value, outer + document.unit, document)
        newline = document.newline
        return f"{text[: opening + 1]}{newline}{outer}{document.unit}{item}{newline}{outer}{text[closing:]}"
    indent = outer + document.unit if "\n" in inside else None
    before = " " if indent is None else document.newline + indent
    place = document.content_end(closing)
    return text[:place] + before + _item(key, value, indent, document) + text[place:]


def _items_indent(document: Document, container: Container) -> str | None:
    """Return the items' indentation; None if they are on one line."""
    text, first, last = document.text, container.items[0], container.items[-1]
    if "\n" in text[container.opening : first.start]:
        return document.line_indent(first.start)
    if "\n" in text[last.end : container.closing]:
        return document.line_indent(container.opening) + document.unit
    return None


def _item(key: str | None, value: Any, indent: str | None, document: Document) -> str:
    text = _rendered(value, indent, document)
    return text if key is None else f"{json.dumps(key)}: {text}"


def _rendered(value: Any, indent: str | None, document: Document) -> str:
    return (
        json.dumps(value, ensure_ascii=False)
        if indent is None
        else render_json(value, indent, document.newline, document.unit)
    )


def render_json(value: Any, indent: str = "", newline: str = "\n", unit: str = UNIT) -> str:
    """Return JSON over several lines, but lists of plain values on one line."""
    inner = indent + unit
    match value:
        case dict() if value:
            parts = [f"{json.dumps(key)}: {render_json(each, inner, newline, unit)}" for key, each in value.items()]
            brackets = "{}"
        case list() if any(isinstance(each, dict | list) for each in value):
            parts = [render_json(each, inner, newline, unit) for each in value]
            brackets = "[]"
        case _:
            return json.dumps(value, ensure_ascii=False)
    joined = f",{newline}".join(inner + part for part in parts)
    return f"{brackets[0]}{newline}{joined}{newline}{indent}{brackets[1]}"
