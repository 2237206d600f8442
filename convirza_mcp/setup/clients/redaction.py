"""Redacted diffs and sanitized names for printing."""

import difflib
import json
from collections.abc import Collection

from convirza_mcp.setup.clients.jsonc.document import Document

_HIDDEN = '"…"'


def redacted_diff(before: Document, after: Document, shown: Collection[str]) -> str:
    """Return the line diff. Only the strings in `shown` are shown; all others may be secret."""
    lines = difflib.unified_diff(
        _hidden(before, shown).splitlines(),
        _hidden(after, shown).splitlines(),
        "before",
        "after",
        n=1,
        lineterm="",
    )
    return "\n".join(lines)


def display_name(text: str, most: int = 40) -> str:
    """Return a foreign name or folder, cleaned and cut for display."""
    return "".join(character for character in text if character.isprintable())[:most]


def _hidden(document: Document, shown: Collection[str]) -> str:
    pieces, place, text = [], 0, document.text
    for start, end, is_key in document.strings():
        if not is_key and json.loads(text[start:end]) not in shown:
            pieces += [text[place:start], _HIDDEN]
            place = end
    return "".join([*pieces, text[place:]])
