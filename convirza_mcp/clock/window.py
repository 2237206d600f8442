"""Time expressions of people and models, and the window between two of them.

Times are such as `2026-03-05T10:30:00Z`, `yesterday 17:30`, `24h`, `today`. A time without an offset is in the
configured zone. An expression names a span, not an instant: `yesterday` as a start is that day's first second, as an
end its last. Weeks begin on Monday. When clocks change, the span includes both readings of an ambiguous time.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple, Self

from convirza_mcp.clock.durations import read_age
from convirza_mcp.clock.zones import ASSUMED_UTC
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.text.graphemes import compiled
from convirza_mcp.text.typed import plain

FORMS = (
    "an ISO 8601 date or date-time, today, yesterday, now, this-week, last-week, this-month, last-month, an age such "
    "as 90m, 24h, 7d or 2w, or a clock time, in the years 2000 to 2099"
)

_DATE_TIME = (
    r"(?ai)(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"(?: ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_DAY_AND_CLOCK = r"(?a)(?:(?P<day>today|yesterday)\s*)?(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_WEEK_OR_MONTH = r"(?P<which>this|last)[-_ ](?P<unit>week|month)"

_A_DAY = timedelta(days=1)

# The API has no older conversations; a time outside this range is a typo.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """Span of a time expression: aware UTC instants, both ends included, to the second."""

    first: datetime
    last: datetime


def read_span(text: str, *, now: datetime, zone: tzinfo) -> Span:
    """Return the span that `text`, one of `FORMS`, names relative to `now` in `zone`; raise ValueError for others."""
    try:
        span = _read(plain(text).lower(), now=now.astimezone(UTC), zone=zone)
    except OverflowError:
        span = None
    if span is None or not _FIRST <= span.first <= span.last < _LAST:
        raise ValueError("not a time")
    return span


def _is_of_a_day(text: str) -> bool:
    """Return whether an expression is a date, a word for whole days, or a clock time."""
    words = plain(text).lower()
    date_time = compiled(_DATE_TIME).fullmatch(words)
    if date_time:
        return date_time["clock"] is None
    return any(compiled(form).fullmatch(words) for form in (_DAY_AND_CLOCK, _WEEK_OR_MONTH))


def _read(words: str, *, now: datetime, zone: tzinfo) -> Span | None:
    if words == "now":
        return _instant(now)
    if (age := read_age(words)) is not None:
        return _instant(now - timedelta(seconds=age))
    if absolute := compiled(_DATE_TIME).fullmatch(words):
        day = date.fromisoformat(absolute["date"])
        if absolute["clock"] is None:
            return _whole_days(day, day + _A_DAY, zone)
        return _at(day, absolute["clock"], absolute["offset"], zone)
    today = now.astimezone(zone).date()
    if named := compiled(_WEEK_OR_MONTH).fullmatch(words):
        return _whole_days(*_week_or_month(named["unit"], today, is_last=named["which"] == "last"), zone)
    relative = compiled(_DAY_AND_CLOCK).fullmatch(words)
    if relative is None or not words:
        return None
    day = today - _A_DAY * (relative["day"] == "yesterday")
    if relative["clock"] is None:
        return _whole_days(day, day + _A_DAY, zone)
    return _at(day, relative["clock"].zfill(5 if relative["clock"].count(":") == 1 else 8), None, zone)


def up_to_the_second(moment: datetime) -> datetime:
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def _instant(moment: datetime) -> Span:
    # To the second: a start rounds down, an end up.
    return Span(moment.replace(microsecond=0), up_to_the_second(moment))


def _week_or_month(unit: str, today: date, *, is_last: bool) -> tuple[date, date]:
    """Return the first day of this or the last week or month, and the first day after it."""
    if unit == "week":
        first = today - timedelta(days=today.weekday() + 7 * is_last)
        return first, first + timedelta(days=7)
    first = today.replace(day=1)
    if is_last:
        return (first - _A_DAY).replace(day=1), first
    return first, (first + timedelta(days=31)).replace(day=1)


def _whole_days(first: date, after: date, zone: tzinfo) -> Span:
    return Span(_first_second(first, zone), _first_second(after, zone) - timedelta(seconds=1))


def _first_second(day: date, zone: tzinfo) -> datetime:
    # fold=0 is the earlier of two midnights, and the moment after a gap.
    return datetime.combine(day, time(fold=0), zone).astimezone(UTC)


def _at(day: date, clock: str, offset: str | None, zone: tzinfo) -> Span:
    if clock.startswith("24"):
        # Since Python 3.14 `fromisoformat` takes it: as the next day with a date, as 00:00 of the same day without.
        raise ValueError("no time of day")
    if offset is not None:
        return _instant(datetime.fromisoformat(f"{day}T{clock}{offset.upper()}").astimezone(UTC))
    local = datetime.combine(day, time.fromisoformat(clock), zone)
    readings = [_instant(local.replace(fold=fold).astimezone(UTC)) for fold in (0, 1)]
    return Span(min(reading.first for reading in readings), max(reading.last for reading in readings))


API_DEFAULT_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Window from `start` to `end`, aware UTC instants to the second, displayed in `zone`.

    `is_api_default`: neither bound is sent; `start` and `end` are then Convirza's own last 7 days by this machine's
    clock. `expressions` has the two original expressions, to recognize the same question a few seconds later.
    `counted` has the first and the last moment that questions count, where this window was made longer to be read.
    """

    start: datetime
    end: datetime
    zone: tzinfo
    is_api_default: bool = False
    expressions: tuple[str | None, str | None] | None = field(default=None, compare=False)
    counted: tuple[datetime, datetime] | None = field(default=None, compare=False)

    @classmethod
    def read(
        cls,
        start: str | None,
        end: str | None,
        *,
        now: datetime,
        zone: tzinfo,
        default_days: int,
        api_default: bool = False,
        names: tuple[str, str] = ("start", "end"),
    ) -> Self:
        """Return the window between two time expressions, which the caller's arguments `names` hold.

        A missing `end` is now; a missing `start` lies `default_days` before `end`. With neither, and
        `api_default`, the window is Convirza's own.

        Raises:
            InvalidArgumentError: an expression cannot be read, or `end` is not after `start`.
        """
        start_name, end_name = names
        since = None if start is None else _span(start_name, start, now=now, zone=zone)
        until = _instant(now.astimezone(UTC)) if end is None else _span(end_name, end, now=now, zone=zone)
        last = until.last
        first = last - timedelta(days=default_days) if since is None else since.first
        is_of_a_day = start is not None and _is_of_a_day(start)
        if last == first and is_of_a_day and (end is None or plain(end).lower() == "now"):
            # `today` at the first second of the day is valid, but Convirza takes no empty window.
            last += timedelta(seconds=1)
        # `now` to `now` is empty, although its span is rounded to a second.
        if last <= first or (since == until and not is_of_a_day):
            raise InvalidArgumentError(
                end_name,
                f"`{end_name}` must be after `{start_name}`; without `{end_name}` the window ends now, "
                f"so `{start_name}` must lie in the past.",
            )
        is_api_default = api_default and start is None and end is None
        return cls(start=first, end=last, zone=zone, is_api_default=is_api_default, expressions=(start, end))

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the `start` and `end` to send."""
        return (None, None) if self.is_api_default else (self.start, self.end)

    def __str__(self) -> str:
        first, last = (self.stamp(each, "minutes") for each in (self.start, self.end))
        shown = f"{first} to {last} {self.zone}"
        return f"{shown} (Convirza's own last {API_DEFAULT_DAYS} days)" if self.is_api_default else shown

    @property
    def zone_name(self) -> str:
        """Return the zone's name for programs: `UTC` if it was assumed."""
        return "UTC" if self.zone is ASSUMED_UTC else str(self.zone)

    def local(self, moment: datetime) -> datetime:
        """Return `moment` in the window's zone."""
        return moment.astimezone(self.zone)

    def stamp(self, moment: datetime, timespec: Literal["minutes", "seconds", "microseconds"] = "seconds") -> str:
        """Return `moment` as `2026-03-05 10:30:00` in the window's zone."""
        return self.local(moment).replace(tzinfo=None).isoformat(" ", timespec)

    def longer_start(self, *, at_least: int = 30) -> str | None:
        """Return a `start` that looks further back: `30d`, `90d` or `365d`; None if the window is as long already."""
        days = (self.end - self.start).days
        return next((f"{each}d" for each in (30, 90, 365) if each >= at_least and each > days), None)


def utc_now() -> datetime:
    """Return the current time; the default clock of windows."""
    return datetime.now(UTC)


def _span(argument: str, text: str, *, now: datetime, zone: tzinfo) -> Span:
    try:
        return read_span(text, now=now, zone=zone)
    except ValueError:
        raise InvalidArgumentError(argument, f"`{argument}` takes {FORMS}.") from None
