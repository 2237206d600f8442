"""What of a configuration file may be shown: a change without what else is kept there, a name without its tricks."""

import difflib
import json
from collections.abc import Collection

from convirza_mcp.setup.clients.jsonc.document import Document
from convirza_mcp.setup.clients.known import Client

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


def name(text: str, most: int = 40) -> str:
    """Of a name or a folder that somebody else chose, what is fit to show."""
    return "".join(character for character in text if character.isprintable())[:most]


def _hidden(text: str, client: Client, shown: Collection[str]) -> str:
    pieces, place = [], 0
    for start, end, is_key in Document(text, comments=client.comments).strings():
        if not is_key and json.loads(text[start:end]) not in shown:
            pieces += [text[place:start], _HIDDEN]
            place = end
    return "".join([*pieces, text[place:]])
