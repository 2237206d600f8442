"""Whatever a summary counts, a search lists under the same name: both equal a plain count of the sandbox's rows."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from convirza_mcp.rules.by_time import TIME_FIELDS, ByTime
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.sandbox import Sandbox
from support.calls import NOW, Asking, asking
from support.plain_counts import (
    BY_TIMES,
    HOURS,
    Row,
    has_missed,
    is_open_at,
    is_unread,
    label_of,
    moment,
    plain_rows,
    seconds,
)

SIZES = (201, *(pytest.param(size, marks=pytest.mark.long) for size in (0, 1, 199, 2_000, 50_000)))
GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)[1:]
SANDBOX = {"conversations": 300, "now": NOW}


@pytest.fixture
async def ask(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with asking(sandbox, HOURS) as ask:
        yield ask


# The same sets, made of the sandbox's own rows without anything of the package.


def plainly(name: str, row: Row, closed: bool, by_time: ByTime) -> bool:
    first, when = seconds(row), moment(row, TIME_FIELDS[by_time])
    told: dict[str, bool] = {
        "unread": is_unread(row),
        "waiting": is_unread(row) and not closed,
        "answered": first is not None,
        "never_answered": first is None,
        "first_within_target": first is not None and first <= 900,
        "late": first is not None and first > 900,
        "missed_target": has_missed(row),
        "pinned": bool(row.get("pin")),
        "unassigned": not row.get("agent") and not closed,
        "closed": closed,
        "read_but_incoming": not closed and not is_unread(row) and row.get("sms_type") == "incoming",
        "outside_hours": when is not None and not is_open_at(when),
    }
    return told[name]


NAMES = (
    *("unread", "waiting", "answered", "never_answered", "first_within_target", "late", "missed_target", "pinned"),
    *("unassigned", "closed", "read_but_incoming", "outside_hours"),
)


@pytest.mark.parametrize("by_time", BY_TIMES)
@pytest.mark.parametrize("variants", [(), ("nulls",), ("range-on-started", "sms-type-origin", "offset-404")], ids=str)
@pytest.mark.parametrize("size", SIZES)
async def test_every_condition_lists_as_many_as_it_counts(
    size: int, variants: tuple[str, ...], by_time: ByTime
) -> None:
    start, end = NOW - timedelta(days=90), NOW - timedelta(days=3)
    window = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}", "by_time": by_time}
    with Sandbox(conversations=size, variants=variants, now=NOW) as sandbox:
        closed = set(sandbox.ids("close"))
        rows, without_time = plain_rows(sandbox, by_time, start, end)
        async with asking(sandbox, HOURS) as ask:
            whole = await ask("summarize", **window)
            asked = len(sandbox.requests)
            for name in NAMES:
                wanted = {
                    row["conversation_id"]
                    for row in rows
                    if plainly(name, row, row["conversation_id"] in closed, by_time)
                }
                counted = await ask("summarize", only=name, **window)
                listed = await ask("search", only=name, limit=100, **window)
                assert counted["conversations"] == listed["matches"] == len(wanted), name
                assert {row[0] for row in listed["rows"]} <= wanted
                assert len(listed["rows"]) == min(100, len(wanted))
                if name in whole:
                    assert whole[name] == (len(wanted) if name != "outside_hours" else whole[name])
            if by_time != "latest":
                everything = await ask("search", limit=1, **window)
                name = f"{by_time}_without_time"
                assert whole[name] == everything[name] == without_time
            # One reading for all of it.
            assert len(sandbox.requests) == asked
    assert whole["conversations"] == len(rows)


@pytest.mark.parametrize("by_time", BY_TIMES)
@pytest.mark.parametrize("size", [201, pytest.param(2_000, marks=pytest.mark.long)])
async def test_every_group_lists_as_many_as_it_counts(size: int, by_time: ByTime) -> None:
    start = NOW - timedelta(days=40)
    window = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "by_time": by_time}
    with Sandbox(conversations=size, variants=("nulls",), now=NOW) as sandbox:
        rows, _ = plain_rows(sandbox, by_time, start, NOW)
        async with asking(sandbox, HOURS) as ask:
            for by in [each for each in GROUPS if each not in ("team", "parent_group", "account")]:
                expected = Counter(label_of(row, by, TIME_FIELDS[by_time]) for row in rows)
                found = await groups_of(ask, group_by=by, **window)
                missing = expected.pop(None, 0)
                assert sum(found.values()) == len(rows)
                assert {label: count for label, count in found.items() if not label.startswith("no ")} == expected
                assert missing == sum(count for label, count in found.items() if label.startswith("no "))
                for label, count in list(found.items())[:7]:
                    listed = await ask("search", only=f'{by}="{label}"', limit=1, **window)
                    assert listed["matches"] == count, (by, label)


@pytest.mark.parametrize("by", ["team", "parent_group", "account"])
async def test_teams_are_groups_and_conditions(sandbox: Sandbox, ask: Asking, by: str) -> None:
    fields = {"team": "group", "parent_group": "parent_group", "account": "account"}
    rows, _ = plain_rows(sandbox, "latest", NOW - timedelta(days=40), NOW)
    users = {user["ct_user_id"]: user[fields[by]] for user in sandbox.users if user["status"] != "deleted"}
    found = await groups_of(ask, group_by=by, start="40d")
    for label, count in found.items():
        listed = await ask("search", only=f'{by}="{label}"', start="40d", limit=1)
        assert listed["matches"] == count, label
    expected = Counter(users.get(row["ct_user_id"]) or f"no {by.replace('_', ' ')}" for row in rows)
    assert found == expected
    assert len(found) > 1


async def groups_of(ask: Asking, **given: Any) -> dict[str, int]:
    """Return each group's conversations, over as many calls as `after` needs."""
    found: dict[str, int] = {}
    after: dict[str, str] = {}
    while True:
        answer = await ask("summarize", **given, **after)
        rows = [row for row in answer["rows"] if not str(row[0]).endswith(" more groups")]
        assert not found.keys() & {row[0] for row in rows}
        found |= {row[0]: row[1] for row in rows}
        if "left_out" not in answer and len(rows) == len(answer["rows"]):
            return found
        after = {"after": answer["left_out"].partition("after=")[2].partition(" and the other")[0]}


@pytest.mark.parametrize("first", ["agent", "weekday", "day"])
async def test_pairs_of_groups_come_to_the_whole_and_can_be_listed(ask: Asking, first: str) -> None:
    table = await ask("summarize", group_by=first, then_by="hour", start="10d", by_time="started")
    rows = table["rows"]
    assert table["columns"][0] == first
    assert sum(count for row in rows for count in row[1:]) == table["conversations"]
    hour = max(range(1, len(table["columns"])), key=lambda place: rows[0][place])
    only = f'{first}="{rows[0][0]}", hour={table["columns"][hour]}'
    listed = await ask("search", only=only, start="10d", by_time="started", limit=1)
    assert listed["matches"] == rows[0][hour] > 0


async def test_groups_beyond_thirty_are_paged_and_an_unknown_one_is_said(ask: Asking) -> None:
    first = await ask("summarize", group_by="day", start="90d")
    last = first["left_out"].partition("after=")[2].split()[0]
    then = await ask("summarize", group_by="day", start="90d", after=last)
    assert first["rows"][29][0] == last < then["rows"][0][0]
    shown = [row[1] for row in first["rows"][:30] + then["rows"]]
    assert sum(shown) == first["conversations"]
    with pytest.raises(AssertionError, match="`after` takes a group of this answer"):
        await ask("summarize", group_by="day", start="90d", after="1999-01-01")


async def test_a_few_pairs_are_rows_of_their_own(sandbox: Sandbox, ask: Asking) -> None:
    rows, _ = plain_rows(sandbox, "started", NOW - timedelta(days=10), NOW)
    found = await ask("summarize", group_by="business_hours", then_by="status", start="10d", by_time="started")
    expected = Counter(
        (label_of(row, "business_hours", "conversation_started"), label_of(row, "status", "conversation_started"))
        for row in rows
    )
    assert found["columns"][:3] == ["business_hours", "status", "conversations"]
    assert {(row[0], row[1]): row[2] for row in found["rows"]} == expected
    assert [row[0] for row in found["rows"]] == sorted(row[0] for row in found["rows"])


async def test_a_group_that_no_conversation_is_in_is_named(ask: Asking) -> None:
    found = await ask("summarize", only="unread, agent=Nobody At All")
    started = await ask("summarize", only="unread", by_time="started", start=f"{NOW - timedelta(seconds=1)}")

    assert "none has the agent" in found["note"]
    assert "only" not in started["note"]


async def test_the_waiting_list_keeps_the_conditions_too(ask: Asking) -> None:
    for only in ("never_answered", "unassigned, late", "agent=none", "outside_hours", "missed_target"):
        listed = await ask("waiting", only=only, limit=1)
        searched = await ask("search", only=f"waiting, {only}", type="allOpen", limit=1)
        assert listed["waiting"] == searched["matches"] > 0, only


async def test_the_target_is_the_caller_s(sandbox: Sandbox, ask: Asking) -> None:
    rows, _ = plain_rows(sandbox, "latest", NOW - timedelta(days=30), NOW)
    found = await ask("summarize", target_minutes=60)
    late = await ask("search", only="late", target_minutes=60, limit=1)

    in_time = len([row for row in rows if (seconds(row) or 10**9) <= 3_600])
    answered = len([row for row in rows if seconds(row) is not None])
    assert found["target_minutes"] == 60
    assert found["late"] == late["matches"] == answered - in_time
    assert found["first_response"]["within_target"].startswith(f"{100 * in_time / answered:.1f}% of answered, ")


async def test_closings_are_timed_from_the_first_message(sandbox: Sandbox, ask: Asking) -> None:
    rows, _ = plain_rows(sandbox, "closed", NOW - timedelta(days=30), NOW)
    found = await ask("summarize", by_time="closed")

    took = sorted(
        (datetime.fromisoformat(row["closed_at"]) - datetime.fromisoformat(row["conversation_started"])).total_seconds()
        for row in rows
    )
    hours, minutes = divmod(int(took[(len(took) + 1) // 2 - 1]) // 60, 60)
    assert found["time_to_close"]["count"] == len(rows) == len(took)
    assert found["time_to_close"]["median"] == f"{hours}h{minutes:02}m"
    assert found["read_back_to"] == "2026-01-05 09:12:00"
    assert "reopened" in found["note"]


async def test_the_share_that_began_outside_business_hours(sandbox: Sandbox, ask: Asking) -> None:
    rows, _ = plain_rows(sandbox, "started", NOW - timedelta(days=30), NOW)
    found = await ask("summarize", by_time="started")
    outside = await ask("search", by_time="started", only="outside_hours", limit=1)

    assert found["outside_hours"] == f"{100 * outside['matches'] / len(rows):.1f}%"


@pytest.mark.parametrize("privacy", ["mask", "strict"])
async def test_groups_of_a_privacy_mode_are_conditions_too(sandbox: Sandbox, privacy: Any) -> None:
    async with asking(sandbox, HOURS, privacy=privacy) as ask:
        for by in ("agent", "phone_number", "status"):
            for label, count in (await groups_of(ask, group_by=by, start="200d")).items():
                listed = await ask("search", only=f'{by}="{label}"', start="200d", limit=1)
                assert listed["matches"] == count, (by, label)


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("summarize", {"only": "lost"}),
        ("summarize", {"group_by": "agent", "then_by": "agent"}),
        ("summarize", {"group_by": "agent", "then_by": "day", "compare_to": "previous"}),
        ("summarize", {"compare_to": "month_before", "start": "60d"}),
        ("summarize", {"by_time": "closed", "type": "allOpen"}),
        ("search", {"only": "hour=25"}),
        ("search", {"by_time": "closed", "type": "unassigned"}),
        ("waiting", {"only": "weekday=Someday"}),
    ],
    ids=lambda given: json.dumps(given),
)
async def test_what_cannot_be_asked_is_one_sentence_and_no_request(
    sandbox: Sandbox, ask: Asking, tool: str, given: dict[str, Any]
) -> None:
    before = len(sandbox.requests)

    refused = await ask.refusal(tool, **given)

    assert any(f"`{each}`" in refused for each in given)
    assert (len(refused) < 320, len(sandbox.requests)) == (True, before)
