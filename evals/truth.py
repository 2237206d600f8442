"""True answers, counted from the sandbox's rows in plain Python that shares no code with the server."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from convirza_mcp.sandbox import Sandbox

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
"""A Friday, 10:00 in Denver; the sandbox's clock and the server's."""
ZONE = ZoneInfo("America/Denver")
HOURS = "Mon-Fri 08:00-18:00"
MONTH = (NOW - timedelta(days=30), NOW)

Row = dict[str, Any]
_DURATION = re.compile(r"(\d{1,5}):(\d\d):(\d\d)", re.ASCII)
Window = tuple[datetime, datetime]


def day(month: int, number: int) -> datetime:
    """The first moment of a day of 2026 in the business's zone."""
    return datetime(2026, month, number, tzinfo=ZONE)


def through(first: datetime, after: datetime) -> Window:
    return first, after - timedelta(seconds=1)


TODAY, THIS_WEEK = (day(11, 20), NOW), (day(11, 16), NOW)
YESTERDAY, LAST_WEEK = through(day(11, 19), day(11, 20)), through(day(11, 9), day(11, 16))
THIS_MONTH, LAST_MONTH = (day(11, 1), NOW), through(day(10, 1), day(11, 1))


class Truth:
    """All rows of an inbox, with times as times, `first` and `average` in seconds, `closed` and `team`."""

    def __init__(self, sandbox: Sandbox) -> None:
        teams = {each["ct_user_id"]: each["group"] for each in sandbox.users if each["status"] != "deleted"}
        closed = sandbox.ids("close")
        self.rows = [_row(each, each["conversation_id"] in closed, teams) for each in sandbox.conversations]

    def of(self, window: Window = MONTH, *, by: str = "updated", **wanted: Any) -> list[Row]:
        """The rows with a time in the window, both ends included, and these values."""
        start, end = window
        inside = (each for each in self.rows if each[by] is not None and start <= each[by] <= end)
        return [each for each in inside if all(each[name] == value for name, value in wanted.items())]

    def row(self, conversation_id: int) -> Row:
        return next(each for each in self.rows if each["conversation_id"] == conversation_id)


def _row(row: Row, closed: bool, teams: dict[int, str | None]) -> Row:
    names = {"updated": "conversation_updated", "started": "conversation_started", "closed_at": "closed_at"}
    return row | {
        "closed": closed,
        "team": teams.get(row["ct_user_id"]),
        "first": _seconds(row["first_response_time"]),
        "waiting": bool(row["unread_count"]) and not closed,
        **{short: _time(row[name]) for short, name in names.items()},
    }


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])


def _time(text: Any) -> datetime | None:
    # A hostile row may hold anything.
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def ids(rows: Iterable[Row]) -> list[int]:
    return [each["conversation_id"] for each in rows]


def firsts(rows: Iterable[Row]) -> list[int]:
    """First response times, rising, of the rows that have one."""
    return sorted(each["first"] for each in rows if each["first"] is not None)


def rank(values: list[int], percent: int) -> int:
    """The nearest-rank percentile of rising values."""
    return values[-(-percent * len(values) // 100) - 1]


def share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole, 1)}%"


def most(rows: Iterable[Row], key: Callable[[Row], Any]) -> Any:
    """The value of `key` that most rows have."""
    return Counter(map(key, rows)).most_common(1)[0][0]


def is_open(moment: datetime) -> bool:
    local = moment.astimezone(ZONE)
    return local.weekday() < 5 and time(8) <= local.time() < time(18)


def business_seconds(start: datetime, end: datetime) -> float:
    """Time between two moments within business hours, day by day."""
    total, at = 0.0, start.astimezone(ZONE).date()
    while at <= end.astimezone(ZONE).date():
        if at.weekday() < 5:
            opens, closes = (datetime.combine(at, time(hour), ZONE) for hour in (8, 18))
            total += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
        at += timedelta(days=1)
    return total
