"""Units of time, and durations as people write and read them."""

import re
from datetime import timedelta
from functools import lru_cache

from convirza_mcp.text.typed import plain

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
"""Seconds by the letter of an age."""

_PAIRS = (("d", "h"), ("h", "m"), ("m", "s"))
_AGE = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.ASCII)


def read_age(text: str) -> int | None:
    """Return the seconds of an age such as `90m`, `24h`, `7d` or `2w`; None for any other text."""
    found = _AGE.fullmatch(plain(text).lower())
    return None if found is None else int(found[1]) * UNITS[found[2]]


def duration_text(seconds: int | None) -> str | None:
    """Return a measured time in its two largest units, the rest dropped: `45s`, `3m21s`, `1h05m`, `2d03h`."""
    if seconds is None:
        return None
    if seconds < MINUTE:
        return f"{seconds}s"
    large, small = next(pair for pair in _PAIRS if seconds >= UNITS[pair[0]])
    rest = seconds % UNITS[large] // UNITS.get(small, 1)
    return f"{seconds // UNITS[large]}{large}{rest:02}{small}"


def wait_text(seconds: float | None, *, days: bool = True) -> str | None:
    """Return a wait in its two largest units, the rest dropped: `3d 4h`, `2h 5m`, `45m`; under a minute `0m`.

    Without `days`, as for business hours, whose days are not the calendar's: `76h`.
    """
    if seconds is None:
        return None
    hour, minute = divmod(int(seconds) // MINUTE, 60)
    day, rest = divmod(hour, 24)
    if day and days:
        return f"{day}d {rest}h" if rest else f"{day}d"
    if hour:
        return f"{hour}h {minute}m" if minute and not day else f"{hour}h"
    return f"{minute}m"


@lru_cache(maxsize=2**14)
def seconds_of(response_time: str) -> int:
    """Return the seconds of an `H:MM:SS`, of any number of hours."""
    return int(response_time[:-6]) * HOUR + int(response_time[-5:-3]) * MINUTE + int(response_time[-2:])


def seconds_text(seconds: float) -> str:
    """Return a number of seconds in words: `1 second`, `0.5 seconds`, `20 seconds`."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def spelled_out(duration: timedelta) -> str:
    """Return a duration to the minute, in words: `2 hours`, `1 hour 55 minutes`, `3 days`."""
    hours, minutes = divmod(round(duration / timedelta(minutes=1)), 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    parts = ((hours, "hour"), (minutes, "minute"))
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number)
