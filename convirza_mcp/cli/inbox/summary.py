"""`convirza-mcp summary`: count the inbox, in a terminal or for a script."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.answers.hints import plural
from convirza_mcp.cli.options import json_option, option_of, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.blocks import NOTHING
from convirza_mcp.cli.render.console import print_remarks, say
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.summary_tables import groups, overview, pairs, response_times, waits
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.figures import InboxSummary
from convirza_mcp.rules.grouping import COLUMNS
from convirza_mcp.rules.summary import METHOD, Figures
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments, find
from convirza_mcp.tools.summary_rows import MAX_GROUPS, place_after

_COUNTS = (
    "conversations",
    "closed",
    "unread",
    "unread_messages",
    "unassigned",
    "waiting",
    "pinned",
    "never_answered",
    "late",
    "missed_target",
)


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
        **_document_of(found.total),
        "waits": [
            {
                "from_seconds": _seconds(each.since),
                "below_seconds": _seconds(each.below),
                "conversations": each.conversations,
            }
            for each in found.waits
        ],
        "unknown_waits": found.total.unknown_waits,
        "coverage": coverage_document(found.coverage, found.window),
        "only": found.only or None,
        "by_time": found.by_time,
        "without_time": found.without_time,
        "read_back_to": None if found.read_back_to is None else found.window.local(found.read_back_to).isoformat(),
        "target_minutes": found.target_minutes,
        "time_to_close": asdict(found.total.time_to_close) if found.by_time == "closed" else None,
        "compared_to": None if found.before_window is None else window_document(found.before_window),
        "before": None if found.before is None else _document_of(found.before),
        "change": found.trend,
        "group_by": found.group_by,
        "then_by": found.then_by,
        "groups": [
            {
                "group": None if group.is_missing else group.label,
                "then": group.then,
                **_document_of(group.figures),
                "before": None if group.before is None else _document_of(group.before),
                "change": group.trend,
            }
            for group in found.groups
        ],
    }


def _document_of(figures: Figures) -> dict[str, Any]:
    return {
        **{name: getattr(figures, name) for name in _COUNTS},
        "first_response": asdict(figures.first_response),
        "avg_response": asdict(figures.avg_response),
    }


def _compared(found: InboxSummary, before: Figures, window: Window) -> Text:
    first, then = found.total.first_response, before.first_response
    counted = f"{before.conversations} {plural(before.conversations, 'conversation')}"
    return Text(
        f"{window}: {counted}, {then.count} answered, first median "
        f"{duration_text(then.median_seconds) or NOTHING}; now {duration_text(first.median_seconds) or NOTHING} "
        f"({found.trend})"
    )


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _show(out: Console, found: InboxSummary, arguments: SummaryArguments) -> None:
    total, width, is_folded = found.total, out.width, False
    if total.conversations or found.before is not None:
        parts: list[Table | Text] = [overview(total, width), waits(found, width), response_times(found, width)]
        if found.groups:
            # Groups of time read as a chart, so do not merge any.
            is_whole = found.table is not None or COLUMNS[found.group_by].is_time
            first = place_after([each.label for each in found.groups], arguments.after)
            lines = found.groups[first:] if is_whole else found.folded(MAX_GROUPS, first)
            is_folded = not is_whole and len(lines) > MAX_GROUPS
            parts.append(pairs(found, width) or groups(found, lines, width))
        if found.before is not None and found.before_window is not None:
            parts.append(_compared(found, found.before, found.before_window))
        for part in parts:
            out.print(part)
            out.print()
    if is_folded:
        # Without the name, because a person copies this line into a shell, and a stranger may have chosen it.
        say(out, f"{option_of('after')} and the last group's name for the other groups")
    of = found.coverage.total
    read = f"{found.coverage.read} of {'an unknown number of' if of is None else of} {plural(of or 0, 'conversation')}"
    say(out, f"{arguments.type} · {found.window} · {read} read")
    if total.waiting:
        say(out, f"Waiting: {found.clock}")
    if total.first_response.count:
        say(out, f"Response times: {METHOD}")
    print_remarks(out, found.coverage, found.notes, found.narrowing)
