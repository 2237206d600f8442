"""`convirza-mcp search`: search the latest messages, in a terminal or for a script."""

from typing import Any

import click
from rich.console import Console
from rich.text import Text

from convirza_mcp.answers import records
from convirza_mcp.answers.hints import plural
from convirza_mcp.answers.records import COMPACT_MESSAGE_LENGTH
from convirza_mcp.answers.row_budget import Lengths
from convirza_mcp.answers.rows import SEARCH_COLUMNS, facts, search_row
from convirza_mcp.cli.options import after_option, json_option, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.console import print_remarks, say
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.tables import as_cells, conversations
from convirza_mcp.questions.search import SearchResult
from convirza_mcp.scan.results import Seen
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.search_sms_messages import SearchArguments, find

_HIT = "bold black on yellow"


@click.command("search", short_help="Search the latest messages, names and numbers.")
@click.argument("query", nargs=-1)
@tool_options(SearchArguments, without="query")
@json_option
def command(query: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Search the latest messages, the contacts' names and the numbers.

    All words must occur; without any, everything in the window is listed. A "quoted phrase" is exact; for a shell, put
    it into single quotes: '"call me back"'.
    """
    arguments = read_arguments(SearchArguments, {"query": " ".join(query), **given})
    run_question(find, arguments, _document, _show, as_json=as_json)


def _document(found: SearchResult, arguments: SearchArguments) -> dict[str, Any]:
    window, shown = found.window, found.rows[: arguments.limit]
    return {
        "type": arguments.type,
        **found.narrowing.document(),
        "window": window_document(window),
        "matches": found.matches,
        "left_out": len(found.rows) - len(shown),
        "coverage": coverage_document(found.coverage, window),
        "conversations": [
            records.keyed_record(each.conversation, window)
            | {"closed": each.closed, "reasons": facts(each, window, with_year=True)}
            for each in shown
        ],
    }


def _show(out: Console, found: SearchResult, arguments: SearchArguments) -> None:
    shown = found.rows[: arguments.limit]
    if shown:
        out.print(conversations(SEARCH_COLUMNS, _cells(found, shown), out.width))
    more = "" if len(shown) == len(found.rows) else f" · {after_option(shown[-1].conversation)} for older ones"
    read = f"{found.coverage.read} {plural(found.coverage.read, 'conversation')} read"
    say(out, f"{len(shown)} of {found.matches} · {read} · {arguments.type} · {found.window}{more}")
    print_remarks(out, found.coverage, found.notes, found.narrowing)


def _cells(found: SearchResult, shown: tuple[Seen, ...]) -> list[dict[str, Text | None]]:
    query, window = found.query, found.window
    with_year = records.needs_years(window, [each.conversation for each in shown])
    rows = []
    for each in shown:
        text = each.conversation.message
        message = None if text is None else query.excerpt(text).cut()
        why = ", ".join(facts(each, window, with_year=with_year))
        lengths = Lengths(COMPACT_MESSAGE_LENGTH)
        row = search_row(each, window, why, with_year=with_year, message=message, lengths=lengths, lines=found.lines)
        cells = as_cells(SEARCH_COLUMNS, row)
        for cell in filter(None, (cells["message"], cells["source_name"])):
            for first, after in query.hits(cell.plain):
                cell.stylize(_HIT, first, after)
        number = cells["source"]
        if number is not None and query.is_number(each.conversation.source):
            number.stylize(_HIT)
        rows.append(cells)
    return rows
