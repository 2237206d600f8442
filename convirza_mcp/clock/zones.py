"""Time zones by name, and this computer's own."""

import os
import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from convirza_mcp.text.typed import plain

ASSUMED_UTC = timezone(timedelta(0), "UTC (no time zone found; set CONVIRZA_TIMEZONE)")
"""UTC, if neither the settings nor this computer name a zone. Each answer shows this name with its window."""

_AROUND_SLASH = re.compile(r" *[/\\] *")
_NO_ZONES = {"localtime", "posixrules", "Factory"}


def zone_named(name: str) -> tzinfo:
    """Return the IANA zone `name`, in any case, with spaces for underscores, or as TZ and paths name it.

    Raise ValueError without one.
    """
    name = _AROUND_SLASH.sub("/", plain(name)).replace(" ", "_").removeprefix(":").rpartition("/zoneinfo/")[2]
    # The zones below `right` count leap seconds.
    name = name.removeprefix("posix/").removeprefix("right/")
    if name in _NO_ZONES:
        raise ValueError("a file that is no zone")
    if name.upper() in ("UTC", "ETC/UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # An unknown name, a path out of the zone data, and a folder's name.
        known = {each.lower(): each for each in available_timezones()}
        if name.lower() in known:
            return ZoneInfo(known[name.lower()])
        raise ValueError("no such zone") from None


def zone_of_this_machine() -> tzinfo | None:
    """Return the zone of this computer, or of TZ for this process; None where neither names one."""
    # Imported here: only a start without CONVIRZA_TIMEZONE needs it.
    import tzlocal

    # tzlocal ignores a TZ that it cannot read. It follows the links of a path.
    given = os.environ.get("TZ", "").removeprefix(":").rpartition("/zoneinfo/")[2]
    try:
        name = given if given and not given.startswith("/") else tzlocal.get_localzone_name()
        return zone_named(name) if name else None
    except (KeyError, ValueError, OSError):
        # A container without /etc/localtime, or a link to a zone that is not installed.
        return None
