"""The period to compare a window with."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError

CompareTo = Literal["previous", "week_before", "month_before"]
"""The same length just before, or the same wall clock a week or a month earlier."""

_SECOND = timedelta(seconds=1)
_CLOCK_CHANGE = timedelta(hours=2)


def earlier(window: Window, compare_to: CompareTo) -> Window:
    """Return the period before `window`, without a common second; raise InvalidArgumentError if the two overlap.

    A day that the month before does not have becomes that month's last.
    """
    if compare_to == "previous":
        end = window.start - _SECOND
        return replace(window, start=end - (window.end - window.start), end=end, expressions=None)
    start = min(_shifted(window, window.start, compare_to))
    end = max(_shifted(window, window.end, compare_to))
    if window.start <= end <= window.start + _CLOCK_CHANGE:
        # A window of just a week, and maybe an hour that a clock change made of it.
        end = window.start - _SECOND
    if end >= window.start:
        raise InvalidArgumentError(
            "compare_to",
            f"`compare_to`: {compare_to} overlaps this window. "
            "Give a shorter one with `start` and `end`, or use previous.",
        )
    return replace(window, start=start, end=end, expressions=None)


def _shifted(window: Window, moment: datetime, compare_to: CompareTo) -> list[datetime]:
    """Return the readings of the earlier wall clock: two if it shows a time twice."""
    wall = window.local(moment).replace(tzinfo=None, fold=0)
    if compare_to == "week_before":
        wall -= timedelta(weeks=1)
    else:
        year, month = (wall.year, wall.month - 1) if wall.month > 1 else (wall.year - 1, 12)
        wall = wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))
    return [wall.replace(tzinfo=window.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
