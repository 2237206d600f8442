"""`convirza-mcp get`: show one conversation in full, in a terminal or for a script."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from convirza_mcp.answers import records
from convirza_mcp.answers.hints import plural
from convirza_mcp.cli.options import json_option, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.console import print_record, print_unreadable, say
from convirza_mcp.cli.render.documents import window_document
from convirza_mcp.cli.render.tables import cells_with_state, conversations
from convirza_mcp.questions.conversation import ConversationDetails
from convirza_mcp.tools.get_sms_conversation import GetArguments, find
from convirza_mcp.tools.schema import read_arguments

_OF_OTHERS = ("conversation_id", "conversation_updated", "state", "unread_count", "agent", "message")


@click.command("get")
@click.argument("conversation_id")
@tool_options(GetArguments, without="conversation_id")
@json_option
def command(conversation_id: str, as_json: bool, **given: Any) -> None:
    """Show one conversation in full, and its contact's others."""
    arguments = read_arguments(GetArguments, {"conversation_id": conversation_id, **given})
    run_question(find, arguments, _document, _show, as_json=as_json)


def _document(found: ConversationDetails, _: GetArguments) -> dict[str, Any]:
    window = found.window
    others = None
    if found.others is not None:
        others = [records.keyed_record(each.conversation, window) | {"closed": each.closed} for each in found.others]
    return {
        "window": window_document(window),
        "as_of": window.local(found.coverage.as_of).isoformat(timespec="seconds"),
        "requests": found.coverage.requests,
        "view": found.view,
        "notes": [str(each) for each in found.notes],
        "unreadable": found.coverage.unreadable_counts,
        "conversation": records.keyed_record(found.conversation, window) | {"closed": found.closed},
        "others": others,
    }


def _show(out: Console, found: ConversationDetails, _: GetArguments) -> None:
    print_record(out, records.keyed_record(found.conversation, found.window))
    out.print()
    if found.others:
        shown = conversations(_OF_OTHERS, cells_with_state(found.others, found.window), out.width)
        out.print(shown)
        if isinstance(shown, Table):
            out.print()
    state = "closed" if found.closed else "open"
    others = (
        "" if found.others is None else f" · {len(found.others)} {plural(len(found.others), 'other')} of this contact"
    )
    requests = f"{found.coverage.requests} {plural(found.coverage.requests, 'request')}"
    say(out, f"{state}{others} · {found.window} · {requests}")
    print_unreadable(out, found.coverage.unreadable_counts)
    for note in found.notes:
        say(out, str(note))
