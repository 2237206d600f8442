"""Check this computer's clock against the time of the hosts."""

from collections.abc import Iterable
from datetime import timedelta

from convirza_mcp.api.http.probe import Probe
from convirza_mcp.clock.durations import spelled_out
from convirza_mcp.setup.doctor.finding import Finding

NAME = "clock"

_MOST = timedelta(minutes=5)


def check_clock(probes: Iterable[Probe | None]) -> Finding:
    """Compare the clock with the first probe that has a time."""
    found = next((made for made in probes if made is not None and made.ahead is not None), None)
    if found is None or found.ahead is None:
        return Finding.skipped(NAME, "Convirza's answers did not state the time.")
    if abs(found.ahead) <= _MOST:
        return Finding.good(NAME, f"Correct, by the time of {found.host}.")
    apart = spelled_out(abs(found.ahead))
    direction = "ahead" if found.ahead > timedelta() else "behind"
    return Finding.fault(
        NAME,
        f"This computer's clock is {apart} {direction}, by the time of {found.host}: waits, "
        "`today` and the end of a login will be wrong.",
        "Turn on automatic date and time in this computer's settings.",
    )
