"""One entry in and out of the text of a configuration."""

from typing import Any

from convirza_mcp.setup.clients import edit
from convirza_mcp.setup.clients.edit import read_document
from convirza_mcp.setup.clients.entry import Entry
from convirza_mcp.setup.clients.known import CLIENTS, Client

DESKTOP, CODE, CURSOR, VSCODE = (CLIENTS[each] for each in ("claude-desktop", "claude-code", "cursor", "vscode"))
ENTRY = Entry("convirza", "/opt/convirza-mcp", ("serve",), {"CONVIRZA_TIMEZONE": "America/Denver"})
PLAIN = Entry("convirza", "/opt/convirza-mcp", ("serve",))
ASKING = Entry("convirza", "/opt/convirza-mcp", ("serve",), asks_for_token=True)


def with_entry(text: str, client: Client, entry: Entry) -> str:
    return edit.with_entry(read_document(text, client), client, entry).text


def without_entry(text: str, client: Client, name: str) -> str:
    return edit.without_entry(read_document(text, client), client, name).text


def entry_in(text: str, client: Client, name: str) -> dict[str, Any] | None:
    return edit.entry_in(read_document(text, client), client, name)
