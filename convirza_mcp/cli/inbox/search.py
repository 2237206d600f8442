"""`convirza-mcp search`: who said what, in the latest messages, for a terminal or a script."""

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
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.search_sms_messages import Search, SearchArguments, SearchScope, note_on_nothing, search

_HIT = "bold black on yellow"


@click.command("search", short_help="Search the latest messages, names and numbers.")
@click.argument("query", metavar="QUERY...", nargs=-1, required=True)
@tool_options(SearchScope)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(query: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Search the latest messages, the contacts' names and the numbers.

    All words must occur. A "quoted phrase" is exact; for a shell, put it into single quotes: '"call me back"'.
    """
    arguments = read_arguments(SearchArguments, {"query": " ".join(query), **given})
    settings = settings_of_command()
    done = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(done) | privacy_part(settings.privacy))
    else:
        _print(console(), done, settings)


async def _ask(arguments: SearchArguments, settings: Settings) -> Search:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        with page_progress() as progress:
            return await search(arguments, replace(context, progress=progress))


def _document(done: Search) -> dict[str, Any]:
    window, coverage = done.inbox.window, done.inbox.coverage
    return {
        "type": done.arguments.type,
        "window": window_document(window),
        "matches": len(done.matches),
        "left_out": len(done.matches) - len(done.shown),
        "coverage": coverage_document(coverage, window),
        "conversations": [
            records.keyed_record(each.conversation, window) | {"closed": each.closed} for each in done.shown
        ],
    }


def _print(out: Console, done: Search, settings: Settings) -> None:
    window, coverage = done.inbox.window, done.inbox.coverage
    if done.matches:
        out.print(conversations(records.COMPACT_COLUMNS, _rows(done), out.width))
    else:
        say(out, note_on_nothing(done, IN_COMMANDS), "")
    more = "" if len(done.shown) == len(done.matches) else f" · --limit {done.arguments.limit} leaves out the oldest"
    read = f"{coverage.read} conversations read"
    say(out, f"{len(done.shown)} of {len(done.matches)} · {read} · {done.arguments.type} · {window}{more}")
    say_incomplete(out, None if coverage.gap is None else str(coverage.gap))
    say_unreadable(out, coverage.unreadable_counts)
    say_privacy(out, settings.privacy)


def _rows(done: Search) -> list[dict[str, Text | None]]:
    shown = [each.conversation for each in done.shown]
    with_year = records.needs_years(done.inbox.window, shown)
    rows: list[dict[str, Text | None]] = []
    for conversation in shown:
        cut = replace(conversation, message=done.query.snippet(conversation.message))
        row = records.compact_row(cut, done.inbox.window, with_year=with_year)
        cells = with_unread_marked(as_cells(records.COMPACT_COLUMNS, row))
        for cell in filter(None, (cells["message"], cells["source_name"])):
            for first, after in done.query.hits(cell.plain):
                cell.stylize(_HIT, first, after)
        number = cells["source"]
        if number is not None and done.query.is_number(conversation.source):
            number.stylize(_HIT)
        rows.append(cells)
    return rows
