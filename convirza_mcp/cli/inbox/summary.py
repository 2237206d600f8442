"""`convirza-mcp summary`: the inbox in numbers, for a terminal or a script."""

from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.accounts.account import open_context
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import IN_COMMANDS, tool_options
from convirza_mcp.cli.render.console import console, print_json, say, say_incomplete, say_privacy, say_unreadable
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.progress import page_progress
from convirza_mcp.cli.render.summary_tables import groups, overview, response_times, waits
from convirza_mcp.rules.response_times import METHOD, ResponseTimes
from convirza_mcp.rules.summary import WAIT_BOUNDS, Line, Tally
from convirza_mcp.settings import Settings
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import MOST_GROUPS, SummarizedInbox, SummaryArguments, summarize_inbox

_CHARTS = ("day", "weekday", "hour")


@click.command("summary", short_help="Count the inbox and measure response times.")
@tool_options(SummaryArguments)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(as_json: bool, **given: Any) -> None:
    """Count the inbox and measure response times, by group on request."""
    arguments = read_arguments(SummaryArguments, given)
    settings = settings_of_command()
    summarized = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(summarized) | privacy_part(settings.privacy))
    else:
        out = console()
        _print(out, summarized)
        say_privacy(out, settings.privacy)


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


def _print(out: Console, summarized: SummarizedInbox) -> None:
    summary, width = summarized.summary, out.width
    if summary.total.conversations:
        parts: list[Table | Text] = [overview(summary.total, width), waits(summary, width)]
        parts.append(response_times(summary.total, width))
        if summary.groups:
            parts.append(groups(summarized.arguments.group_by, _lines(summarized), width))
        for part in parts:
            out.print(part)
            out.print()
    _print_footer(out, summarized)


def _lines(summarized: SummarizedInbox) -> list[Line]:
    if summarized.arguments.group_by in _CHARTS:
        # Times read as a chart, so they stand in their own order, and none is folded.
        ordered = sorted(summarized.summary.groups, key=lambda each: each[0])
        return [Line(group.label, tally) for group, tally in ordered]
    return list(summarized.summary.lines(MOST_GROUPS))


def _print_footer(out: Console, summarized: SummarizedInbox) -> None:
    inbox = summarized.inbox
    total = "an unknown number" if inbox.coverage.total is None else str(inbox.coverage.total)
    asked = f"{summarized.arguments.type} · {inbox.window}"
    say(out, f"{asked} · {inbox.coverage.read} of {total} conversations read")
    say_incomplete(out, None if inbox.coverage.gap is None else str(inbox.coverage.gap))
    say_unreadable(out, inbox.coverage.unreadable_counts)
    if summarized.summary.total.waiting:
        say(out, f"Waiting: {summarized.clock}")
    if summarized.summary.total.first_response.count:
        say(out, f"Response times: {METHOD}")
    if (note := summarized.note(IN_COMMANDS)) is not None:
        say(out, note)
