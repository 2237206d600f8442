"""Times as the API writes and reads them."""

import re
from datetime import UTC, datetime

_UTC_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


def utc_text(moment: datetime) -> str:
    """Return `2026-03-05T10:30:00.000Z` for an aware time in any zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def exact_text(moment: datetime) -> str:
    """Return `2026-03-05T10:30:00.000000Z` for an aware time in any zone; ValueError for a naive one."""
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def second_text(second: int) -> str:
    """Return `2026-03-05T10:30:00.000Z` for whole seconds since 1970 in UTC."""
    return datetime.fromtimestamp(second, UTC).isoformat()[:-6] + ".000Z"


def length_text(seconds: int) -> str:
    """Return `HH:MM:SS`, with as many digits of hours as needed."""
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


def read_utc(text: str) -> datetime:
    """Read an aware time in UTC. ValueError unless it has the documented form, with optional fractions of a second."""
    if not _UTC_TIME.fullmatch(text):
        raise ValueError("not an ISO 8601 UTC time")
    return datetime.fromisoformat(text)
