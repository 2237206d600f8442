"""`convirza-mcp summary`, as a person and as a script would run it."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, run
from support.snapshots import Snapshot, assert_is_snapshot


@pytest.mark.parametrize("by", ["none", "agent", "hour", "weekday"])
def test_the_summary_reads_as_agreed(inbox: Sandbox, by: str) -> None:
    result = run(inbox, "summary", "--group-by", by, CONVIRZA_BUSINESS_HOURS="Mon-Fri 08:00-18:00")

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, f"cli_summary_{by}.txt")


def test_days_stand_in_their_order_and_none_is_folded(inbox: Sandbox) -> None:
    result = run(inbox, "summary", "--group-by", "day", "--start", "90d")

    rows = [
        each
        for view in ("allOpen", "close")
        for each in inbox.ask(type=view, start=NOW - timedelta(days=90), end=NOW).rows
    ]
    zone_day = Counter(
        datetime.fromisoformat(each["conversation_updated"]).astimezone(ZoneInfo("America/Denver")).date().isoformat()
        for each in rows
    )
    shown = [line.split()[:2] for line in result.stdout.splitlines() if line.startswith(("2025-", "2026-"))]
    assert shown == [[day, str(zone_day[day])] for day in sorted(zone_day)]
    assert len(shown) > 30


def has_missed(row: dict[str, Any]) -> bool:
    waited = NOW - datetime.fromisoformat(row["conversation_started"])
    first = row["first_response_time"]
    return waited > timedelta(minutes=15) if first is None else first > "00:15:00"


def test_json_has_fixed_keys_and_iso_times(inbox: Sandbox) -> None:
    document = json.loads(run(inbox, "summary", "--group-by", "status", "--type", "allOpen", "--json").stdout)

    rows = inbox.ask(start=NOW - timedelta(days=30), end=NOW).rows
    statuses = Counter(each["conversation_status"] for each in rows).most_common()
    times = {"count", "missing", "median_seconds", "mean_seconds", "p90_seconds", "within_5m", "within_target"}
    groups = document.pop("groups")
    assert [(each["group"], each["conversations"]) for each in groups] == statuses
    for each in (document, *groups):
        assert each.pop("first_response").keys() == times
        assert each.pop("avg_response").keys() == times
    waits = document.pop("waits")
    assert [(each["from_seconds"], each["below_seconds"]) for each in waits] == [
        (0, 300),
        (300, 900),
        (900, 3_600),
        (3_600, 14_400),
        (14_400, 86_400),
        (86_400, None),
    ]
    unread = [each for each in rows if each["unread_count"]]
    assert sum(each["conversations"] for each in waits) == len(unread)
    assert document == {
        "type": "allOpen",
        "narrowed_by": {},
        "candidates": [],
        "window": {"start": "2026-02-04T09:12:00-07:00", "end": "2026-03-06T09:12:00-07:00", "zone": "America/Denver"},
        "business_hours": None,
        "conversations": len(rows),
        "closed": 0,
        "unread": len(unread),
        "unread_messages": sum(each["unread_count"] for each in rows),
        "unassigned": len([each for each in rows if each["agent"] is None]),
        "waiting": len(unread),
        "pinned": len([each for each in rows if each["pin"]]),
        "unknown_waits": 0,
        "coverage": {
            "read": len(rows),
            "total": len(rows),
            "requests": 1,
            "complete": True,
            "reason": None,
            "unreadable": {},
            "as_of": "2026-03-06T09:12:00-07:00",
        },
        "never_answered": len([each for each in rows if each["first_response_time"] is None]),
        "late": len([each for each in rows if (each["first_response_time"] or "") > "00:15:00"]),
        "missed_target": len([each for each in rows if has_missed(each)]),
        "only": None,
        "by_time": "latest",
        "without_time": 0,
        "read_back_to": None,
        "target_minutes": 15,
        "time_to_close": None,
        "compared_to": None,
        "before": None,
        "change": None,
        "group_by": "status",
        "then_by": "none",
    }


def test_json_has_every_group_with_null_for_a_missing_field(inbox: Sandbox) -> None:
    days = json.loads(run(inbox, "summary", "--group-by", "day", "--start", "90d", "--json").stdout)
    agents = json.loads(run(inbox, "summary", "--group-by", "agent", "--json").stdout)
    nothing = json.loads(run(inbox, "summary", "--json").stdout)

    assert len(days["groups"]) > 31
    assert sum(each["conversations"] for each in days["groups"]) == days["conversations"]
    assert [each["group"] for each in agents["groups"]].count(None) == 1
    assert nothing["groups"] == []
    assert nothing.keys() == days.keys()


def test_an_empty_inbox_says_what_was_asked(snapshot: Snapshot) -> None:
    with Sandbox(conversations=0, now=NOW) as sandbox:
        result = run(sandbox, "summary", "--group-by", "hour")

    snapshot(result.stdout)
