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
PLAIN_DURATION = (
    r"^[0-9]{1,6}:(?:[0-5][0-9]:(?:[0-5][1-9]|[1-5]0)|(?:[0-5][1-9]|[1-5]0):00)$|^0{0,5}[1-9][0-9]{0,5}:00:00$"
)
"""`H:MM:SS` of any number of hours and more than zero, as documented."""

# 0:03:21.5 · 1 day, 02:03:04 · 1.02:03:04
_CLOCK = re.compile(
    r"""(?: (?P<days>[0-9]{1,5}) (?:\ ?d|\ days?|\.) ,?\ ? (?=[0-2]?[0-9]:) )?
    (?P<hours>[0-9]{1,6}) : (?P<minutes>[0-5]?[0-9]) : (?P<seconds>[0-5]?[0-9]) (?:[.,][0-9]{1,12})?""",
    re.VERBOSE,
)
# 1d 2h 3m 4s · 3 min 21 sec · 2 hours, 5 minutes
_UNITS = re.compile(
    r"""(?: (?P<days>[0-9]{1,5}) \ ?d(?:ays?)? (?![a-z]),?\ ? )?
    (?: (?P<hours>[0-9]{1,6}) \ ?h(?:(?:ou)?rs?)? (?![a-z]),?\ ? )?
    (?: (?P<minutes>[0-9]{1,6}) \ ?m(?:in(?:ute)?s?)? (?![a-z]),?\ ? )?
    (?: (?P<seconds>[0-9]{1,6}) (?:[.,][0-9]{1,12})? \ ?s(?:ec(?:ond)?s?)? )?""",
    re.VERBOSE,
)
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


def plain_duration(text: str) -> str:
    """Return a duration in another form as `HH:MM:SS`, a part of a second dropped; raise ValueError for other text.

    Also for zero: some systems write it for "no answer yet", so it tells neither that nor an answer at once.
    """
    text = text.strip().lower()
    if text.startswith("p"):
        # ISO 8601, such as P1DT2H3M4S.
        text = text[1:].replace("t", "")
    found = _CLOCK.fullmatch(text) or _UNITS.fullmatch(text)
    if found is None:
        raise ValueError("no duration")
    days, hours, minutes, seconds = (int(found[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    if days and hours >= 24:
        raise ValueError("no hours of a day")
    minutes, seconds = minutes + seconds // 60, seconds % 60
    hours, minutes = days * 24 + hours + minutes // 60, minutes % 60
    if not hours + minutes + seconds:
        raise ValueError("zero")
    return f"{hours:02}:{minutes:02}:{seconds:02}"


@lru_cache(maxsize=2**14)
def seconds_of(response_time: str) -> int:
    """Return the seconds of an `H:MM:SS`, of any number of hours."""
    return int(response_time[:-6]) * HOUR + int(response_time[-5:-3]) * MINUTE + int(response_time[-2:])


def spelled_out(duration: timedelta) -> str:
    """Return a duration to the minute, in words: `2 hours`, `1 hour 55 minutes`, `3 days`."""
    hours, minutes = divmod(round(duration / timedelta(minutes=1)), 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    parts = ((hours, "hour"), (minutes, "minute"))
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number)
