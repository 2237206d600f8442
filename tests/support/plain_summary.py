"""A summary counted without anything of the package from rows: slow, and plainly right."""

import math
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from convirza_mcp.rules.grouping import GroupBy
from support.calls import NOW
from support.plain_counts import Row, has_missed, is_unread, label_of, seconds

TIMES = ("day", "week", "month", "weekday", "hour")


def plain_seconds(rows: list[Row], name: str) -> list[int]:
    return sorted(each for each in (seconds(row, name) for row in rows) if each is not None)


def plain_rank(ordered: list[int], part: Fraction) -> str | None:
    if not ordered:
        return None
    return plain_length(ordered[math.ceil(part * len(ordered)) - 1])


def plain_length(seconds: int) -> str:
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days}d{hours:02}h"
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{seconds % 60:02}s" if minutes else f"{seconds}s"


def plain_share(ordered: list[int], minutes: int) -> str | None:
    if not ordered:
        return None
    percent = Decimal(100 * len([each for each in ordered if each <= 60 * minutes])) / len(ordered)
    return f"{percent:.0f}%" if percent in (0, 100) else f"{percent.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def plain_mean(ordered: list[int]) -> str | None:
    if not ordered:
        return None
    return plain_length(int((Decimal(sum(ordered)) / len(ordered)).quantize(Decimal(1), ROUND_HALF_UP)))


def plain_times(rows: list[Row], name: str) -> dict[str, Any]:
    ordered = plain_seconds(rows, name)
    times = {
        "count": len(ordered),
        "missing": len(rows) - len(ordered),
        "median": plain_rank(ordered, Fraction(1, 2)),
        "mean": plain_mean(ordered),
        "p90": plain_rank(ordered, Fraction(9, 10)),
    }
    if name == "avg_response_time":
        return times
    of_all = Decimal(100 * len([each for each in ordered if each <= 900])) / max(1, len(rows))
    in_all = f"{of_all:.0f}%" if of_all in (0, 100) else f"{of_all.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"
    return times | {
        "within_5m": f"{plain_share(ordered, 5)} of answered" if ordered else None,
        "within_target": f"{plain_share(ordered, 15)} of answered, {in_all} of all" if ordered else None,
    }


def plain_waits(rows: list[Row]) -> dict[str, int]:
    names = ("under 5m", "5m to 15m", "15m to 1h", "1h to 4h", "4h to 24h", "24h or more")
    waits = dict.fromkeys(names, 0)
    unknown = 0
    for each in rows:
        if not each.get("conversation_updated"):
            unknown += 1
            continue
        waited = NOW - datetime.fromisoformat(each["conversation_updated"])
        place = sum(waited >= timedelta(minutes=bound) for bound in (5, 15, 60, 240, 1440))
        waits[names[place]] += 1
    return waits | {"unknown": unknown} if unknown else waits


def plain_group(row: Row, by: GroupBy) -> tuple[Any, str]:
    """What equal groups are ordered by, and the label."""
    text = label_of(row, by, "conversation_updated")
    if text is None:
        return (1, ""), {"agent": "no agent", "phone_number": "no line", "status": "no status"}.get(by, "no time")
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return (0, str(weekdays.index(text)) if by == "weekday" else text.casefold()), text


def plain_line(label: str, rows: list[Row], closed: set[int]) -> list[Any]:
    unread = [row for row in rows if is_unread(row)]
    first = plain_times(rows, "first_response_time")
    waiting = [row for row in unread if row["conversation_id"] not in closed]
    in_time = plain_share(plain_seconds(rows, "first_response_time"), 15)
    messages = sum(row.get("unread_count") or 0 for row in rows)
    counts = [len(rows), len(unread), messages, len(waiting), first["count"]]
    return [label, *counts, first["median"], first["p90"], in_time]


def plain_lines(rows: list[Row], closed: set[int], by: GroupBy) -> list[list[Any]]:
    if by == "none":
        return []
    groups: dict[tuple[Any, str], list[Row]] = defaultdict(list)
    for each in rows:
        groups[plain_group(each, by)].append(each)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]) * (by not in TIMES), item[0][0]))
    lines = [plain_line(label, held, closed) for (_, label), held in ranked[:30]]
    beyond = [row for _, held in ranked[30:] for row in held]
    if beyond:
        count = len(ranked) - 30
        lines.append(plain_line(f"{count} more group{'s' if count > 1 else ''}", beyond, closed))
    return lines


def plain_numbers(rows: list[Row], closed: set[int]) -> dict[str, Any]:
    waiting = [row for row in rows if is_unread(row) and row["conversation_id"] not in closed]
    return {
        "conversations": len(rows),
        "closed": len([row for row in rows if row["conversation_id"] in closed]),
        "unread": len([row for row in rows if is_unread(row)]),
        "unread_messages": sum(row.get("unread_count") or 0 for row in rows),
        "unassigned": len([row for row in rows if not row.get("agent") and row["conversation_id"] not in closed]),
        "waiting": len(waiting),
        "pinned": len([row for row in rows if row.get("pin")]),
        "never_answered": len([row for row in rows if not row.get("first_response_time")]),
        "late": len([each for each in plain_seconds(rows, "first_response_time") if each > 900]),
        "missed_target": len([row for row in rows if has_missed(row)]),
        "waits": plain_waits(waiting),
        "first_response": plain_times(rows, "first_response_time"),
        "avg_response": plain_times(rows, "avg_response_time"),
    }
