"""Search the words of latest messages, which Convirza's API cannot do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio.lowlevel

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, argument, hint, longer_start
from convirza_mcp.api.models import AnyView
from convirza_mcp.business_lines import BusinessLines
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.filters import NO_FILTERS, FilterResult, Filters, select_filtered
from convirza_mcp.questions.scope import Names, Narrowing, none_has
from convirza_mcp.rules.place import Place, behind
from convirza_mcp.rules.search.index import texts_kept
from convirza_mcp.rules.search.query import EVERYTHING, TextQuery, found, newest_first
from convirza_mcp.scan.results import Coverage, Seen

_ROWS_AT_A_TIME = 500
"""Rows to search before other tasks run: a few milliseconds."""
_SEARCHED = {"message", "source", "source_name", "phone_number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`rows`: every conversation that matches `query` and the conditions, newest first.

    `skipped` counts the matches before `after`, which are left out. `timing` has the time that counts, and how many
    lack it. `lines` has the business's names for its lines. `notes` say what was searched without a hit, or may have
    been meant differently.
    """

    query: TextQuery
    rows: tuple[Seen, ...]
    skipped: int
    timing: Mapping[str, Any]
    narrowing: Narrowing
    lines: BusinessLines
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]

    @property
    def matches(self) -> int:
        return self.skipped + len(self.rows)


@within_one_account
async def search(
    request: Request,
    window: Window,
    query: str | None = None,
    *,
    view: AnyView = "all",
    after: Place | None = None,
    filters: Filters = NO_FILTERS,
) -> SearchResult:
    """Read the views, and search the conversations that meet the conditions; without a query, all of them match."""
    wanted = EVERYTHING if query is None else TextQuery.read(query)
    kept = await select_filtered(request, view, window, filters)
    seen = kept.period.seen
    matches: list[Seen] = [] if wanted.terms else seen
    texts = texts_kept(await request.account.views.held(), kept.selection.window)
    for begin in range(0, len(seen) if wanted.terms else 0, _ROWS_AT_A_TIME):
        # Between slices, other calls run, and this one can be cancelled.
        await anyio.lowlevel.checkpoint()
        matches += found(seen[begin : begin + _ROWS_AT_A_TIME], wanted, texts)
    notes = [] if wanted.note is None else [hint(wanted.note)]
    if not matches:
        notes.append(_note_on_nothing(kept, wanted, view, filters.names))
    notes += kept.notes
    rows = behind(newest_first(matches), after, lambda each: each.conversation, newest_first=True)
    return SearchResult(
        query=wanted,
        rows=tuple(rows),
        skipped=len(matches) - len(rows),
        timing=kept.timing,
        narrowing=kept.selection.narrowing,
        lines=kept.terms.lines,
        coverage=kept.coverage,
        window=kept.period.window,
        notes=tuple(notes),
    )


def where_searched(coverage: Coverage) -> str:
    """Return what "nothing found" must add if rows or searched fields could not be read."""
    is_sure = coverage.complete and not coverage.unreadable_counts.keys() & _SEARCHED
    return "" if is_sure else " in what could be read"


def _note_on_nothing(kept: FilterResult, wanted: TextQuery, view: AnyView, given: Names) -> Hint:
    read = kept.selection
    if read.narrowing.unmatched:
        return read.narrowing.note or hint(*none_has(given), "; check it, or ask without it.")
    if not kept.period.seen and kept.unmet_note is not None:
        return kept.unmet_note
    longer, both = longer_start(kept.period.window, at_least=90), None if view == "all" else argument("type", "all")
    steps = [part for step in (longer, both) if step is not None for part in (", ", step)]
    for before, name in zip((", or leave out ", " and "), given, strict=False):
        steps += [before, argument(name)]
    where = where_searched(read.coverage)
    if not wanted.terms:
        # The first step starts a new clause.
        steps = ["; try ", *steps[1:]] if steps and steps[0] == ", " else steps
        return hint(f"No conversation in this view and window{where}", *steps, ".")
    return hint(
        f"Nothing found{where}; only each conversation's latest message is searched, with its contact's name and its "
        "numbers. Try fewer or shorter words",
        *steps,
        ".",
    )
