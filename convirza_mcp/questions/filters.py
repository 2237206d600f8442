"""Filter the conversations of a question: by conditions, and by the time that counts."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, get_args

import anyio.lowlevel

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint, argument, hint
from convirza_mcp.api.models import AnyView, Order
from convirza_mcp.clock.periods import CompareTo, earlier
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.scope import Names, Selection, narrow_alike, select, views_of
from convirza_mcp.questions.teams import Teams, teams_of
from convirza_mcp.questions.windows import BEFORE_CLOSING, key_of, period_to_count, so_far, window_to_read
from convirza_mcp.rules.by_time import DEFAULT_TARGET, LONGEST_TARGET, ByTime
from convirza_mcp.rules.conditions import Condition, Only, check_choice
from convirza_mcp.rules.grouping import OF_TEAMS
from convirza_mcp.rules.messages import StopRequests
from convirza_mcp.rules.terms import Terms
from convirza_mcp.scan.results import Coverage, Seen

_SECOND = timedelta(seconds=1)
_ROWS_AT_A_TIME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Filters: `agent` and `phone_number` as a caller names them; `only` has conditions that must all hold; `by_time`
    is the time that the window filters.
    """

    agent: str | None = None
    phone_number: str | None = None
    only: str | None = None
    by_time: ByTime = "latest"
    target_minutes: int = DEFAULT_TARGET

    @property
    def names(self) -> Names:
        given = {"agent": self.agent, "phone_number": self.phone_number}
        return {name: text for name, text in given.items() if text is not None}

    def conditions(self, request: Request, view: AnyView) -> Only:
        """Return the conditions; raise `InvalidArgumentError` for a value out of range, or one that the view or the
        account's settings cannot decide.
        """
        check_choice("by_time", self.by_time, get_args(ByTime))
        if not 1 <= self.target_minutes <= LONGEST_TARGET:
            takes = f"`target_minutes` takes a whole number from 1 to {LONGEST_TARGET}."
            raise InvalidArgumentError("target_minutes", takes)
        if self.by_time == "closed" and view not in ("close", "all"):
            raise InvalidArgumentError("type", "`type` takes close or all with by_time=closed.")
        settings = request.account.settings
        return Only.read(
            self.only,
            settings.business_hours,
            has_messages=settings.privacy != "strict",
            has_lines=bool(settings.lines),
        )

    def view(self, view: AnyView) -> AnyView:
        return "close" if self.by_time == "closed" else view

    def terms(self, request: Request, window: Window, now: datetime, teams: Teams) -> Terms:
        return Terms(
            zone=window.zone,
            hours=request.account.settings.business_hours,
            now=now,
            by_time=self.by_time,
            target_minutes=self.target_minutes,
            members=teams.members,
            lines=request.account.settings.lines,
        )


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Conversations kept in a window; `without_time` counts those that lack the time that decides."""

    seen: list[Seen]
    window: Window
    without_time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterResult:
    """Result of `select_filtered`. `selection` is what was read, `before` the period to compare with.

    `is_unmet`: the period has conversations, but none meets the conditions.
    """

    selection: Selection
    coverage: Coverage
    period: Period
    before: Period | None
    only: Only
    terms: Terms
    is_unmet: bool
    read_back_to: datetime | None
    notes: tuple[Hint, ...]

    @property
    def timing(self) -> dict[str, Any]:
        return timing(self.period.window, self.terms.by_time, self.period.without_time, self.read_back_to)

    @property
    def unmet_note(self) -> Hint | None:
        """Return the note that no conversation meets the conditions; None if there is none without them either."""
        if not self.only or not self.is_unmet:
            return None
        lacking = self.only.groups_without(self.selection.seen, self.terms)
        if lacking:
            groups = f": none has the {' or '.join(lacking)} that it names. Name the whole value, or ask without "
            return hint("No conversation read meets ", argument("only"), groups, argument("only"), ".")
        return hint("No conversation read meets ", argument("only"), "; without it there are some.")


def timing(window: Window, by_time: ByTime, without_time: int, read_back_to: datetime | None) -> dict[str, Any]:
    """Return the keys of an answer about the time that counts; empty for the latest message's."""
    if by_time == "latest":
        return {}
    part: dict[str, Any] = {"by_time": by_time, f"{by_time}_without_time": without_time}
    return part | ({} if read_back_to is None else {"read_back_to": window.stamp(read_back_to)})


async def select_filtered(
    request: Request,
    view: AnyView,
    window: Window,
    filters: Filters,
    *,
    order: Order = "desc",
    columns: Sequence[str] = (),
    compare_to: CompareTo | None = None,
) -> FilterResult:
    """Read the views, and keep the conversations that meet the conditions. `columns` are the groupings to come.

    Raise `InvalidArgumentError`, before anything is read, if a condition, a time or a period cannot be used.
    """
    only = filters.conditions(request, view)
    if compare_to is not None:
        window = so_far(window, request.now, compare_to)
    reading, past = window_to_read(filters.by_time, window, request.now, compare_to), None
    if filters.by_time == "latest" and compare_to is not None:
        # A name means the same agent or line in both periods.
        read = await select(request, view, window, {})
        other = replace(earlier(read.window, compare_to), expressions=(f"{compare_to} of {key_of(window)}", None))
        read, past = narrow_alike(read, await select(request, view, other, {}), filters.names)
    else:
        by_latest = filters.by_time == "latest"
        if not by_latest and compare_to is None:
            reading = await _cached_for_comparison(request, view, window, filters) or reading
        # All views are read together, so that a later question about one more does not change those already counted.
        read = await select(request, filters.view(view), reading, filters.names, order=order, borrows=by_latest)
    teams = await teams_of(request) if only.needs_teams or not OF_TEAMS.isdisjoint(columns) else Teams()
    # Cache recognized requests as long as the messages themselves.
    known = read.views[0].derived.setdefault("stop requests", StopRequests())
    # Count as of the time of the read: a list that is asked for seconds later then has exactly the counted rows.
    terms = replace(filters.terms(request, read.window, read.coverage.as_of, teams), stop_request=known.__getitem__)

    seen, coverage, before, since = await _holding(read.seen, only, terms), read.coverage, None, reading.start
    within = period_to_count(window, read.window)
    if filters.by_time == "latest":
        period, is_there = Period(seen=seen, window=within), bool(read.seen)
    else:
        compared = None if compare_to is None else earlier(within, compare_to)
        since = (within if compared is None else compared).start - (
            BEFORE_CLOSING if filters.by_time == "closed" else timedelta(0)
        )
        period, is_there = _within(seen, within, terms, since), any(map(in_window(within, terms), read.seen))
        before = None if compared is None else _within(seen, compared, terms, since)
    if past is not None:
        # A conversation that is active in both periods counts in the later one.
        later = {each.conversation.conversation_id for each in read.seen}
        only_past = [each for each in past.seen if each.conversation.conversation_id not in later]
        before = Period(seen=await _holding(only_past, only, terms), window=past.window)
        coverage = Coverage.merge((read.coverage, past.coverage), read.coverage.read + past.coverage.read)
    return FilterResult(
        selection=read,
        coverage=coverage,
        period=period,
        before=before,
        only=only,
        terms=terms,
        is_unmet=is_there and not period.seen,
        read_back_to=since if filters.by_time == "closed" else None,
        notes=tuple(_notes(filters, compare_to, teams)),
    )


async def _cached_for_comparison(request: Request, view: AnyView, window: Window, filters: Filters) -> Window | None:
    """Return the window that a comparison of this one has read, so that a follow-up about it does not read again.

    Not if a conversation lacks its latest message's time: a shorter window might not have it.
    """
    held = {
        (each.type, each.window.expressions)
        for each in await request.account.views.held()
        if all(row.conversation_updated for row in each.conversations)
    }
    for compare_to in get_args(CompareTo):
        with suppress(InvalidArgumentError):
            passed = so_far(window, request.now, compare_to)
            reading = window_to_read(filters.by_time, passed, request.now, compare_to)
            if all((name, reading.expressions) in held for name in views_of(filters.view(view))):
                return reading
    return None


async def _holding(seen: list[Seen], only: Only, terms: Terms) -> list[Seen]:
    """Return the conversations that meet the conditions. Some are slow, so other calls run between slices."""
    if not only:
        return seen
    holds, kept = only.holding(terms), list[Seen]()
    for begin in range(0, len(seen), _ROWS_AT_A_TIME):
        await anyio.lowlevel.checkpoint()
        kept += filter(holds, seen[begin : begin + _ROWS_AT_A_TIME])
    return kept


def _within(seen: list[Seen], window: Window, terms: Terms, since: datetime) -> Period:
    """Return the conversations in the window; those without a time count if their latest message is since `since`."""
    kept = list(filter(in_window(window, terms), seen))
    undated = [each.conversation.conversation_updated for each in seen if terms.time_of(each.conversation) is None]
    return Period(seen=kept, window=window, without_time=sum(each is None or each >= since for each in undated))


def in_window(window: Window, terms: Terms) -> Condition:
    """Return the condition that the time that counts is in the window, including its whole last second."""
    time_of, start, after = terms.time_of, window.start, window.end + _SECOND

    def is_in(seen: Seen) -> bool:
        moment = time_of(seen.conversation)
        return moment is not None and start <= moment < after

    return is_in


def _notes(filters: Filters, compare_to: CompareTo | None, teams: Teams) -> Iterator[Hint]:
    if teams.note is not None:
        yield teams.note
    if filters.by_time == "closed":
        yield hint("A conversation that was reopened, or closed after 30 idle days, cannot be seen here.")
    if compare_to is not None and filters.by_time == "latest":
        yield hint(
            "A conversation active in both periods counts in the later one; ",
            argument("by_time", "started"),
            " avoids that.",
        )
