"""`convirza-mcp summary`: the inbox in numbers, for a terminal or a script."""

from datetime import timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.cli.options import in_commands, tool_options
from convirza_mcp.cli.question import json_option, run_question
from convirza_mcp.cli.render.console import say, say_coverage, say_narrowing
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.summary_tables import groups, overview, response_times, waits
from convirza_mcp.questions.summary import Figures, InboxSummary
from convirza_mcp.rules.summary import METHOD, ResponseTimes
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import MOST_GROUPS, SummaryArguments, find

_CHARTS = ("day", "weekday", "hour")


@click.command("summary", short_help="Count the inbox and measure response times.")
@tool_options(SummaryArguments)
@json_option
def command(as_json: bool, **given: Any) -> None:
    """Count the inbox and measure response times, by group on request."""
    run_question(find, read_arguments(SummaryArguments, given), _document, _show, as_json=as_json)


def _document(found: InboxSummary, arguments: SummaryArguments) -> dict[str, Any]:
    hours = found.clock.hours
    return {
        "type": arguments.type,
        **found.narrowing.document(),
        "window": window_document(found.window),
        "business_hours": None if hours.is_round_the_clock else hours.text,
        **_counts(found.total),
        "waits": [
            {
                "from_seconds": _seconds(band.since),
                "below_seconds": _seconds(band.below),
                "conversations": band.conversations,
            }
            for band in found.waits
        ],
        "unknown_waits": found.total.unknown_waits,
        "first_response": _times(found.total.first_response),
        "avg_response": _times(found.total.avg_response),
        "coverage": coverage_document(found.coverage, found.window),
        "group_by": found.group_by,
        "groups": [
            {
                "group": None if group.is_missing else group.label,
                **_counts(group.figures),
                "first_response": _times(group.figures.first_response),
                "avg_response": _times(group.figures.avg_response),
            }
            for group in found.groups
        ],
    }


def _counts(figures: Figures) -> dict[str, int]:
    return {
        "conversations": figures.conversations,
        "closed": figures.closed,
        "unread": figures.unread,
        "unread_messages": figures.unread_messages,
        "unassigned": figures.unassigned,
        "waiting": figures.waiting,
        "pinned": figures.pinned,
    }


def _times(times: ResponseTimes) -> dict[str, int | None]:
    return {
        "count": times.count,
        "missing": times.missing,
        "median_seconds": times.median_seconds,
        "p90_seconds": times.p90_seconds,
        "within_5m": times.within_5m,
        "within_15m": times.within_15m,
    }


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _show(out: Console, found: InboxSummary, arguments: SummaryArguments) -> None:
    total, width = found.total, out.width
    if total.conversations:
        parts: list[Table | Text] = [overview(total, width), waits(found, width), response_times(total, width)]
        if found.groups:
            # Times read as a chart, so they stand in their own order, and none is folded.
            lines = found.groups_in_order if found.group_by in _CHARTS else found.largest_groups(MOST_GROUPS)
            parts.append(groups(found.group_by, lines, width))
        for part in parts:
            out.print(part)
            out.print()
    read = "an unknown number" if found.coverage.total is None else str(found.coverage.total)
    say(out, f"{arguments.type} · {found.window} · {found.coverage.read} of {read} conversations read")
    say_coverage(out, found.coverage)
    if total.waiting:
        say(out, f"Waiting: {found.clock}")
    if total.first_response.count:
        say(out, f"Response times: {METHOD}")
    for note in found.notes:
        say(out, note.worded(in_commands))
    say_narrowing(out, found.narrowing.shown(), found.narrowing.matches)
