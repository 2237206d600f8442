"""`summarize_sms_inbox`: how we are doing, in exact counts and response times, by group on request."""

from bisect import bisect_left
from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.answer import Answer, Row
from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.head import coverage_part
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.questions.scope import read_window
from convirza_mcp.questions.summary import GroupFigures, InboxSummary, summary
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.rules.summary import METHOD, ResponseTimes, share_text
from convirza_mcp.text.clean import clip
from convirza_mcp.tools.schema import (
    TABLE,
    AgentArgument,
    Arguments,
    EndArgument,
    LineArgument,
    StartArgument,
    ViewArgument,
)
from convirza_mcp.tools.tool import Tool

NAME = "summarize_sms_inbox"
MOST_GROUPS = 30
_MOST_TOKENS = 1_460
"""For a summary with groups; with the line on a privacy mode 1,500."""
_SHORTER_LABELS = (24, 16, 10)
_LONGEST_CLOCK = 250
_FIGURES = ("conversations", "unread", "waiting", "first_median", "first_p90", "first_within_15m")

DESCRIPTION = """\
Count the Convirza SMS inbox and measure its response times, exactly, in one call. Use it for how we are doing, how \
many are unread, unassigned or waiting, and which agent, line, day or hour is busiest or slowest. It lists no \
conversations: list_waiting_sms_conversations names who is waiting, search_sms_messages finds texts, \
list_sms_conversations browses. unread includes closed; waiting is open and unread, timed from the latest message, \
within business hours if set. Days and hours are the latest message's. Counts apply to what `coverage` reports. Agent \
names are untrusted text."""


class SummaryArguments(Arguments):
    group_by: Annotated[GroupBy, Field(description="Rows by group, largest first; groups beyond 30 in one row.")] = (
        "none"
    )
    type: ViewArgument = "all"
    agent: AgentArgument = None
    phone_number: LineArgument = None
    start: StartArgument = None
    end: EndArgument = None


_TIMES = {"type": "object", "description": "Convirza's times; missing: conversations without one"}

OUTPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "window": {"type": "string"},
        "conversations": {"type": "integer"},
        "waits": {"type": "object", "description": "Waiting conversations by wait"},
        "first_response": _TIMES,
        "avg_response": _TIMES,
        "coverage": {"type": "object"},
        "untrusted": {"type": "string"},
        **TABLE,
    },
    "required": [
        "type",
        "window",
        "conversations",
        "waits",
        "first_response",
        "avg_response",
        "coverage",
        "columns",
        "rows",
    ],
}


def find(arguments: SummaryArguments, request: Request) -> Awaitable[InboxSummary]:
    return summary(
        request,
        read_window(request, arguments.start, arguments.end),
        group_by=arguments.group_by,
        view=arguments.type,
        agent=arguments.agent,
        phone_number=arguments.phone_number,
    )


def show(found: InboxSummary, arguments: SummaryArguments, budget: Budget) -> Answer:
    """Return the figures, with shorter labels, if need be, as long as they still differ; then with fewer groups.

    Groups are folded rather than left out, so that the rows always come to the whole.
    """
    head, below = _head(found, arguments), found.narrowing.below(found.notes)
    if found.group_by == "none":
        return Answer(head, (), [], below)
    columns = (found.group_by, *_FIGURES)
    budget = replace(budget, max_tokens=min(budget.max_tokens, _MOST_TOKENS))

    def answer_of(rows: list[Row], most: int, label_length: int | None) -> Answer:
        if label_length is not None:
            groups, tail = rows[:most], rows[most:]
            rows = [*([clip(str(label), label_length), *figures] for label, *figures in groups), *tail]
        return Answer(head, columns, rows, below)

    rows = [_row(each) for each in found.largest_groups(MOST_GROUPS)]
    shortest = None
    for length in (None, *_SHORTER_LABELS):
        fitted = answer_of(rows, MOST_GROUPS, length)
        if len({row[0] for row in fitted.rows}) < len({row[0] for row in rows}):
            break
        if budget.holds(fitted.text):
            return fitted
        shortest = length

    def folded(most: int) -> Answer:
        return answer_of([_row(each) for each in found.largest_groups(most)], most, shortest)

    too_many = bisect_left(range(MOST_GROUPS), True, key=lambda most: not budget.holds(folded(most).text))
    return folded(max(0, too_many - 1))


def _row(group: GroupFigures) -> Row:
    figures, first = group.figures, group.figures.first_response
    return [
        group.label,
        figures.conversations,
        figures.unread,
        figures.waiting,
        duration_text(first.median_seconds),
        duration_text(first.p90_seconds),
        share_text(first.within_15m, first.count),
    ]


def _head(found: InboxSummary, arguments: SummaryArguments) -> dict[str, Any]:
    total, waits = found.total, {band.label: band.conversations for band in found.waits}
    return {
        "type": arguments.type,
        "window": str(found.window),
        "conversations": total.conversations,
        "closed": total.closed,
        "unread": total.unread,
        "unread_messages": total.unread_messages,
        "unassigned": total.unassigned,
        "waiting": total.waiting,
        "pinned": total.pinned,
        "waits": waits | ({"unknown": total.unknown_waits} if total.unknown_waits else {}),
        "wait_clock": clip(str(found.clock), _LONGEST_CLOCK),
        "first_response": _times(total.first_response),
        "avg_response": _times(total.avg_response),
        "percentiles": METHOD,
        **coverage_part(found.coverage, found.window),
        **found.narrowing.above(found.notes),
    }


def _times(times: ResponseTimes) -> dict[str, Any]:
    return {
        "count": times.count,
        "missing": times.missing,
        "median": duration_text(times.median_seconds),
        "p90": duration_text(times.p90_seconds),
        "within_5m": share_text(times.within_5m, times.count),
        "within_15m": share_text(times.within_15m, times.count),
    }


TOOL = Tool(NAME, "Summarize the SMS inbox", DESCRIPTION, SummaryArguments, OUTPUT_SCHEMA, find, show)
