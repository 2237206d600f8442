"""`convirza-mcp search`: who said what, in the latest messages, for a terminal or a script."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.documents import coverage_document, window_document
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.printing import console, print_json
from convirza_mcp.cli.progress import page_progress
from convirza_mcp.cli.tables import HEADINGS, as_cells, conversation_table
from convirza_mcp.config import Settings
from convirza_mcp.inbox import records
from convirza_mcp.tools.context import open_context
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.search_sms_messages import Search, SearchArguments, SearchScope, note_on_nothing, search

_HIT = "bold black on yellow"


@click.command("search")
@click.argument("words", metavar="QUERY...", nargs=-1, required=True)
@tool_options(SearchScope)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(words: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Search the latest messages, the contacts' names and the numbers.

    All words must occur. A "quoted phrase" is exact; for a shell, put it into single quotes: '"call me back"'.
    """
    arguments = read_arguments(SearchArguments, {"query": " ".join(words), **given})
    done = anyio.run(_ask, arguments, Settings.from_environment())
    if as_json:
        print_json(_document(done))
    else:
        _print(console(), done)


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


def _print(out: Console, done: Search) -> None:
    window, coverage = done.inbox.window, done.inbox.coverage
    if done.matches:
        out.print(_table(done))
    else:
        out.print(Text(note_on_nothing(done)), soft_wrap=True)
    more = "" if len(done.shown) == len(done.matches) else f" · --limit {done.arguments.limit} leaves out the oldest"
    gap = "" if coverage.gap is None else f" · incomplete: {coverage.gap}"
    read = f"{coverage.read} conversations read"
    summary = f"{len(done.shown)} of {len(done.matches)} · {read} · {done.arguments.type} · {window}{more}{gap}"
    out.print(Text(summary, style="dim"), soft_wrap=True)


def _table(done: Search) -> Table:
    table = conversation_table(HEADINGS.values())
    conversations = [each.conversation for each in done.shown]
    with_year = records.needs_years(done.inbox.window, conversations)
    for conversation in conversations:
        cut = replace(conversation, message=done.query.snippet(conversation.message))
        cells = as_cells(records.compact_row(cut, done.inbox.window, with_year=with_year))
        shown = dict(zip(records.COMPACT_COLUMNS, cells, strict=True))
        for column in ("message", "source_name"):
            for first, after in done.query.hits(shown[column].plain):
                shown[column].stylize(_HIT, first, after)
        if done.query.is_number(conversation.source):
            shown["source"].stylize(_HIT)
        table.add_row(*cells)
    return table
