"""An inbox in numbers: exact counts of what was read, all of it and group by group, in one pass."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple, Self

from convirza_mcp.clock.durations import HOUR, MINUTE
from convirza_mcp.rules.grouping import Group, GroupBy, grouping
from convirza_mcp.rules.waiting import is_unread, is_waiting
from convirza_mcp.scan.results import Seen

METHOD = "median and p90 by nearest rank: each is one of the times measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """`count` times that Convirza gave, `missing` conversations without one, and what the times come to.

    The median and the p90 are None without any time. `within_5m` and `within_15m` are how many took at most
    so long.
    """

    count: int
    missing: int
    median_seconds: int | None
    p90_seconds: int | None
    within_5m: int
    within_15m: int

    @property
    def median(self) -> timedelta | None:
        return None if self.median_seconds is None else timedelta(seconds=self.median_seconds)

    @property
    def p90(self) -> timedelta | None:
        return None if self.p90_seconds is None else timedelta(seconds=self.p90_seconds)

    @classmethod
    def of(cls, seconds: Sequence[int], *, missing: int) -> Self:
        ordered = sorted(seconds)
        return cls(
            count=len(ordered),
            missing=missing,
            median_seconds=nearest_rank(ordered, 50),
            p90_seconds=nearest_rank(ordered, 90),
            within_5m=sum(each <= 5 * MINUTE for each in ordered),
            within_15m=sum(each <= 15 * MINUTE for each in ordered),
        )


def nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest of the rising values that at least `percent` (1 to 100) of them do not pass; None of none."""
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]


def seconds_of(response_time: str) -> int:
    """The seconds of an `H:MM:SS`, of any number of hours."""
    return int(response_time[:-6]) * HOUR + int(response_time[-5:-3]) * MINUTE + int(response_time[-2:])


def share_text(part: int, whole: int) -> str | None:
    """`part` of `whole` in percent: `0%`, `66.7%`, `100%`; None of nothing.

    To one decimal, halves up, but nearly all is at most 99.9% and next to none at least 0.1%.
    """
    if not whole:
        return None
    if part in (0, whole):
        return "100%" if part else "0%"
    thousandths = min(max((2000 * part + whole) // (2 * whole), 1), 999)
    return f"{thousandths // 10}.{thousandths % 10}%"


WAIT_BOUNDS = (5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 24 * 60 * 60)
"""Where one band of waits ends and the next begins, in seconds; a wait of just so long is in the later one."""

WAIT_BANDS = ("under 5m", "5m to 15m", "15m to 1h", "1h to 4h", "4h to 24h", "24h or more")

Wait = Callable[[datetime], float]
"""How many seconds a contact has waited since an aware instant; since a later one never longer."""


@dataclass(slots=True)
class Tally:
    """What some conversations come to.

    `unread` and `unread_messages` count closed ones too, `waiting` and `unassigned` only open ones.
    `waiting_since` has the latest message's time of each that waits, where it is known. Response times are seconds,
    one for each conversation that has one.
    """

    conversations: int = 0
    unread: int = 0
    unread_messages: int = 0
    unassigned: int = 0
    waiting: int = 0
    pinned: int = 0
    closed: int = 0
    waiting_since: list[datetime] = field(default_factory=list)
    first_seconds: list[int] = field(default_factory=list)
    avg_seconds: list[int] = field(default_factory=list)

    @property
    def unknown_waits(self) -> int:
        return self.waiting - len(self.waiting_since)

    @property
    def first_response(self) -> ResponseTimes:
        return ResponseTimes.of(self.first_seconds, missing=self.conversations - len(self.first_seconds))

    @property
    def avg_response(self) -> ResponseTimes:
        return ResponseTimes.of(self.avg_seconds, missing=self.conversations - len(self.avg_seconds))

    def add(self, seen: Seen, *, has_agent: bool) -> None:
        conversation, closed = seen
        self.conversations += 1
        self.unread += is_unread(conversation)
        self.unread_messages += conversation.unread_count or 0
        self.unassigned += not closed and not has_agent
        self.pinned += conversation.pin is True
        self.closed += closed
        if is_waiting(seen):
            self.waiting += 1
            if conversation.conversation_updated is not None:
                self.waiting_since.append(conversation.conversation_updated)
        if conversation.first_response_time is not None:
            self.first_seconds.append(seconds_of(conversation.first_response_time))
        if conversation.avg_response_time is not None:
            self.avg_seconds.append(seconds_of(conversation.avg_response_time))

    @classmethod
    def of_all(cls, parts: "Iterable[Tally]") -> "Tally":
        """What several tallies of different conversations come to together."""
        whole = cls()
        for part in parts:
            for each in fields(cls):
                value = getattr(whole, each.name)
                value += getattr(part, each.name)
                setattr(whole, each.name, value)
        return whole


class Line(NamedTuple):
    """One group, or several in one, as a summary lists it."""

    label: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """`total` is about every conversation; `groups` stand largest first, equal ones in their natural order.

    `waits` counts, by `WAIT_BANDS`, those who wait since a known time.
    """

    total: Tally
    waits: list[int]
    groups: list[tuple[Group, Tally]]

    def lines(self, most: int) -> list[Line]:
        """The groups; where there are more than `most`, those beyond as one line that says how many they are."""
        shown = [Line(group.label, tally) for group, tally in self.groups[:most]]
        beyond = [tally for _, tally in self.groups[most:]]
        if beyond:
            shown.append(Line(f"{len(beyond)} more group{'s' * (len(beyond) > 1)}", Tally.of_all(beyond)))
        return shown


def summarize(seen: Iterable[Seen], *, by: GroupBy, zone: tzinfo, wait: Wait) -> Summary:
    """Count each conversation once. `zone` is where days and hours are told; grouped by `none` there are no groups."""
    group_of, agent_of = grouping(by, zone), grouping("agent", zone)
    tallies: dict[Group, Tally] = {}
    for each in seen:
        group = group_of(each.conversation)
        tally = tallies.get(group)
        if tally is None:
            tally = tallies[group] = Tally()
        tally.add(each, has_agent=not agent_of(each.conversation).is_missing)
    total = Tally.of_all(tallies.values())
    waits = counts_by_band(total.waiting_since, wait)
    if by == "none":
        return Summary(total, waits, [])
    return Summary(total, waits, sorted(tallies.items(), key=lambda item: (-item[1].conversations, item[0])))


def counts_by_band(since: Sequence[datetime], wait: Wait) -> list[int]:
    """How many of those who wait since these instants are in each of `WAIT_BANDS`."""
    newest_first = sorted(since, reverse=True)
    # Waits rise along the list, so a few looks at the clock find each bound: one look for each would take too long.
    below = [bisect_left(newest_first, float(bound), key=wait) for bound in WAIT_BOUNDS]
    return [end - start for start, end in zip([0, *below], [*below, len(newest_first)], strict=True)]
