"""Summarize the inbox: exact counts and response times, optionally by group and against another period."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import get_args

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, argument, hint, longer_start, series
from convirza_mcp.api.models import AnyView
from convirza_mcp.clock.periods import CompareTo
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.figures import InboxSummary, WaitBand, groups_of, table_of
from convirza_mcp.questions.filters import NO_FILTERS, FilterResult, Filters, Period, select_filtered
from convirza_mcp.questions.scope import Names, none_has
from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.rules.conditions import check_choice, check_needs
from convirza_mcp.rules.grouping import COLUMNS, GroupBy
from convirza_mcp.rules.summary import WAIT_BANDS, WAIT_BOUNDS, Summary, summarize
from convirza_mcp.rules.waiting import WaitClock, has_no_read_state


@within_one_account
async def summary(
    request: Request,
    window: Window,
    *,
    group_by: GroupBy = "none",
    then_by: str = "none",
    view: AnyView = "all",
    filters: Filters = NO_FILTERS,
    compare_to: CompareTo | None = None,
) -> InboxSummary:
    """Read the views, and count. Incompatible groupings or periods raise `InvalidArgumentError` before any request."""
    then = _checked(request, group_by, then_by, compare_to)
    columns = (group_by, then)
    kept = await select_filtered(request, view, window, filters, columns=columns, compare_to=compare_to)
    terms, period, before = kept.terms, kept.period, kept.before
    clock = WaitClock(terms.hours, terms.zone, terms.now)

    def counted_in(period: Period) -> Summary:
        return summarize(period.seen, by=group_by, terms=terms, wait=clock.seconds_since, then_by=then)

    counted = counted_in(period)
    past = None if before is None else counted_in(before)
    bounds = [timedelta(seconds=bound) for bound in (0, *WAIT_BOUNDS)]
    if period.seen:
        notes = [*_notes(period.window, filters.by_time, columns)]
        if unknown := sum(has_no_read_state(each.conversation) for each in period.seen):
            notes.append(hint(f"No field says whether {unknown} are unread."))
    else:
        notes = [_on_nothing(kept, view, filters.names)]
    return InboxSummary(
        total=counted.total,
        waits=tuple(map(WaitBand, WAIT_BANDS, bounds, (*bounds[1:], None), counted.waits)),
        group_by=group_by,
        then_by=then,
        by_time=filters.by_time,
        target_minutes=filters.target_minutes,
        only=str(kept.only),
        without_time=period.without_time,
        read_back_to=kept.read_back_to,
        clock=clock,
        narrowing=kept.selection.narrowing,
        coverage=kept.coverage,
        window=period.window,
        before=None if past is None else past.total,
        before_window=None if before is None else before.window,
        notes=(*notes, *kept.notes),
        table=None if then == "none" else table_of(counted, group_by, then),
        groups=tuple(groups_of(counted, past, group_by)),
    )


def _checked(request: Request, group_by: str, then_by: str, compare_to: str | None) -> GroupBy:
    settings = request.account.settings
    groups: tuple[GroupBy, ...] = get_args(GroupBy)
    for name, value in (("group_by", group_by), ("then_by", then_by)):
        check_choice(name, value, groups)
        check_needs(name, value, settings.business_hours, has_lines=bool(settings.lines))
    if compare_to is not None:
        check_choice("compare_to", compare_to, get_args(CompareTo))
    if then_by != "none" and (group_by == "none" or then_by == group_by):
        raise InvalidArgumentError("then_by", "`then_by` needs a `group_by`, and must differ from it.")
    if then_by != "none" and compare_to is not None:
        raise InvalidArgumentError("then_by", "`then_by` takes none with compare_to: compare by one grouping.")
    return next(each for each in groups if each == then_by)


def _notes(window: Window, by_time: ByTime, groups: tuple[GroupBy, GroupBy]) -> Iterator[Hint]:
    first = window.local(window.start)
    if "day" in groups and first.time() != time():
        # A partial day would look quiet beside the others.
        yield hint(f"The first day, {first:%Y-%m-%d}, counts from {first:%H:%M} on.")
    if by_time != "started" and any(each != "none" and COLUMNS[each].is_time for each in groups):
        yield _TIMES_OF_LATEST if by_time == "latest" else TIMES_OF_CLOSING


_TIMES_OF_LATEST, TIMES_OF_CLOSING = (
    hint(f"Response times are the first message's, groups the {its}'s; see ", argument("by_time"), ".")
    for its in ("latest", "closing")
)


def _on_nothing(kept: FilterResult, view: AnyView, given: Names) -> Hint:
    if kept.selection.narrowing.note is not None:
        return kept.selection.narrowing.note
    if kept.unmet_note is not None:
        return kept.unmet_note
    if kept.coverage.read and given and not kept.selection.seen:
        groups = series((argument("group_by", each) for each in given), " or ")
        return hint(*none_has(given), "; without it, ", *groups, " lists them all.")
    if not kept.coverage.complete:
        return hint("No conversation was read; coverage says why.")
    steps = [longer_start(kept.period.window), None if view == "all" else argument("type", "all")]
    known = series((step for step in steps if step is not None), " or ") or ["other dates"]
    return hint("No conversation in this view and window; try ", *known, ".")
