"""`convirza-mcp get`: one conversation in full, for a terminal or a script."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.documents import window_document
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.printing import console, print_json
from convirza_mcp.cli.progress import page_progress
from convirza_mcp.cli.tables import HEADINGS, as_cells, conversation_table
from convirza_mcp.config import Settings
from convirza_mcp.inbox import records
from convirza_mcp.tools.context import open_context
from convirza_mcp.tools.get_sms_conversation import (
    GetArguments,
    OpenedConversation,
    OpenedWindow,
    open_conversation,
)
from convirza_mcp.tools.schema import read_arguments

_INDENT = 24


@click.command("get")
@click.argument("conversation_id")
@tool_options(OpenedWindow)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(conversation_id: str, as_json: bool, **given: Any) -> None:
    """Show one conversation in full, and its contact's others."""
    arguments = read_arguments(GetArguments, {"conversation_id": conversation_id, **given})
    opened = anyio.run(_ask, arguments, Settings.from_environment())
    if as_json:
        print_json(_document(opened))
    else:
        _print(console(), opened)


async def _ask(arguments: GetArguments, settings: Settings) -> OpenedConversation:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        with page_progress() as progress:
            return await open_conversation(arguments, replace(context, progress=progress))


def _document(opened: OpenedConversation) -> dict[str, Any]:
    window = opened.window
    others = None
    if opened.others is not None:
        others = [records.keyed_record(each.conversation, window) | {"closed": each.closed} for each in opened.others]
    return {
        "window": window_document(window),
        "as_of": window.local(opened.as_of).isoformat(timespec="seconds"),
        "requests": opened.requests,
        "view": opened.view,
        "notes": opened.notes,
        "conversation": records.keyed_record(opened.conversation, window) | {"closed": opened.closed},
        "others": others,
    }


def _print(out: Console, opened: OpenedConversation) -> None:
    window = opened.window
    for name, value in records.keyed_record(opened.conversation, window).items():
        shown = "–" if value is None else str(value).replace("\n", "\n" + " " * _INDENT)
        # As Text: a message that looks like the library's own markup stays a message.
        out.print(Text.assemble((f"{name:<{_INDENT - 2}}  ", "bold"), shown), soft_wrap=True)
    if opened.others:
        out.print()
        out.print(_others(opened))
    state = "closed" if opened.closed else "open"
    others = "" if opened.others is None else f" · {len(opened.others)} others of this contact"
    out.print()
    out.print(Text(f"{state}{others} · {window} · {opened.requests} requests", style="dim"), soft_wrap=True)
    for note in opened.notes:
        out.print(Text(note, style="dim"), soft_wrap=True)


def _others(opened: OpenedConversation) -> Table:
    shown = ("conversation_id", "conversation_updated", "state", "unread_count", "agent", "message")
    table = conversation_table((HEADINGS | {"state": "State"})[name] for name in shown)
    others = opened.others or ()
    with_year = records.needs_years(opened.window, [each.conversation for each in others])
    for each in others:
        row = records.compact_row(each.conversation, opened.window, with_year=with_year)
        values = dict(zip(records.COMPACT_COLUMNS, row, strict=True)) | {"state": "closed" if each.closed else "open"}
        table.add_row(*as_cells(values[name] for name in shown))
    return table
