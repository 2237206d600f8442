"""Results of a summary: figures, groups and tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from convirza_mcp.answers.hints import Hint
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.rules.grouping import COLUMNS, Group, GroupBy
from convirza_mcp.rules.summary import COUNTED, ResponseTimes, Summary, Tally, Trend, trend
from convirza_mcp.rules.waiting import WaitClock
from convirza_mcp.scan.results import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of conversations, and how fast they were answered.

    `unread` and `unread_messages` count closed ones too; `waiting` and `unassigned` only open ones. `late` counts those
    answered after the target; `missed_target` adds those unanswered for longer than the target. `outside_hours` is 0
    except for `by_time=started` with business hours. `unknown_waits` counts waiting ones whose latest message has no
    time.
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
    """Figures of one group; `is_missing` if its conversations lack the field that they are grouped by.

    `then` is the label of the second group, if any. `before` has the figures of the other period.
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
    """Number of conversations that have waited at least `since` and less than `below`; None is no bound."""

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
    """Figures of an inbox. `total` covers all conversations; `waits` counts known waits, measured by `clock`.

    `only` names the conditions that they meet. `without_time` counts those without the time that `by_time` selects.
    With `closed`, closed conversations were read back to `read_back_to`. `before` has the figures of the other period,
    `before_window`.
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
        """Return the groups: groups of time in order, others largest first; empty without a grouping.

        With a second grouping, return each pair that occurs.
        """
        return tuple(each.figures for each in self._lines)

    @property
    def trend(self) -> Trend | None:
        """How the median of the first response compares; None without another period."""
        return None if self.before is None else trend(self.total.first_response, self.before.first_response)

    def folded(self, most: int, first: int = 0) -> tuple[GroupFigures, ...]:
        """Return `most` groups from index `first` on, and one for all after them, labeled with their number."""
        last = first + most
        return tuple(each.figures for each in (*self._lines[first:last], *_together(self._lines[last:])))


class Line(NamedTuple):
    """Group, or pair of groups, with its tally; `before` is the tally of the other period."""

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
    """Return the label of the row for all further groups."""
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
    """Return the groups, or pairs of groups, in display order."""
    if counted.pairs:
        first = {group: place for place, (group, _) in enumerate(counted.groups)}
        then = {group: place for place, group in enumerate(counted.then_groups)}
        pairs = [Line(*place, tally, None) for place, tally in counted.pairs.items()]
        return sorted(pairs, key=lambda each: (first[each.group], then[each.then or each.group]))
    if past is None:
        return [Line(group, None, tally, None) for group, tally in counted.groups]
    # The other period may spell the same group differently.
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
