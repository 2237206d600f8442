"""`convirza-mcp list`: list one page of the inbox, in a terminal or for a script."""

from typing import Any

import click
from rich.console import Console

from convirza_mcp.answers import records
from convirza_mcp.cli.options import in_commands, json_option, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.console import print_record, print_unreadable, say
from convirza_mcp.cli.render.documents import window_document
from convirza_mcp.cli.render.tables import compact_cells, conversations
from convirza_mcp.questions.page import InboxPage
from convirza_mcp.tools.list_sms_conversations import ListArguments, find
from convirza_mcp.tools.schema import read_arguments


@click.command("list")
@tool_options(ListArguments)
@json_option
def command(as_json: bool, **given: Any) -> None:
    """List one page of the inbox, newest first."""
    run_question(find, read_arguments(ListArguments, given), _document, _show, as_json=as_json)


def _document(found: InboxPage, _: ListArguments) -> dict[str, Any]:
    window = found.window
    return {
        "type": found.query.type,
        "window": window_document(window) | {"api_default": window.is_api_default},
        "order": found.query.order,
        "total": found.total,
        "offset": found.query.offset,
        "next_offset": found.next_offset,
        "unreadable": dict(found.page.unreadable),
        "dropped": len(found.page.dropped),
        "conversations": [records.keyed_record(each, window) for each in found.rows],
    }


def _show(out: Console, found: InboxPage, arguments: ListArguments) -> None:
    if arguments.detail == "full":
        for each in found.rows:
            print_record(out, records.keyed_record(each, found.window))
            out.print()
    elif found.rows:
        out.print(conversations(records.COMPACT_COLUMNS, compact_cells(found.rows, found.window), out.width))
    total = "an unknown number" if found.total is None else str(found.total)
    more = "" if found.next_offset is None else f" · next page: --offset {found.next_offset}"
    say(out, f"{len(found.rows)} of {total} · {found.query.type} · {found.window}{more}")
    for note in found.notes:
        say(out, note.worded(in_commands), "")
    print_unreadable(out, found.unreadable)
