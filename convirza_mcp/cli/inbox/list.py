"""`convirza-mcp list`: one page of the inbox, for a terminal or a script."""

from typing import Any

import anyio
import click
from rich.console import Console

from convirza_mcp.accounts.account import open_context
from convirza_mcp.answers import records
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import IN_COMMANDS, tool_options
from convirza_mcp.cli.render.console import console, print_json, print_record, say, say_privacy
from convirza_mcp.cli.render.documents import window_document
from convirza_mcp.cli.render.tables import as_cells, conversations, with_unread_marked
from convirza_mcp.settings import Settings
from convirza_mcp.tools.list_sms_conversations import (
    ListArguments,
    ListedPage,
    list_page,
    note_on_nothing,
    unreadable,
)
from convirza_mcp.tools.schema import read_arguments


@click.command("list")
@tool_options(ListArguments)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(as_json: bool, **given: Any) -> None:
    """List one page of the inbox, newest first."""
    arguments = read_arguments(ListArguments, given)
    settings = settings_of_command()
    listed = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(listed) | privacy_part(settings.privacy))
        return
    out = console()
    _print(out, listed, full=arguments.detail == "full")
    say_privacy(out, settings.privacy)


async def _ask(arguments: ListArguments, settings: Settings) -> ListedPage:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        return await list_page(arguments, context)


def _document(listed: ListedPage) -> dict[str, Any]:
    window = listed.window
    return {
        "type": listed.query.type,
        "window": window_document(window) | {"api_default": window.is_api_default},
        "order": listed.query.order,
        "total": listed.page.total,
        "offset": listed.query.offset,
        "next_offset": listed.next_offset(),
        "unreadable": dict(listed.page.unreadable),
        "dropped": len(listed.page.dropped),
        "conversations": [records.keyed_record(each, window) for each in listed.page.conversations],
    }


def _print(out: Console, listed: ListedPage, *, full: bool) -> None:
    page, window = listed.page, listed.window
    if full:
        for each in page.conversations:
            print_record(out, records.keyed_record(each, window))
            out.print()
    elif page.conversations:
        with_year = records.needs_years(window, page.conversations)
        rows = [records.compact_row(each, window, with_year=with_year) for each in page.conversations]
        cells = [with_unread_marked(as_cells(records.COMPACT_COLUMNS, row)) for row in rows]
        out.print(conversations(records.COMPACT_COLUMNS, cells, out.width))
    say(out, _summary(listed))
    if not page.received:
        say(out, note_on_nothing(listed, IN_COMMANDS), "")
    if page.unreadable or page.dropped:
        say(out, unreadable(page), "yellow")


def _summary(listed: ListedPage) -> str:
    total = "an unknown number" if listed.page.total is None else str(listed.page.total)
    shown = len(listed.page.conversations)
    following = listed.next_offset()
    more = "" if following is None else f" · next page: --offset {following}"
    return f"{shown} of {total} · {listed.query.type} · {listed.window}{more}"
