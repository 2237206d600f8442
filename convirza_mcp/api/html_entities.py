"""Characters that arrive as HTML: some systems store a message escaped, `Sean O&#39;Brien`."""

import re
from typing import Any

_TEXT_FIELDS = ("message", "source_name", "agent", "source")

# Only what ends with a semicolon: "AT&T", "R&D" and "?a=1&copy=2" are what they say.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});")


def with_characters(row: Any) -> Any:
    """Return an API row with the entities in its texts decoded, once: `&amp;lt;` is how somebody's `&lt;` arrives.

    What is decoded here is cleaned afterwards like anything else, control and direction characters included.
    """
    if not isinstance(row, dict):
        return row
    decoded = {
        name: _ENTITY.sub(_character, text)
        for name in _TEXT_FIELDS
        if isinstance(text := row.get(name), str) and "&" in text
    }
    return row | decoded if decoded else row


def _character(entity: re.Match[str]) -> str:
    # Imported by the first entity: its table of names is large, and most inboxes have none.
    from html import unescape
    from html.entities import name2codepoint

    name = entity[0][1:-1]
    return unescape(entity[0]) if name[0] == "#" or name == "apos" or name in name2codepoint else entity[0]
