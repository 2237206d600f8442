"""`convirza-mcp get`: one conversation in full, for a terminal or a script."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.accounts.account import open_context
from convirza_mcp.answers import records
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.render.console import console, print_json, print_record, say, say_privacy, say_unreadable
from convirza_mcp.cli.render.documents import window_document
from convirza_mcp.cli.render.progress import page_progress
from convirza_mcp.cli.render.tables import as_cells, conversations, with_unread_marked
from convirza_mcp.settings import Settings
from convirza_mcp.tools.get_sms_conversation import (
    GetArguments,
    OpenedConversation,
    OpenedWindow,
    open_conversation,
)
from convirza_mcp.tools.schema import read_arguments

_OF_OTHERS = ("conversation_id", "conversation_updated", "state", "unread_count", "agent", "message")


@click.command("get")
@click.argument("conversation_id")
@tool_options(OpenedWindow)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(conversation_id: str, as_json: bool, **given: Any) -> None:
    """Show one conversation in full, and its contact's others."""
    arguments = read_arguments(GetArguments, {"conversation_id": conversation_id, **given})
    settings = settings_of_command()
    opened = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(opened) | privacy_part(settings.privacy))
    else:
        _print(console(), opened, settings)


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
        "unreadable": opened.unreadable,
        "conversation": records.keyed_record(opened.conversation, window) | {"closed": opened.closed},
        "others": others,
    }


def _print(out: Console, opened: OpenedConversation, settings: Settings) -> None:
    window = opened.window
    print_record(out, records.keyed_record(opened.conversation, window))
    out.print()
    if opened.others:
        shown = conversations(_OF_OTHERS, _others(opened), out.width)
        out.print(shown)
        if isinstance(shown, Table):
            out.print()
    state = "closed" if opened.closed else "open"
    others = "" if opened.others is None else f" · {len(opened.others)} others of this contact"
    say(out, f"{state}{others} · {window} · {opened.requests} requests")
    say_unreadable(out, opened.unreadable)
    for note in opened.notes:
        say(out, note)
    say_privacy(out, settings.privacy)


def _others(opened: OpenedConversation) -> list[dict[str, Text | None]]:
    others = opened.others or ()
    with_year = records.needs_years(opened.window, [each.conversation for each in others])
    rows: list[dict[str, Text | None]] = []
    for each in others:
        row = records.compact_row(each.conversation, opened.window, with_year=with_year)
        cells = with_unread_marked(as_cells(records.COMPACT_COLUMNS, row))
        rows.append(cells | {"state": Text("closed" if each.closed else "open")})
    return rows
