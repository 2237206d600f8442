"""How fast we answered: Convirza's response times as a few figures, and times as a reader likes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from convirza_mcp.clock.durations import HOUR, MINUTE

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
