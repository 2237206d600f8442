"""`convirza-mcp changes`: list changes since a time or a cursor, for a person or a polling script."""

from typing import Any

import click
from rich.console import Console

from convirza_mcp.answers import records
from convirza_mcp.answers.hints import plural
from convirza_mcp.cli.options import json_option, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.console import print_remarks, say
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.tables import cells_with_state, conversations
from convirza_mcp.questions.changes import CANNOT_SEE, InboxChanges
from convirza_mcp.tools.list_sms_changes import COLUMNS, ChangesArguments, find
from convirza_mcp.tools.schema import read_arguments


@click.command("changes", short_help="List what changed since a time or a cursor.")
@tool_options(ChangesArguments)
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """List what changed, oldest change first; the last line has the cursor for the next call.

    Exits with 1 if the read was incomplete. If the oldest changes are missing, no rows are shown, and the cursor is
    unchanged.
    """
    found = run_question(find, read_arguments(ChangesArguments, given), _document, _show, as_json=as_json)
    if not found.is_sure or found.coverage.dropped:
        ctx.exit(1)


def _document(found: InboxChanges, arguments: ChangesArguments) -> dict[str, Any]:
    window, shown = found.window, found.rows[: arguments.limit]
    return {
        "type": arguments.type,
        **found.narrowing.document(),
        "since": str(found.since),
        "window": window_document(window),
        "cursor": str(found.cursor_after(len(shown))),
        "more": found.more_after(len(shown)),
        "changes": found.total,
        "undated": found.undated,
        "ahead": found.ahead,
        "coverage": coverage_document(found.coverage, window)
        | {"reason": None if found.reason is None else str(found.reason)},
        "cannot_see": CANNOT_SEE,
        "note": " ".join(map(str, found.notes)) or None,
        "conversations": [records.keyed_record(each.conversation, window) | {"state": each.state} for each in shown],
    }


def _show(out: Console, found: InboxChanges, arguments: ChangesArguments) -> str:
    window, shown = found.window, found.rows[: arguments.limit]
    if shown:
        out.print(conversations(COLUMNS, cells_with_state(shown, found.span), out.width))
    total = "an unknown number of" if found.total is None else f"{found.total:,}"
    changed = f"{len(shown)} of {total} {plural(found.total or 0, 'change')}"
    since = f"since {window.local(found.since.moment):%Y-%m-%d %H:%M}"
    say(out, f"{changed} · {arguments.type} · {since} · read {window}")
    if found.undated:
        say(out, f"Conversations read without a time of change: {found.undated}")
    print_remarks(out, found.coverage, found.notes, found.narrowing, reason=found.reason)
    more = "more follow" if found.more_after(len(shown)) else "no more"
    return f"{more} · --since {found.cursor_after(len(shown))}"
