"""`convirza-mcp summary`, as a person and as a script would run it."""

import json
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, run
from support.snapshots import Snapshot


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


def test_groups_beyond_30_are_one_row_and_follow_after_the_last() -> None:
    window = ("--group-by", "phone_number", "--start", "365d")
    with Sandbox(conversations=1_000, now=NOW, hostile=True) as sandbox:
        groups = json.loads(run(sandbox, "summary", *window, "--json").stdout)["groups"]
        labels = [each["group"] or "no line" for each in groups]
        first = run(sandbox, "summary", *window).stdout
        then = run(sandbox, "summary", *window, "--after", labels[29]).stdout

    assert len(labels) > 31
    assert f"{len(labels) - 30} more groups" in first
    assert "--after and the last group's name" in first
    assert "more group" not in then
    assert "--after" not in then
    assert [each for each in labels[30:] if each not in then] == []


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


def test_a_note_names_options_and_not_arguments(inbox: Sandbox) -> None:
    shown = run(inbox, "summary", "--compare-to", "previous").stdout

    assert "--by-time started" in shown
    assert "by_time" not in shown
