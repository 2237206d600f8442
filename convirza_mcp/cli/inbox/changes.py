"""`convirza-mcp changes`: what is new since a moment or a cursor, for a person, or for a script that polls."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console
from rich.text import Text

from convirza_mcp.accounts.account import open_context
from convirza_mcp.answers import records
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import IN_COMMANDS, tool_options
from convirza_mcp.cli.render.console import console, print_json, say, say_incomplete, say_privacy, say_unreadable
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.progress import page_progress
from convirza_mcp.cli.render.tables import as_cells, conversations, with_unread_marked
from convirza_mcp.settings import Settings
from convirza_mcp.tools.list_sms_changes import (
    CANNOT_SEE,
    COLUMNS,
    ChangesArguments,
    ListedChanges,
    list_changes,
    shown_window,
    state_of,
)
from convirza_mcp.tools.schema import read_arguments


@click.command("changes", short_help="List what has changed since a moment or a cursor.")
@tool_options(ChangesArguments)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """List what has changed, oldest change first; the cursor to go on from is the last line.

    Exits with 1 where not all changes could be read: then none is shown, and the cursor stays where it was.
    """
    arguments = read_arguments(ChangesArguments, given)
    settings = settings_of_command()
    listed = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(listed) | privacy_part(settings.privacy))
    else:
        _print(console(), listed, settings)
    if not listed.changes.is_sure:
        ctx.exit(1)


async def _ask(arguments: ChangesArguments, settings: Settings) -> ListedChanges:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        with page_progress() as progress:
            return await list_changes(arguments, replace(context, progress=progress))


def _document(listed: ListedChanges) -> dict[str, Any]:
    changes, window, shown = listed.changes, listed.changes.window, listed.shown
    return {
        "type": listed.type,
        "since": str(changes.since),
        "window": window_document(window),
        "cursor": str(listed.cursor(len(shown))),
        "more": listed.has_more(len(shown)),
        "changes": listed.count,
        "undated": listed.undated,
        "ahead": changes.ahead,
        "coverage": coverage_document(changes.coverage, window) | {"reason": listed.reason()},
        "cannot_see": CANNOT_SEE,
        "note": listed.note(),
        "conversations": [
            records.keyed_record(each.conversation, window) | {"state": state_of(each)} for each in shown
        ],
    }


def _print(out: Console, listed: ListedChanges, settings: Settings) -> None:
    shown = len(listed.shown)
    if shown:
        out.print(conversations(COLUMNS, _rows(listed), out.width))
    count = "an unknown number of" if listed.count is None else f"{listed.count:,}"
    window = listed.changes.window
    since = f"since {window.local(listed.changes.since.moment):%Y-%m-%d %H:%M}"
    say(out, f"{shown} of {count} changes · {listed.type} · {since} · looked at {window}")
    say_incomplete(out, listed.reason(IN_COMMANDS))
    say_unreadable(out, listed.changes.coverage.unreadable_counts)
    if listed.undated:
        say(out, f"{listed.undated} conversations read have no time of change")
    if (note := listed.note(IN_COMMANDS)) is not None:
        say(out, note)
    say_privacy(out, settings.privacy)
    more = "more follow" if listed.has_more(shown) else "no more"
    # Never broken: it is there to be copied.
    out.print(f"{more} · --since {listed.cursor(shown)}", soft_wrap=True)


def _rows(listed: ListedChanges) -> list[dict[str, Text | None]]:
    window = shown_window(listed)
    with_year = records.needs_years(window, [each.conversation for each in listed.shown])
    rows = [
        [*records.compact_row(each.conversation, window, with_year=with_year), state_of(each)] for each in listed.shown
    ]
    return [with_unread_marked(as_cells(COLUMNS, row)) for row in rows]
