"""Check the time zone of questions and answers."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from difflib import get_close_matches
from zoneinfo import available_timezones

from convirza_mcp.clock.zones import zone_of_this_machine
from convirza_mcp.setup.doctor.checks.settings import ReadSettings
from convirza_mcp.setup.doctor.finding import Finding
from convirza_mcp.text.typed import plain

NAME = "time zone"
VARIABLE = "CONVIRZA_TIMEZONE"

_WITHOUT_SUMMER_TIME = {"EST": "America/New_York", "MST": "America/Denver", "Factory": "America/Denver"}
"""Zones without daylight saving time that users rarely intend. Hawaii's HST is correct for its place."""


def check_zone(
    read: ReadSettings,
    value: str = "",
    *,
    machine: Callable[[], tzinfo | None] = zone_of_this_machine,
    known: Callable[[], set[str]] = available_timezones,
) -> Finding:
    """Check the zone. `value` is the variable's value; it is compared with zone names, and never shown."""
    if VARIABLE in read.refused:
        return _refused(value.strip(), known())
    zone = read.settings.zone
    time = f"{datetime.now(zone):%H:%M}"
    if _name(zone) in _WITHOUT_SUMMER_TIME:
        source = VARIABLE if value.strip() else "This computer's zone"
        return Finding.fault(
            NAME,
            f"{source} is {zone}, which has no daylight saving time: it is {time} there now.",
            f"Set {VARIABLE} to the zone of a place, such as {_WITHOUT_SUMMER_TIME[_name(zone)]}.",
        )
    if value.strip():
        here = machine()
        other = "" if here is None or _name(here) == _name(zone) else f"; this computer is set to {here}"
        return Finding.good(NAME, f"{zone}, from {VARIABLE}: it is {time} there now{other}.")
    if machine() is None:
        return Finding.fault(
            NAME,
            f"This computer's time zone is unknown, so UTC is used: it is {time} there now.",
            f"Set {VARIABLE} to your business's zone, such as America/Denver.",
        )
    hint = f"; if your business is elsewhere, set {VARIABLE}" if _name(zone) == "UTC" else ""
    return Finding.good(NAME, f"{zone}, as this computer is set: it is {time} there now{hint}.")


def _refused(value: str, known: set[str]) -> Finding:
    if not known:
        return Finding.fault(
            NAME,
            f"{VARIABLE} cannot be used: this computer has no time zone data.",
            "Install it: `pip install tzdata`, or the system's package of that name.",
        )
    remedy = f"Set {VARIABLE} to one such as America/Denver, or UTC."
    if meant := _meant(value, known):
        remedy = f"Set {VARIABLE} to {meant}, if that was meant, or to another zone's name."
    return Finding.fault(NAME, f"{VARIABLE} is not a time zone that this computer knows.", remedy)


def _meant(value: str, known: set[str]) -> str | None:
    """Return the zone whose name or city is similar to `value`."""
    wanted = plain(value).replace(" ", "_").lower()
    names = {name.rpartition("/")[2].lower(): name for name in sorted(known)} | {name.lower(): name for name in known}
    found = get_close_matches(wanted, names, n=1, cutoff=0.8)
    return names[found[0]] if found else None


def _name(zone: tzinfo) -> str:
    name = str(zone)
    return "UTC" if name in ("Etc/UTC", "Zulu") else name
