"""Redacted diffs and sanitized names for printing."""

import json
import re
from collections.abc import Collection
from difflib import unified_diff
from typing import Any

from convirza_mcp.setup.clients.jsonc import STRING_OR_COMMENT, Document

_COLON = re.compile(r"\s*:")


def redacted_diff(before: Document, after: Document, shown: Collection[str]) -> str:
    """Return the line diff. Of all values, only the strings in `shown` are shown; others may be secret."""
    old, new = (_hidden(each.text, shown).splitlines() for each in (before, after))
    return "\n".join(unified_diff(old, new, "before", "after", n=1, lineterm=""))


def strings_in(value: Any) -> set[str]:
    """Return the strings of a JSON value, except keys."""
    match value:
        case str():
            return {value}
        case dict() | list():
            parts = value.values() if isinstance(value, dict) else value
            return set().union(*map(strings_in, parts))
        case _:
            return set()


def display_name(text: str, most: int = 40) -> str:
    """Return a foreign name or folder, cleaned and cut for display."""
    return "".join(character for character in text if character.isprintable())[:most]


def _hidden(text: str, shown: Collection[str]) -> str:
    def hidden(match: re.Match[str]) -> str:
        is_value = match[0].startswith('"') and not _COLON.match(text, match.end())
        return '"…"' if is_value and json.loads(match[0]) not in shown else match[0]

    return STRING_OR_COMMENT.sub(hidden, text)
