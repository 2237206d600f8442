"""Results of a summary: figures, groups and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from convirza_mcp.answers.hints import Hint, plural
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.rules.grouping import COLUMNS, Group, GroupBy
from convirza_mcp.rules.summary import Figures, Summary, Trend, trend
from convirza_mcp.rules.waiting import WaitClock
from convirza_mcp.scan.results import Coverage


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Figures of one group, or of a pair of groups: `second` is the other one. `before` has the figures of the other
    period.
    """

    group: Group
    figures: Figures
    second: Group | None = None
    before: Figures | None = None

    @property
    def label(self) -> str:
        return self.group.label

    @property
    def is_missing(self) -> bool:
        """Return whether its conversations lack the field that they are grouped by."""
        return self.group.is_missing

    @property
    def then(self) -> str | None:
        return None if self.second is None else self.second.label

    @property
    def trend(self) -> Trend | None:
        """How the median of the first response compares; None without another period."""
        return trend(self.figures, self.before)


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

    `groups` of time are in order, others largest first; empty without a grouping. With a second grouping, it has each
    pair that occurs. `only` names the conditions that they meet. `without_time` counts those without the time that
    `by_time` selects. With `closed`, closed conversations were read back to `read_back_to`. `before` has the figures of
    the other period, `before_window`.
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
    groups: tuple[GroupFigures, ...]

    @property
    def trend(self) -> Trend | None:
        """How the median of the first response compares; None without another period."""
        return trend(self.total, self.before)

    def folded(self, most: int, first: int = 0) -> tuple[GroupFigures, ...]:
        """Return `most` groups from index `first` on, and one for all after them, labeled with their number."""
        beyond = self.groups[first + most :]
        return (*self.groups[first : first + most], *([_together(beyond)] if beyond else []))


def more_groups(count: int) -> str:
    return f"{count} more {plural(count, 'group')}"


def _together(groups: Sequence[GroupFigures]) -> GroupFigures:
    before = [each.before for each in groups if each.before is not None]
    return GroupFigures(
        Group(False, "", more_groups(len(groups))),
        Figures.of_all(each.figures for each in groups),
        before=Figures.of_all(before) if before else None,
    )


def groups_of(counted: Summary, past: Summary | None, by: GroupBy) -> list[GroupFigures]:
    if counted.pairs:
        first = {group: place for place, (group, _) in enumerate(counted.groups)}
        then = {group: place for place, group in enumerate(counted.then_groups)}
        in_order = sorted(counted.pairs.items(), key=lambda each: (first[each[0][0]], then[each[0][1]]))
        return [GroupFigures(group, figures, second) for (group, second), figures in in_order]
    if past is None:
        return [GroupFigures(*each) for each in counted.groups]
    # The other period may spell the same group differently.
    before = {group[:2]: (group, figures) for group, figures in past.groups}
    empty = Figures(target_minutes=counted.total.target_minutes)
    both = [(group, figures, before.pop(group[:2], (group, empty))[1]) for group, figures in counted.groups]
    both += [(group, empty, figures) for group, figures in before.values()]
    if by != "none" and COLUMNS[by].is_time:
        both.sort(key=lambda each: each[0])
    else:
        both.sort(key=lambda each: (-each[1].conversations, -each[2].conversations, each[0]))
    return [GroupFigures(group, figures, before=past_figures) for group, figures, past_figures in both]


def table_of(counted: Summary, by: GroupBy, then_by: GroupBy) -> Table:
    def count(first: Group, second: Group) -> int:
        return figures.conversations if (figures := counted.pairs.get((first, second))) else 0

    rows, columns = _on_scale([group for group, _ in counted.groups], by), _on_scale(counted.then_groups, then_by)
    return Table(
        columns=tuple(group.label for group in columns),
        rows=tuple((first.label, tuple(count(first, each) for each in columns)) for first in rows),
    )


def _on_scale(groups: Sequence[Group], by: GroupBy) -> list[Group]:
    """Return the groups, with the empty ones of a scale between its first and last, so that a gap is visible."""
    scale = COLUMNS[by].scale
    places = [scale.index(each) for each in groups if each in scale]
    between = scale[min(places) : max(places) + 1] if places else ()
    return [*between, *(each for each in groups if each not in scale)]
