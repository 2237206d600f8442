"""Summary of an inbox: exact counts of the conversations read, in total and by group, in one pass."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, Literal, Self

from convirza_mcp.clock.durations import MINUTE, seconds_of
from convirza_mcp.rules.by_time import DEFAULT_TARGET
from convirza_mcp.rules.conditions import FIGURES, Condition
from convirza_mcp.rules.grouping import COLUMNS, EVERYTHING, Group, GroupBy, grouping
from convirza_mcp.rules.terms import Terms
from convirza_mcp.scan.results import Seen

METHOD = "median and p90 are measured times, by nearest rank"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """Statistics of response times: `count` times, `missing` conversations without one, and percentiles.

    Median, mean (to the nearest second) and p90 are None without any time. `within_5m` and `within_target` are how many
    took at most so long.
    """

    count: int
    missing: int
    median_seconds: int | None
    mean_seconds: int | None
    p90_seconds: int | None
    within_5m: int
    within_target: int

    @property
    def median(self) -> timedelta | None:
        return None if self.median_seconds is None else timedelta(seconds=self.median_seconds)

    @property
    def mean(self) -> timedelta | None:
        return None if self.mean_seconds is None else timedelta(seconds=self.mean_seconds)

    @property
    def p90(self) -> timedelta | None:
        return None if self.p90_seconds is None else timedelta(seconds=self.p90_seconds)

    @classmethod
    def of(cls, seconds: Sequence[int], *, missing: int, target_minutes: int = DEFAULT_TARGET) -> Self:
        ordered = sorted(seconds)
        return cls(
            count=len(ordered),
            missing=missing,
            median_seconds=nearest_rank(ordered, 50),
            mean_seconds=(2 * sum(ordered) + len(ordered)) // (2 * len(ordered)) if ordered else None,
            p90_seconds=nearest_rank(ordered, 90),
            within_5m=bisect_right(ordered, 5 * MINUTE),
            within_target=bisect_right(ordered, target_minutes * MINUTE),
        )


def nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """Return the nearest-rank percentile (1 to 100) of ascending values; None without values."""
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]


def share_text(part: int, whole: int) -> str | None:
    """Return `part` of `whole` in percent: `0%`, `66.7%`, `100%`; None if `whole` is 0.

    To one decimal, rounded half up, but less than all is at most 99.9% and more than none at least 0.1%.
    """
    if not whole:
        return None
    if part in (0, whole):
        return "100%" if part else "0%"
    thousandths = min(max((2000 * part + whole) // (2 * whole), 1), 999)
    return f"{thousandths // 10}.{thousandths % 10}%"


WAIT_BOUNDS = (5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 24 * 60 * 60)
"""Bounds of the bands of waits, in seconds; a wait equal to a bound is in the later band."""

WAIT_BANDS = ("under 5m", "5m to 15m", "15m to 1h", "1h to 4h", "4h to 24h", "24h or more")

Wait = Callable[[datetime], float]
"""Seconds that a contact has waited since an aware instant; monotonic."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts of conversations, and how fast they were answered.

    `unread` and `unread_messages` count closed ones too; `waiting` and `unassigned` only open ones. `late` counts those
    answered after the target; `missed_target` adds those unanswered for longer than the target. `outside_hours` is 0
    except for `by_time=started` with business hours. `waiting_since` has the latest message's time of each waiting one,
    if known. The times are in seconds, one per conversation that has one.
    """

    conversations: int = 0
    closed: int = 0
    unread: int = 0
    unread_messages: int = 0
    unassigned: int = 0
    waiting: int = 0
    pinned: int = 0
    never_answered: int = 0
    late: int = 0
    missed_target: int = 0
    outside_hours: int = 0
    target_minutes: int = DEFAULT_TARGET
    waiting_since: Sequence[datetime] = field(default=(), repr=False)
    first_seconds: Sequence[int] = field(default=(), repr=False)
    avg_seconds: Sequence[int] = field(default=(), repr=False)
    close_seconds: Sequence[int] = field(default=(), repr=False)

    @property
    def unknown_waits(self) -> int:
        """Return the number of waiting ones whose latest message has no time."""
        return self.waiting - len(self.waiting_since)

    @cached_property
    def first_response(self) -> ResponseTimes:
        return self._times(self.first_seconds)

    @cached_property
    def avg_response(self) -> ResponseTimes:
        return self._times(self.avg_seconds)

    @cached_property
    def time_to_close(self) -> ResponseTimes:
        """Return times from the first message to the closing; without `by_time=closed`, all are missing."""
        return self._times(self.close_seconds)

    def _times(self, seconds: Sequence[int]) -> ResponseTimes:
        missing = self.conversations - len(seconds)
        return ResponseTimes.of(seconds, missing=missing, target_minutes=self.target_minutes)

    @classmethod
    def of(cls, seen: Sequence[Seen], terms: Terms, conditions: Sequence[tuple[str, Condition]]) -> Self:
        """Count conversations, one pass per figure: one loop over tens of thousands takes three times as long."""
        rows = [each.conversation for each in seen]
        closed = [(each.conversation_started, each.closed_at) for each in rows] if terms.by_time == "closed" else []
        meeting = {name: list(filter(holds, seen)) for name, holds in conditions}
        waiting = [each.conversation.conversation_updated for each in meeting["waiting"]]
        return cls(
            **{name: len(kept) for name, kept in meeting.items()},
            conversations=len(rows),
            unread_messages=sum(each.unread_count or 0 for each in rows),
            target_minutes=terms.target_minutes,
            waiting_since=[each for each in waiting if each is not None],
            first_seconds=[seconds_of(each.first_response_time) for each in rows if each.first_response_time],
            avg_seconds=[seconds_of(each.avg_response_time) for each in rows if each.avg_response_time],
            close_seconds=[
                int((end - start).total_seconds()) for start, end in closed if start and end and start <= end
            ],
        )

    @classmethod
    def of_all(cls, parts: "Iterable[Figures]") -> "Figures":
        """Return the sum of the figures of different conversations."""
        first, *others = parts
        if not others:
            return first
        whole: dict[str, Any] = {each.name: getattr(first, each.name) for each in fields(cls)}
        for name, value in whole.items():
            if name != "target_minutes":
                values = [value, *(getattr(each, name) for each in others)]
                whole[name] = sum(values) if isinstance(value, int) else list(chain.from_iterable(values))
        return cls(**whole)


COUNTED = [each.name for each in fields(Figures) if each.name in FIGURES]
"""Figures that a summary counts, each by the condition with its name.

`outside_hours` is counted only if it is about when a conversation began. Requests to stop are left out, because
recognizing them is slow.
"""


def _conditions(terms: Terms) -> list[tuple[str, Condition]]:
    has_hours = terms.by_time == "started" and not terms.hours.is_round_the_clock
    return [(name, FIGURES[name](terms)) for name in COUNTED if has_hours or name != "outside_hours"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of an inbox: in total, and by group. Groups of time are in order, others largest first.

    `waits` counts the known waits by `WAIT_BANDS`. With a second grouping, `pairs` has each pair of groups that occurs,
    and `then_groups` has the second groups.
    """

    total: Figures
    waits: list[int]
    groups: list[tuple[Group, Figures]]
    pairs: Mapping[tuple[Group, Group], Figures] = field(default_factory=dict)
    then_groups: list[Group] = field(default_factory=list)


def summarize(seen: Iterable[Seen], *, by: GroupBy, terms: Terms, wait: Wait, then_by: GroupBy = "none") -> Summary:
    """Count each conversation once; `none` makes no groups."""
    group_of, then_of, conditions = grouping(by, terms), grouping(then_by, terms), _conditions(terms)
    members: dict[tuple[Group, Group], list[Seen]] = defaultdict(list)
    if by == then_by == "none":
        members[EVERYTHING, EVERYTHING] = list(seen)
    else:
        for each in seen:
            members[group_of(each.conversation), then_of(each.conversation)].append(each)
    pairs = {pair: Figures.of(own, terms, conditions) for pair, own in members.items()}
    total = Figures.of_all(pairs.values()) if pairs else Figures(target_minutes=terms.target_minutes)
    waits = counts_by_band(total.waiting_since, wait)
    groups = [] if by == "none" else _in_order(pairs, 0, by)
    if then_by == "none":
        return Summary(total, waits, groups)
    return Summary(total, waits, groups, pairs, [group for group, _ in _in_order(pairs, 1, then_by)])


def _in_order(pairs: Mapping[tuple[Group, Group], Figures], side: int, by: GroupBy) -> list[tuple[Group, Figures]]:
    parts: dict[Group, list[Figures]] = defaultdict(list)
    for pair, figures in pairs.items():
        parts[pair[side]].append(figures)
    groups = [(group, Figures.of_all(own)) for group, own in parts.items()]
    if by != "none" and COLUMNS[by].is_time:
        return sorted(groups, key=lambda each: each[0])
    return sorted(groups, key=lambda each: (-each[1].conversations, each[0]))


def counts_by_band(since: Sequence[datetime], wait: Wait) -> list[int]:
    """Return the number of these waits in each of `WAIT_BANDS`."""
    newest_first = sorted(since, reverse=True)
    # Waits ascend along the list, so bisection finds each bound; computing every wait would take too long.
    below = [bisect_left(newest_first, float(bound), key=wait) for bound in WAIT_BOUNDS]
    return [end - start for start, end in zip([0, *below], [*below, len(newest_first)], strict=True)]


Trend = Literal["faster", "slower", "same", "few"]
FEWEST_ANSWERED = 5
"""With fewer in either period, a trend would be chance."""


def trend(figures: Figures, earlier: Figures | None) -> Trend | None:
    """Compare two medians of the first response; `same` means a difference of at most 5 % of the earlier one."""
    if earlier is None:
        return None
    now, before = figures.first_response.median_seconds, earlier.first_response.median_seconds
    fewest = min(figures.first_response.count, earlier.first_response.count)
    if now is None or before is None or fewest < FEWEST_ANSWERED:
        return "few"
    if 20 * abs(now - before) <= before:
        return "same"
    return "faster" if now < before else "slower"
