"""Business hours, the clock for a contact's wait.

Hours are wall-clock times. An hour that a daylight-saving change skips does not count, and one that it repeats counts
twice, because the business is open for that long.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Self

from convirza_mcp.clock.durations import DAY, HOUR, MINUTE, WEEK

if TYPE_CHECKING:
    from convirza_mcp.clock.public_holidays import PublicHolidays

_FIRST_MONDAY = 4 * DAY
"""1970-01-05, in seconds since 1970."""

_EPOCH = date(1970, 1, 1).toordinal()
_USUAL_CLOSE = "17:30"
_SECOND = timedelta(seconds=1)
_DAYS_BACK = 70
"""How far back to look for a close: over all holidays in a row."""

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Opening hours of a week.

    `spans` are seconds since Monday 00:00 on the wall clock, ascending and disjoint, within one week.
    `text` shows them as `Mon-Fri 08:00-18:00, Sat 09:00-13:00`. `holidays` are closed from midnight to midnight.
    """

    spans: tuple[_Span, ...] = ((0, WEEK),)
    text: str = field(default="round the clock", compare=False)
    holidays: "PublicHolidays | None" = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read hours such as `Mon-Fri 08:00-12:00 13:00-18:00, Sat 22:00-02:00`, with overlaps merged.

        Days may wrap (`Fri-Mon`), and times may pass midnight or end at `24:00`. Raises as `read_hours` does.
        """
        # Imported here, because its expressions take milliseconds to compile, and most inboxes have no hours set.
        from convirza_mcp.clock.hours_text import read_hours

        entries = read_hours(text)
        spans = _merged(
            (day * DAY + start * MINUTE, day * DAY + (end if end > start else end + DAY // MINUTE) * MINUTE)
            for entry in entries
            for day in entry.days
            for start, end in entry.spans
        )
        return cls(spans) if spans == ((0, WEEK),) else cls(spans, ", ".join(map(str, entries)))

    def without(self, holidays: "PublicHolidays") -> Self:
        """Return these hours, closed on holidays; round the clock stays so."""
        if self.is_round_the_clock:
            return self
        return type(self)(self.spans, f"{self.text}, closed on holidays of {holidays.place}", holidays)

    @property
    def is_round_the_clock(self) -> bool:
        return self.spans == ((0, WEEK),)

    def open_seconds(self, start: datetime, end: datetime, zone: tzinfo) -> float:
        """Return the seconds that the business in `zone` is open between two aware instants; 0 if `end` is earlier."""
        # By timestamps, because Python subtracts two times of one zone by the wall clock.
        first, last = start.timestamp(), end.timestamp()
        if last <= first:
            return 0.0
        if self.is_round_the_clock:
            return last - first
        return sum(
            self._open_between(max(first, since) + offset, min(last, until) + offset)
            for year in range(start.astimezone(UTC).year, end.astimezone(UTC).year + 1)
            for since, until, offset in _offsets(zone, year)
            if since < last and until > first
        )

    def is_open(self, local: datetime) -> bool:
        """Return whether the business is open at a time as its own wall clock shows it."""
        if self.holidays is not None and self.holidays.has(local.date()):
            return False
        wall = local.weekday() * DAY + local.hour * HOUR + local.minute * MINUTE + local.second
        return any(start <= wall < end for start, end in self.spans)

    def closed_before_today(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Return the last close, in `zone`, of a span that opened before today; None if it never closes."""
        if self.is_round_the_clock:
            return None
        local = now.astimezone(zone).replace(tzinfo=None)
        today = datetime.combine(local, time())
        # A close after midnight belongs to the day before. Today's own ones, such as for lunch, do not count.
        overnight = [each for each in self._closes(today)[:1] if each < local and self.is_open(today - _SECOND)]
        earlier = (self._closes(today - timedelta(days=back)) for back in range(1, _DAYS_BACK))
        last = next((each[-1] for each in chain([overnight], earlier) if each), None)
        return None if last is None else last.replace(tzinfo=zone)

    def _closes(self, day: datetime) -> list[datetime]:
        """Return when the business closes on a day, from its first midnight on."""
        ends = sorted({0, *(end % DAY for _, end in self.spans)})
        times = (day + timedelta(seconds=each) for each in ends)
        return [each for each in times if self.is_open(each - _SECOND) and not self.is_open(each)]

    def _open_between(self, first: float, last: float) -> float:
        """Return the open seconds between two times on a wall clock, in seconds since 1970."""
        seconds = self._open_until(last) - self._open_until(first)
        if self.holidays is None:
            return seconds
        since, until = (date.fromordinal(_EPOCH + int(wall // DAY)).year for wall in (first, last))
        days = (day for year in range(since, until + 1) for day in _midnights(self.holidays, year))
        return seconds - sum(
            self._open_until(min(last, day + DAY)) - self._open_until(max(first, day))
            for day in days
            if day < last and day + DAY > first
        )

    def _open_until(self, wall: float) -> float:
        """Return the open seconds from the first Monday of 1970 to `wall`, in seconds since 1970 on a wall clock."""
        weeks, passed = divmod(wall - _FIRST_MONDAY, WEEK)
        open_in_a_week = sum(end - start for start, end in self.spans)
        return weeks * open_in_a_week + sum(min(passed, end) - start for start, end in self.spans if start < passed)


ROUND_THE_CLOCK = BusinessHours()


def last_close(hours: BusinessHours, *, now: datetime, zone: tzinfo) -> str:
    """Return the last close of a day before today, on the clock of `zone`, as a time that tools take.

    Without business hours: yesterday 17:30, and on a Monday Friday 17:30, so that no weekend is lost.
    """
    if (closed := hours.closed_before_today(now, zone)) is not None:
        return f"{closed:%Y-%m-%dT%H:%M}"
    today = now.astimezone(zone).date()
    if today.weekday() == 0:
        return f"{today - timedelta(days=3)}T{_USUAL_CLOSE}"
    return f"yesterday {_USUAL_CLOSE}"


def _merged(spans: Iterable[_Span]) -> tuple[_Span, ...]:
    merged: list[_Span] = []
    # A span across the week's end continues at its start.
    split = [part for start, end in spans for part in ((start, min(end, WEEK)), (0, end - WEEK)) if part[0] < part[1]]
    for start, end in sorted(split):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


@lru_cache(maxsize=256)
def _midnights(holidays: "PublicHolidays", year: int) -> tuple[int, ...]:
    """Return when the year's holidays begin, in seconds since 1970 on a wall clock."""
    return tuple((day.toordinal() - _EPOCH) * DAY for day in holidays.in_year(year))


@lru_cache(maxsize=256)
def _offsets(zone: tzinfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """Return the zone's offsets from UTC in a UTC year, each with its bounds in seconds since 1970.

    Two opposite changes within a day would be missed; no zone has had any.
    """
    first, end = (int(datetime(each, 1, 1, tzinfo=UTC).timestamp()) for each in (year, year + 1))
    days = range(first, end, DAY)
    changes = [_change(zone, day) for day in days if _offset(zone, day) != _offset(zone, day + DAY)]
    return tuple((since, until, _offset(zone, since)) for since, until in pairwise([first, *changes, end]))


def _change(zone: tzinfo, day: int) -> int:
    """Return the first second of a day whose offset differs from that of its first one."""
    offset = _offset(zone, day)
    return day + bisect_left(range(DAY), True, key=lambda second: _offset(zone, day + second) != offset)


def _offset(zone: tzinfo, second: int) -> int:
    moment = datetime.fromtimestamp(second, UTC).astimezone(zone)
    return int((moment.utcoffset() or timedelta(0)).total_seconds())
