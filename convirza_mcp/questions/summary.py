"""How we are doing: exact counts and response times, by group on request."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import time, timedelta
from typing import Self

from convirza_mcp.accounts.account import Request, of_one_account
from convirza_mcp.answers.hints import Hint, Name, argument, hint
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.narrowing import Narrowing
from convirza_mcp.questions.scope import AnyView, Selection, longer_start, select
from convirza_mcp.rules.grouping import Group, GroupBy
from convirza_mcp.rules.summary import WAIT_BANDS, WAIT_BOUNDS, ResponseTimes, Summary, Tally, summarize
from convirza_mcp.rules.waiting import WaitClock
from convirza_mcp.scan.results import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of conversations, and how fast they were answered.

    `unread` and `unread_messages` count closed ones too, `waiting` and `unassigned` only open ones. `unknown_waits`
    counts the waiting ones whose latest message has no time.
    """

    conversations: int
    closed: int
    unread: int
    unread_messages: int
    unassigned: int
    waiting: int
    pinned: int
    unknown_waits: int
    first_response: ResponseTimes
    avg_response: ResponseTimes

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(**{each.name: getattr(tally, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one group; `is_missing` where the conversations lack what they are grouped by."""

    label: str
    figures: Figures
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class WaitBand:
    """How many conversations wait for at least `since` and less than `below`; None is no bound."""

    label: str
    since: timedelta
    below: timedelta | None
    conversations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxSummary:
    """`total`: the figures of all conversations; `waits`: the waiting ones by wait, on `clock`, where it is known."""

    total: Figures
    waits: tuple[WaitBand, ...]
    group_by: GroupBy
    clock: WaitClock
    narrowing: Narrowing
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]
    _counted: Summary = field(repr=False)

    @property
    def groups(self) -> tuple[GroupFigures, ...]:
        """Each group, largest first; none where nothing is grouped by."""
        return tuple(map(_figures, self._counted.groups))

    @property
    def groups_in_order(self) -> tuple[GroupFigures, ...]:
        """Each group in the natural order, such as Monday first; the missing one last."""
        return tuple(map(_figures, sorted(self._counted.groups, key=lambda each: each[0])))

    def largest_groups(self, most: int) -> tuple[GroupFigures, ...]:
        """The groups, largest first; those beyond `most` in one that says how many they are."""
        return tuple(GroupFigures(line.label, Figures.of(line.tally)) for line in self._counted.lines(most))


@of_one_account
async def summary(
    request: Request,
    window: Window,
    *,
    group_by: GroupBy = "none",
    view: AnyView = "all",
    agent: str | None = None,
    phone_number: str | None = None,
) -> InboxSummary:
    """Read the views, and count."""
    read = await select(request, view, window, agent=agent, phone_number=phone_number)
    clock = WaitClock(request.account.settings.business_hours, read.window.zone, read.coverage.as_of)
    counted = summarize(read.seen, by=group_by, zone=read.window.zone, wait=clock.seconds_since)
    given = [argument(name) for name, value in (("agent", agent), ("phone_number", phone_number)) if value is not None]
    bounds = [timedelta(seconds=bound) for bound in (0, *WAIT_BOUNDS)]
    return InboxSummary(
        total=Figures.of(counted.total),
        waits=tuple(map(WaitBand, WAIT_BANDS, bounds, (*bounds[1:], None), counted.waits)),
        group_by=group_by,
        clock=clock,
        narrowing=read.narrowing,
        coverage=read.coverage,
        window=read.window,
        notes=tuple(_note_on_first_day(read.window, group_by)) if read.seen else (_note_on_nothing(read, view, given),),
        _counted=counted,
    )


def _figures(grouped: tuple[Group, Tally]) -> GroupFigures:
    group, tally = grouped
    return GroupFigures(group.label, Figures.of(tally), group.is_missing)


def _note_on_first_day(window: Window, group_by: GroupBy) -> Iterator[Hint]:
    """Say so where the first day is not a whole one: it would look quiet beside the others."""
    first = window.local(window.start)
    if group_by == "day" and first.time() != time():
        yield hint(f"The first day, {first:%Y-%m-%d}, counts from {first:%H:%M} on.")


def _note_on_nothing(read: Selection, view: AnyView, given: list[Name]) -> Hint:
    """What to do about an answer of nothing."""
    if read.narrowing.note is not None:
        return read.narrowing.note
    if read.coverage.read and given:
        named = _joined(given, " and ")
        groups = _joined([argument("group_by", each.name) for each in given], " or ")
        return hint("None of the conversations read has this ", *named, "; without it, ", *groups, " lists them all.")
    if not read.coverage.complete:
        return hint("No conversation was read; coverage says why.")
    steps = [longer_start(read.window), None if view == "all" else argument("type", "all")]
    known = _joined([step for step in steps if step is not None], " or ") or ["other dates"]
    return hint("No conversation in this view and window; try ", *known, ".")


def _joined(names: list[Name], between: str) -> list[str | Name]:
    return [part for name in names for part in (between, name)][1:]
