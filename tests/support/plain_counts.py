"""What is told of the sandbox's rows, without anything of the package: slow, and plainly right. Times are Denver's."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, get_args

from convirza_mcp.business_lines import BusinessLine
from convirza_mcp.clock.business_hours import BusinessHours
from convirza_mcp.rules.by_time import TIME_FIELDS, ByTime
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.text.phone import number_key
from support.calls import DENVER, NOW, SETTINGS

Row = dict[str, Any]


def moment(row: Row, field: str) -> datetime | None:
    return datetime.fromisoformat(row[field]) if row.get(field) else None


def seconds(row: Row, field: str = "first_response_time") -> int | None:
    if not row.get(field):
        return None
    hours, minutes, rest = map(int, row[field].split(":"))
    return hours * 3_600 + minutes * 60 + rest


def is_open_at(when: datetime) -> bool:
    local = when.astimezone(DENVER)
    return local.isoweekday() < 6 and time(8) <= local.time() < time(18)


def is_unread(row: Row) -> bool:
    return bool(row.get("unread_count")) or row.get("conversation_status") == "unread"


def has_missed(row: Row) -> bool:
    first, began = seconds(row), moment(row, "conversation_started") or moment(row, "conversation_updated")
    if first is None:
        return began is not None and NOW - began > timedelta(minutes=15)
    return first > 900


CAMPAIGN_LINES = ("18015550101", "13855550103")
CAMPAIGN = dict.fromkeys(map(number_key, CAMPAIGN_LINES), BusinessLine(campaign="Spring flyer"))


HOURS = replace(SETTINGS, lines=CAMPAIGN, business_hours=BusinessHours.parse("Mon-Fri 08:00-18:00"), timeout=120.0)
BY_TIMES: tuple[ByTime, ...] = get_args(ByTime)


def label_of(row: Row, by: str, field: str) -> str | None:
    fields = {"agent": "agent", "phone_number": "phone_number", "status": "conversation_status"}
    if by == "campaign":
        return "Spring flyer" if row.get("phone_number") in CAMPAIGN_LINES else None
    if by in fields:
        return row.get(fields[by]) or None
    when = moment(row, field)
    if when is None:
        return None
    local = when.astimezone(DENVER)
    monday = local - timedelta(days=local.weekday())
    return {
        "day": f"{local:%Y-%m-%d}",
        "week": f"{monday:%Y-%m-%d}",
        "month": f"{local:%Y-%m}",
        "weekday": f"{local:%A}",
        "hour": f"{local:%H}:00",
        "business_hours": "inside" if is_open_at(when) else "outside",
    }[by]


def plain_rows(sandbox: Sandbox, by_time: ByTime, start: datetime, end: datetime) -> tuple[list[Row], int]:
    """Return what belongs in the window, and how many of what was read lack the time."""
    since, views = start, ("allOpen", "close")
    if by_time == "closed":
        since, views = start - timedelta(days=30), ("close",)
    until = end if by_time == "latest" else NOW
    read = [row for view in views for row in sandbox.ask(type=view, limit=None, start=since, end=until).rows]
    if by_time == "latest":
        return read, 0
    timed = [(row, moment(row, TIME_FIELDS[by_time])) for row in read]
    # All of the window's last second belongs to it.
    kept = [row for row, when in timed if when is not None and start <= when < end + timedelta(seconds=1)]
    return kept, len([row for row, when in timed if when is None])
