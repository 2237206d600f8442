"""Whether this computer's clock is right, by what the hosts say the time is."""

from collections.abc import Iterable
from datetime import timedelta

from convirza_mcp.api.http.probe import Probe
from convirza_mcp.setup.doctor.finding import Finding

NAME = "clock"

_MOST = timedelta(minutes=5)


def check_clock(probes: Iterable[Probe | None]) -> Finding:
    """By the first of the probes that has a time."""
    found = next((made for made in probes if made is not None and made.ahead is not None), None)
    if found is None or found.ahead is None:
        return Finding.skipped(NAME, "no answer of Convirza's says what time it is.")
    if abs(found.ahead) <= _MOST:
        return Finding.good(NAME, f"Right, by the time that {found.host} gives.")
    direction = "ahead" if found.ahead > timedelta() else "behind"
    return Finding.fault(
        NAME,
        f"This computer's clock is {_text(abs(found.ahead))} {direction}, by the time that {found.host} gives: waits, "
        "`today` and the end of a login come out wrong.",
        "Turn on automatic date and time in this computer's settings.",
    )


def _text(time: timedelta) -> str:
    """To the largest unit that says it: `2 hours`, `1 hour 55 minutes`, `3 days`."""
    minutes = round(time.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    parts = [_counted(hours, "hour"), _counted(minutes, "minute")]
    return " ".join(part for part in parts if part)


def _counted(number: int, unit: str) -> str:
    return "" if number == 0 else f"{number} {unit}{'' if number == 1 else 's'}"
