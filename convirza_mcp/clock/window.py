"""The window of time that a question is about: read from arguments, sent to the API, named in the answer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, Self

from convirza_mcp.clock.expressions import FORMS, Span, read_span
from convirza_mcp.clock.zones import ASSUMED_UTC
from convirza_mcp.errors import InvalidArgumentError

API_DEFAULT_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` to `end`, aware UTC instants to the second, shown in `zone`.

    `is_api_default` says that neither bound is sent: `start` and `end` are then what Convirza's own last
    7 days should be by this machine's clock. `asked` are the two expressions that were read, by which the same
    question is known again a few seconds later.
    """

    start: datetime
    end: datetime
    zone: tzinfo
    is_api_default: bool = False
    asked: tuple[str | None, str | None] | None = field(default=None, compare=False)

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
        """The window between two time expressions.

        A missing `end` is now; a missing `start` lies `default_days` before `end`. With neither, and
        `api_default`, the window is Convirza's own. `names` are what the caller's two arguments are called.

        Raises:
            InvalidArgumentError: an expression cannot be read, or `end` is not after `start`.
        """
        start_name, end_name = names
        given = [] if start is None else [(start_name, start)]
        given.append((end_name, "now" if end is None else end))
        *since, until = [_span(name, text, now=now, zone=zone) for name, text in given]
        last = until.last
        first = since[0].first if since else last - timedelta(days=default_days)
        if last == first and until.is_now and any(each.is_of_a_day for each in since):
            # `today` at the first moment of the day: an empty inbox, not a mistake. Convirza takes no empty window.
            last += timedelta(seconds=1)
        if last <= first:
            raise InvalidArgumentError(
                end_name,
                f"`{end_name}` must be after `{start_name}`; without `{end_name}` the window ends now, "
                f"so `{start_name}` must lie in the past.",
            )
        is_api_default = api_default and start is None and end is None
        return cls(start=first, end=last, zone=zone, is_api_default=is_api_default, asked=(start, end))

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """What to send as `start` and `end`."""
        return (None, None) if self.is_api_default else (self.start, self.end)

    def __str__(self) -> str:
        shown = f"{self.local(self.start):%Y-%m-%d %H:%M} to {self.local(self.end):%Y-%m-%d %H:%M} {self.zone}"
        return f"{shown} (Convirza's own last {API_DEFAULT_DAYS} days)" if self.is_api_default else shown

    @property
    def zone_name(self) -> str:
        """The zone's name for programs: `UTC` where it was assumed."""
        return "UTC" if self.zone is ASSUMED_UTC else str(self.zone)

    def local(self, moment: datetime) -> datetime:
        """`moment` as the window's zone shows it."""
        return moment.astimezone(self.zone)

    def stamp(self, moment: datetime, timespec: Literal["seconds", "microseconds"] = "seconds") -> str:
        """Return `moment` as `2026-03-05 10:30:00` in the window's zone."""
        return self.local(moment).replace(tzinfo=None).isoformat(" ", timespec)

    def longer_start(self, *, at_least: int = 30) -> str | None:
        """Return a `start` that looks further back: `30d`, `90d` or `365d`; None if the window is as long already."""
        days = (self.end - self.start).days
        return next((f"{each}d" for each in (30, 90, 365) if each >= at_least and each > days), None)


def utc_now() -> datetime:
    """The clock that windows are read by; a program with another clock hands in its own."""
    return datetime.now(UTC)


def _span(argument: str, text: str, *, now: datetime, zone: tzinfo) -> Span:
    try:
        return read_span(text, now=now, zone=zone)
    except ValueError:
        raise InvalidArgumentError(argument, f"`{argument}` takes {FORMS}.") from None
