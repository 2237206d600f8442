"""A change to a configuration file as something to show: without what else is kept in it."""

import difflib
import json
from collections.abc import Collection

from convirza_mcp.clients.client import Client
from convirza_mcp.clients.jsonc import Document

_HIDDEN = '"…"'


def change(before: str, after: str, client: Client, shown: Collection[str]) -> str:
    """The difference line by line. Of all texts only those in `shown` are shown: others' keys are among the rest."""
    lines = difflib.unified_diff(
        _hidden(before, client, shown).splitlines(),
        _hidden(after, client, shown).splitlines(),
        "before",
        "after",
        n=1,
        lineterm="",
    )
    return "\n".join(lines)


def _hidden(text: str, client: Client, shown: Collection[str]) -> str:
    pieces, place = [], 0
    for start, end, is_key in Document(text, comments=client.comments).strings():
        if not is_key and json.loads(text[start:end]) not in shown:
            pieces += [text[place:start], _HIDDEN]
            place = end
    return "".join([*pieces, text[place:]])
