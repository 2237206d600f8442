"""The data of a report: the answers of the tools for one period, as the page draws them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.answer import Answer
from convirza_mcp.answers.budget import MAX_CHARACTERS, Budget
from convirza_mcp.answers.head import privacy_line
from convirza_mcp.clock.durations import seconds_of
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.scan.results import Coverage, Seen
from convirza_mcp.tools import list_waiting_sms_conversations as waiting_tool
from convirza_mcp.tools import search_sms_messages as search_tool
from convirza_mcp.tools import summarize_sms_inbox as summary_tool
from convirza_mcp.tools.schema import Arguments, read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments

TITLE = "SMS inbox report"
_LISTED = 10
_BUDGET = Budget(MAX_CHARACTERS)


@dataclass(frozen=True, slots=True)
class Report:
    """A report: `data` for the page, and `narrowing` with the meaning of agent and line."""

    data: dict[str, Any]
    coverage: Sequence[Coverage]
    narrowing: Narrowing
    window: Window

    @property
    def is_complete(self) -> bool:
        return all(each.complete for each in self.coverage)


async def report(request: Request, arguments: SummaryArguments) -> Report:
    """Ask for figures, hours, slowest replies and longest waits; all share one window and one "now"."""
    given = arguments.model_dump(exclude_none=True, exclude_defaults=True)
    figures = await summary_tool.find(arguments, request)
    parts = [_part("figures", "Figures", None, summary_tool.show(figures, arguments, _BUDGET))]
    coverage = [figures.coverage]
    if figures.narrowing.unclear is None:
        pairs = {"group_by": "weekday", "then_by": "hour", "compare_to": None}
        by_hour = read_arguments(SummaryArguments, given | pairs)
        hours = await summary_tool.find(by_hour, request)
        parts.append(_part("hours", "Weekdays and hours", None, summary_tool.show(hours, by_hour, _BUDGET)))

        only = ",".join(filter(None, (arguments.only, "answered")))
        answered = _shared(search_tool.SearchArguments, given) | {"only": only, "limit": _LISTED}
        search = read_arguments(search_tool.SearchArguments, answered)
        hits = await search_tool.find(search, request)
        slowest = sorted(hits.rows, key=_first_response, reverse=True)[:_LISTED]
        shown = replace(hits, rows=tuple(slowest), skipped=hits.matches - len(slowest), notes=())
        note = f"The {len(slowest)} slowest of {hits.matches:,} first replies, slowest first." if slowest else None
        parts.append(_part("slowest", "Slowest first replies", note, search_tool.show(shown, search, _BUDGET)))

        coverage += [hours.coverage, hits.coverage]
        if arguments.by_time == "latest" and arguments.type != "close":
            view = "allOpen" if arguments.type == "all" else arguments.type
            open_ones = _shared(waiting_tool.WaitingArguments, given) | {"type": view, "limit": _LISTED}
            wait = read_arguments(waiting_tool.WaitingArguments, open_ones)
            waits = await waiting_tool.find(wait, request)
            parts.append(_part("waits", "Longest waits", None, waiting_tool.show(waits, wait, _BUDGET)))
            coverage.append(waits.coverage)
    window, before = figures.window, figures.before_window
    data = {
        "title": TITLE,
        "period": str(window) + ("" if before is None else f", compared with {before}"),
        "made": f"Made {window.stamp(request.now)} {window.zone} by convirza-mcp {version('convirza-mcp')}",
        "privacy": privacy_line(request.account.settings.privacy),
        "complete": all(each.complete for each in coverage),
        "parts": parts,
    }
    return Report(data, coverage, figures.narrowing, window)


def _shared(tool: type[Arguments], given: dict[str, Any]) -> dict[str, Any]:
    """Return the summary's arguments that the other tool also has."""
    return {name: value for name, value in given.items() if name in tool.model_fields and name != "after"}


def _part(kind: str, heading: str, note: str | None, answer: Answer) -> dict[str, Any]:
    return {"kind": kind, "heading": heading, "note": note, "answer": answer.structured()}


def _first_response(seen: Seen) -> int:
    first = seen.conversation.first_response_time
    return 0 if first is None else seconds_of(first)
