"""Print a tool's answer as the commands do, from the answer that a model gets."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

from convirza_mcp.cli.render.console import say
from convirza_mcp.cli.render.tables import as_cells, conversations, highlight_unread
from convirza_mcp.cli.render.waiting_list import print_waiting
from convirza_mcp.tools import list_waiting_sms_conversations, search_sms_messages, summarize_sms_inbox

Answer = Mapping[str, Any]


def print_answer(out: Console, tool: str, answer: Answer) -> None:
    """Print the answer of a tool that the demo calls."""
    _PRINTED[tool](out, answer)


def _print_waiting(out: Console, answer: Answer) -> None:
    print_waiting(
        out,
        answer["rows"],
        waiting=answer["waiting"],
        read_but_incoming=answer["read_but_incoming"],
        scope=f"{answer['type']} · {answer['window']} · {answer['clock']}",
    )


def _print_summary(out: Console, answer: Answer) -> None:
    first = answer["first_response"]
    out.print(
        f"{answer['conversations']} conversations, {answer['closed']} of them closed · {answer['unread']} unread · "
        f"{answer['unassigned']} unassigned · {answer['waiting']} waiting, {answer['waits']['24h or more']} for a day "
        f"or more. Of {first['count']} that were answered, half were so within {first['median']}, nine of ten within "
        f"{first['p90']}."
    )
    _say_what_was_read(out, answer)


def _print_search(out: Console, answer: Answer) -> None:
    columns = answer["columns"]
    rows = [highlight_unread(as_cells(columns, row)) for row in answer["rows"]]
    out.print(conversations(columns, rows, out.width))
    _say_what_was_read(out, answer, f"{len(rows)} shown of {answer['matches']} found · ")


def _say_what_was_read(out: Console, answer: Answer, before: str = "") -> None:
    coverage = answer["coverage"]
    say(
        out,
        f"{before}{coverage['read']} of {coverage['total']} conversations read · {answer['type']} · {answer['window']}",
    )


_PRINTED: Mapping[str, Callable[[Console, Answer], None]] = {
    list_waiting_sms_conversations.NAME: _print_waiting,
    summarize_sms_inbox.NAME: _print_summary,
    search_sms_messages.NAME: _print_search,
}
