"""`convirza-mcp summary`: the inbox in numbers, for a terminal or a script."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.documents import coverage_document, window_document
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.printing import console, print_json
from convirza_mcp.cli.progress import page_progress
from convirza_mcp.config import Settings
from convirza_mcp.inbox.response_times import METHOD, ResponseTimes, duration_text, share_text
from convirza_mcp.inbox.summary import WAIT_BANDS, WAIT_BOUNDS, Line, Summary, Tally
from convirza_mcp.tools.context import open_context
from convirza_mcp.tools.privacy_line import privacy_part
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import MOST_GROUPS, SummarizedInbox, SummaryArguments, summarize_inbox

_BAR_WIDTH = 30
_CHARTS = ("day", "weekday", "hour")
_GROUP_HEADINGS = {
    "agent": "Agent",
    "phone_number": "Line",
    "status": "Status",
    "day": "Day",
    "weekday": "Weekday",
    "hour": "Hour",
}


@click.command("summary")
@tool_options(SummaryArguments)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(as_json: bool, **given: Any) -> None:
    """Count the inbox and measure response times, by group on request."""
    arguments = read_arguments(SummaryArguments, given)
    settings = Settings.from_environment()
    summarized = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(summarized) | privacy_part(settings.privacy))
    else:
        _print(summarized)


async def _ask(arguments: SummaryArguments, settings: Settings) -> SummarizedInbox:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        with page_progress() as progress:
            return await summarize_inbox(arguments, replace(context, progress=progress))


def _document(summarized: SummarizedInbox) -> dict[str, Any]:
    window, coverage = summarized.inbox.window, summarized.inbox.coverage
    total, hours = summarized.summary.total, summarized.clock.hours
    return {
        "type": summarized.arguments.type,
        "window": window_document(window),
        "business_hours": None if hours.is_round_the_clock else hours.text,
        **_counts(total),
        "waits": [
            {"from_seconds": since, "below_seconds": below, "conversations": count}
            for since, below, count in zip(
                (0, *WAIT_BOUNDS), (*WAIT_BOUNDS, None), summarized.summary.waits, strict=True
            )
        ],
        "unknown_waits": total.unknown_waits,
        "first_response": _times(total.first_response),
        "avg_response": _times(total.avg_response),
        "coverage": coverage_document(coverage, window),
        "group_by": summarized.arguments.group_by,
        "groups": [
            {
                "group": None if group.is_missing else group.label,
                **_counts(tally),
                "first_response": _times(tally.first_response),
                "avg_response": _times(tally.avg_response),
            }
            for group, tally in summarized.summary.groups
        ],
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "conversations": tally.conversations,
        "closed": tally.closed,
        "unread": tally.unread,
        "unread_messages": tally.unread_messages,
        "unassigned": tally.unassigned,
        "waiting": tally.waiting,
        "pinned": tally.pinned,
    }


def _times(times: ResponseTimes) -> dict[str, int | None]:
    return {
        "count": times.count,
        "missing": times.missing,
        "median_seconds": times.median,
        "p90_seconds": times.p90,
        "within_5m": times.within_5m,
        "within_15m": times.within_15m,
    }


def _print(summarized: SummarizedInbox) -> None:
    out, total = console(), summarized.summary.total
    if total.conversations:
        for part in (_overview(total), _waits(summarized.summary), _response_times(total)):
            out.print(part)
            out.print()
        if summarized.summary.groups:
            out.print(_groups(summarized))
            out.print()
    _print_footer(out, summarized)


def _print_footer(out: Console, summarized: SummarizedInbox) -> None:
    inbox = summarized.inbox
    total = "an unknown number" if inbox.coverage.total is None else str(inbox.coverage.total)
    asked = f"{summarized.arguments.type} · {inbox.window}"
    read = f"{inbox.coverage.read} of {total} conversations read"
    out.print(Text(f"{asked} · {read}"), style="dim", soft_wrap=True)
    if inbox.coverage.gap is not None:
        out.print(Text(f"Not complete: {inbox.coverage.gap}"), style="yellow", soft_wrap=True)
    if summarized.summary.total.waiting:
        out.print(Text(f"Waiting: {summarized.clock}"), style="dim", soft_wrap=True)
    if summarized.summary.total.first_response.count:
        out.print(Text(f"Response times: {METHOD}"), style="dim", soft_wrap=True)
    if summarized.note is not None:
        out.print(Text(summarized.note), style="dim", soft_wrap=True)


def _overview(total: Tally) -> Table:
    grid = Table.grid(padding=(0, 2))
    for _ in range(2):
        grid.add_column()
        grid.add_column(justify="right")
    unread = "bold yellow" if total.unread else ""
    waiting = "bold yellow" if total.waiting else ""
    grid.add_row("Conversations", Text(str(total.conversations), "bold"), "Waiting", Text(str(total.waiting), waiting))
    grid.add_row("Closed", str(total.closed), "Unassigned", str(total.unassigned))
    grid.add_row("Unread", Text(str(total.unread), unread), "Unread messages", Text(str(total.unread_messages), unread))
    grid.add_row("Pinned", str(total.pinned))
    return grid


def _waits(summary: Summary) -> Table:
    table = _table("Waiting for", "Conversations", "")
    bands = list(zip(WAIT_BANDS, summary.waits, strict=True))
    if summary.total.unknown_waits:
        bands.append(("unknown", summary.total.unknown_waits))
    most = max(count for _, count in bands)
    for band, count in bands:
        table.add_row(band, str(count), _bar(count, most, "yellow"))
    return table


def _response_times(total: Tally) -> Table:
    table = _table("Response time", "Count", "Missing", "Median", "p90", "Within 5m", "Within 15m")
    for name, times in (("First", total.first_response), ("Average", total.avg_response)):
        table.add_row(
            name,
            str(times.count),
            str(times.missing),
            duration_text(times.median) or "–",
            duration_text(times.p90) or "–",
            share_text(times.within_5m, times.count) or "–",
            share_text(times.within_15m, times.count) or "–",
        )
    return table


def _groups(summarized: SummarizedInbox) -> Table:
    by, summary = summarized.arguments.group_by, summarized.summary
    lines = summary.lines(MOST_GROUPS)
    if by in _CHARTS:
        # Times read as a chart, so they stand in their own order, and none is folded.
        lines = [Line(group.label, tally) for group, tally in sorted(summary.groups, key=lambda each: each[0])]
    table = _table(
        _GROUP_HEADINGS[by], "Conversations", "", "Unread", "Waiting", "First median", "First p90", "Within 15m"
    )
    most = max(line.tally.conversations for line in lines)
    for label, tally in lines:
        first = tally.first_response
        table.add_row(
            # As Text: a name that looks like the library's own markup stays a name.
            Text(label),
            str(tally.conversations),
            _bar(tally.conversations, most, "cyan"),
            str(tally.unread),
            str(tally.waiting),
            duration_text(first.median) or "–",
            duration_text(first.p90) or "–",
            share_text(first.within_15m, first.count) or "–",
        )
    return table


def _table(first: str, *others: str) -> Table:
    """A table of a name and numbers; a column without a heading holds bars."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    for heading in others:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    return table


def _bar(count: int, most: int, color: str) -> Bar:
    return Bar(size=max(most, 1), begin=0, end=count, width=_BAR_WIDTH, color=color)
