"""What a summary comes to: figures, groups and tables, typed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from convirza_mcp.answers.hints import Hint
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.rules.grouping import COLUMNS, Group, GroupBy
from convirza_mcp.rules.summary import COUNTED, ResponseTimes, Summary, Tally, Trend, trend
from convirza_mcp.rules.terms import ByTime
from convirza_mcp.rules.waiting import WaitClock
from convirza_mcp.scan.results import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of conversations, and how fast they were answered.

    `unread` and `unread_messages` count closed ones too; `waiting` and `unassigned` only open ones. `late` were
    answered after the target; `missed_target` adds those unanswered for longer than it. `outside_hours` is 0 but for
    `by_time=started` with business hours. `unknown_waits` counts the waiting ones whose latest message has no time.
    """

    conversations: int
    closed: int
    unread: int
    unread_messages: int
    unassigned: int
    waiting: int
    pinned: int
    never_answered: int
    late: int
    missed_target: int
    outside_hours: int
    unknown_waits: int
    first_response: ResponseTimes
    avg_response: ResponseTimes
    time_to_close: ResponseTimes

    @classmethod
    def of(cls, tally: Tally) -> Self:
        counts: dict[str, Any] = {name: tally.counts[name] for name in COUNTED}
        return cls(
            **counts, **{each.name: getattr(tally, each.name) for each in fields(cls) if each.name not in counts}
        )


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one group; `is_missing` where the conversations lack what they are grouped by.

    `then` is the label of the second group, where there is one. `before` has the figures of the period compared to.
    """

    label: str
    figures: Figures
    is_missing: bool = False
    then: str | None = None
    before: Figures | None = None

    @property
    def trend(self) -> Trend | None:
        """How the median of the first response compares; None without another period."""
        return None if self.before is None else trend(self.figures.first_response, self.before.first_response)


@dataclass(frozen=True, slots=True)
class WaitBand:
    """How many conversations wait for at least `since` and less than `below`; None is no bound."""

    label: str
    since: timedelta
    below: timedelta | None
    conversations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Conversations in two groupings: a row for each first group, a column for each second one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxSummary:
    """`total`: the figures of all conversations; `waits`: the waiting ones by wait, on `clock`, where it is known.

    `only` names the conditions that they meet. `without_time` counts those that lack the time that `by_time` goes by.
    With `closed`, closed conversations were read back to `read_back_to`. `before` are the figures of `before_window`,
    the period compared to.
    """

    total: Figures
    waits: tuple[WaitBand, ...]
    group_by: GroupBy
    then_by: GroupBy
    by_time: ByTime
    target_minutes: int
    only: str
    without_time: int
    read_back_to: datetime | None
    clock: WaitClock
    narrowing: Narrowing
    coverage: Coverage
    window: Window
    before: Figures | None
    before_window: Window | None
    notes: tuple[Hint, ...]
    table: Table | None
    _lines: tuple["Line", ...] = field(repr=False)

    @property
    def groups(self) -> tuple[GroupFigures, ...]:
        """Each group: those of time in their order, others largest first; none where nothing is grouped by.

        With a second grouping, each pair that occurs.
        """
        return tuple(each.figures for each in self._lines)

    @property
    def trend(self) -> Trend | None:
        """How the median of the first response compares; None without another period."""
        return None if self.before is None else trend(self.total.first_response, self.before.first_response)

    def folded(self, most: int, first: int = 0) -> tuple[GroupFigures, ...]:
        """Return so many groups from the place `first` on, and those beyond in one that says how many they are."""
        last = first + most
        return tuple(each.figures for each in (*self._lines[first:last], *_together(self._lines[last:])))


class Line(NamedTuple):
    """One group, or a pair, with what it comes to; `before` in the period compared to."""

    group: Group
    then: Group | None
    tally: Tally
    before: Tally | None

    @property
    def figures(self) -> GroupFigures:
        return GroupFigures(
            self.group.label,
            Figures.of(self.tally),
            self.group.is_missing,
            None if self.then is None else self.then.label,
            None if self.before is None else Figures.of(self.before),
        )


def more_groups(count: int) -> str:
    """Return how the groups are called that share a row."""
    return f"{count} more group{'s' * (count > 1)}"


def _together(lines: Sequence[Line]) -> Iterator[Line]:
    if lines:
        past = [each.before for each in lines if each.before is not None]
        target = lines[0].tally.target_minutes
        before = Tally.of_all(past, target) if past else None
        yield Line(
            Group(False, "", more_groups(len(lines))),
            None,
            Tally.of_all((each.tally for each in lines), target),
            before,
        )


def lines_of(counted: Summary, past: Summary | None, by: GroupBy) -> list[Line]:
    """Return each group, or pair of groups, in the order in which they are shown."""
    if counted.pairs:
        first = {group: place for place, (group, _) in enumerate(counted.groups)}
        then = {group: place for place, group in enumerate(counted.then_groups)}
        pairs = [Line(*place, tally, None) for place, tally in counted.pairs.items()]
        return sorted(pairs, key=lambda each: (first[each.group], then[each.then or each.group]))
    if past is None:
        return [Line(group, None, tally, None) for group, tally in counted.groups]
    # The same group may be written in another way in the other period.
    before = {group[:2]: (group, tally) for group, tally in past.groups}
    empty = Tally(counted.total.target_minutes)
    both = [Line(group, None, tally, before.pop(group[:2], (group, empty))[1]) for group, tally in counted.groups]
    both += [Line(group, None, empty, tally) for group, tally in before.values()]
    if by != "none" and COLUMNS[by].is_time:
        return sorted(both, key=lambda each: each.group)
    return sorted(both, key=lambda each: (-each.tally.conversations, -_count(each.before), each.group))


def table_of(counted: Summary) -> Table:
    then = counted.then_groups
    return Table(
        columns=tuple(group.label for group in then),
        rows=tuple(
            (first.label, tuple(_count(counted.pairs.get((first, each))) for each in then))
            for first, _ in counted.groups
        ),
    )


def _count(tally: Tally | None) -> int:
    return 0 if tally is None else tally.conversations
