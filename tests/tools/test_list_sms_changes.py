import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.sandbox import VARIANTS, Sandbox
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools.list_sms_changes import COLUMNS
from support.calls import NOW, SETTINGS, text_of
from support.changes import answer, call, changed, convirza, due, pinned_first, text, walk
from support.rows import answering, envelope
from support.snapshots import Snapshot, assert_is_snapshot


async def test_a_result_reads_as_agreed() -> None:
    inbox = convirza(
        [changed(37, 987654), changed(61, 987650, source_name=None, agent=None, message="Is the 4pm slot\nfree?")],
        [changed(40, 987001, message="Thanks!", unread_count=0), changed(60 * 24 * 9, 980000)],
    )

    assert_is_snapshot(text_of(await call({"since": "today"}, answering(inbox))) + "\n", "changes.txt")


async def test_nothing_new_keeps_the_cursor() -> None:
    inbox = convirza([changed(37, 987654)])
    cursor = "2026-03-06T15:35:00.000000Z~987654"

    found = await answer({"since": cursor}, answering(inbox))

    assert (found["rows"], found["cursor"], found["more"], found["changes"]) == ([], cursor, False, 0)
    assert found["coverage"]["complete"]


@pytest.mark.parametrize("since", [None, ["now"], "23:59", "2026-03-06T15:35:00Z~1"])
async def test_a_bad_since_is_one_sentence_and_no_request(since: Any, snapshot: Snapshot) -> None:
    inbox = convirza([])

    result = await call({"since": since}, answering(inbox))

    snapshot(result.is_error, text_of(result), inbox.asked)


@pytest.mark.parametrize(
    ("since", "limit", "view", "variants"),
    [
        ("3d", 50, "all", ()),
        ("120d", 200, "all", ("max-31-days", "range-on-started", "pinned-first")),
        ("30d", 50, "unassigned", ("nulls", "offset-404", "clamped-limits")),
        *(pytest.param("3d", 7, "all", (each,), marks=pytest.mark.long) for each in VARIANTS),
    ],
    ids=str,
)
async def test_a_walk_over_the_sandbox_brings_each_change_once(
    since: str, limit: int, view: Any, variants: tuple[str, ...]
) -> None:
    with Sandbox(conversations=700, now=NOW, variants=variants) as sandbox:
        ids, _ = await walk({"since": since, "limit": limit, "type": view}, sandbox)

    shown = sandbox.ids("allOpen") | sandbox.ids("close") if view == "all" else sandbox.ids(view)
    rows = [each for each in sandbox.conversations if each["conversation_id"] in shown]
    rows = [each | {"conversation_updated": each.get("conversation_updated")} for each in rows]
    assert ids == due(rows, NOW - timedelta(days=int(since[:-1])))


ROWS = st.lists(
    # Few minutes, so that there are ties, around `since` too.
    st.tuples(st.sampled_from([0, 0.00001, 1, 1.5, 2, 3, 30, 60, 61, 90_000]), st.booleans(), st.booleans()),
    max_size=20,
)


@given(
    rows=ROWS,
    updates=st.lists(st.tuples(st.integers(0, 19), st.sampled_from([0, 1, 2, 2.5])), max_size=8),
    limit=st.integers(1, 9),
    pins=st.booleans(),
    limit_days=st.sampled_from([0, 31]),
)
async def test_a_walk_loses_and_doubles_nothing(
    rows: list[tuple[float, bool, bool]],
    updates: list[tuple[int, float]],
    limit: int,
    pins: bool,
    limit_days: int,
) -> None:
    made = [changed(minutes, number, pin=pin) for number, (minutes, _, pin) in enumerate(rows)]
    closed = [each for each, (_, is_closed, _) in zip(made, rows, strict=True) if is_closed]
    inbox = convirza([each for each in made if each not in closed], closed, days=limit_days)
    if pins:
        pinned_first(inbox)
    expected = due(made, NOW - timedelta(hours=1))
    given_: dict[str, Any] = {"since": "1h", "limit": limit}
    first = await answer(given_, answering(inbox))
    ids = [each[0] for each in first["rows"]]
    assert ids == expected[:limit]
    # Between the calls some change again, to a time that is newer than what was shown.
    cursor = first["cursor"].partition("~")[0]
    for number, minutes in updates:
        moment = text(NOW - timedelta(minutes=minutes, seconds=2))
        if number < len(made) and moment > max(cursor, made[number]["conversation_updated"]):
            made[number]["conversation_updated"] = moment
    since = datetime.fromisoformat(cursor)
    rest = sorted(
        (each["conversation_updated"], each["conversation_id"])
        for each in made
        if (datetime.fromisoformat(each["conversation_updated"]), each["conversation_id"])
        > (since, ids[-1] if ids else 10**9)
    )

    following, last = await walk({"since": first["cursor"], "limit": limit}, answering(inbox))

    assert following == [conversation_id for _, conversation_id in rest]
    assert await walk({"since": last}, answering(inbox)) == ([], last)


async def test_reading_stops_at_the_first_page_with_nothing_newer() -> None:
    inbox = convirza([changed(minutes, minutes) for minutes in range(1_000)])

    found = await answer({"since": "30m", "type": "allOpen"}, answering(inbox))

    assert [each[0] for each in found["rows"]] == list(range(29, -1, -1))
    assert inbox.requests == 2
    assert {each["start"] for each in inbox.asked} == {"2025-03-06T16:12:01Z"}


async def test_a_page_of_pinned_rows_does_not_stop_it() -> None:
    pinned = [changed(10_000 + number, number, pin=True) for number in range(450)]
    inbox = convirza([*pinned, changed(5, 9_001), changed(6, 9_000)])
    pinned_first(inbox)

    assert (await walk({"since": "1h"}, answering(inbox)))[0] == [9_000, 9_001]


async def test_a_long_window_is_read_in_pieces_and_each_for_itself() -> None:
    # The window filters when they began: the older piece holds the newer change.
    began = text(NOW - timedelta(days=200))
    inbox = convirza(
        [changed(50_000, 1), changed(5, 2, conversation_started=began)], by="conversation_started", days=31
    )

    found = await answer({"since": "1h", "type": "allOpen"}, answering(inbox))

    assert [each[0] for each in found["rows"]] == [2]
    assert found["coverage"]["complete"]


async def test_a_conversation_that_leaves_while_pages_are_read_hides_no_other() -> None:
    inbox = convirza([changed(number / 100, number) for number in range(300)])

    def leave(_: httpx2.QueryParams) -> None:
        if inbox.requests == 2:
            del inbox.rows[3:13]

    inbox.before_answer = leave
    ids, _ = await walk({"since": "1h", "type": "allOpen", "limit": 200}, answering(inbox))

    assert set(ids) >= set(range(13, 300))
    assert len(ids) == len(set(ids))


async def test_a_change_missed_in_one_view_holds_back_what_is_newer_in_the_other() -> None:
    opened, closed = [changed(40, 1), changed(50, 2)], [changed(5, 3), changed(45, 4)]
    inbox = convirza(opened, closed)

    def change(_: httpx2.QueryParams) -> None:
        if inbox.requests == 2:
            opened[1]["conversation_updated"] = text(NOW - timedelta(minutes=10))

    inbox.before_answer = change
    found = await answer({"since": "1h"}, answering(inbox))
    following = await walk({"since": found["cursor"]}, answering(inbox))

    assert ([each[0] for each in found["rows"]], found["more"]) == ([2, 4, 1], True)
    assert following[0] == [2, 3]


async def test_a_conversation_in_both_views_comes_once_and_is_closed() -> None:
    inbox = convirza([changed(5, 1)], [changed(5, 1)])

    found = await answer({"since": "1h"}, answering(inbox))

    assert [(each[0], each[COLUMNS.index("state")]) for each in found["rows"]] == [(1, "closed")]


async def test_what_is_dated_ahead_waits_and_what_is_undated_is_counted(snapshot: Snapshot) -> None:
    began = {"conversation_started": text(NOW - timedelta(days=1))}
    undated = began | {"conversation_updated": None}
    inbox = convirza(
        [changed(-60, 1, **began), changed(5, 2, **began), changed(5, 3, **undated)], by="conversation_started"
    )

    found = await answer({"since": "1h"}, answering(inbox))

    assert [each[0] for each in found["rows"]] == [2]
    snapshot(found["ahead"])
    snapshot(found["undated"])


async def test_what_could_not_be_read_is_counted_once() -> None:
    # Each page begins with the last row of the one before.
    opened = [changed(each, each, pin=None if each % 100 else 7) for each in range(1, 451)]
    closed = [changed(1.5, 400, pin=7), changed(2.5, None, agent=[])]

    found = await answer({"since": text(NOW - timedelta(days=1))}, answering(convirza(opened, closed)))

    assert (found["changes"], found["unreadable"]) == (450, "conversation_id (1, rows left out), pin (4)")


async def test_filters_apply_after_reading() -> None:
    inbox = convirza(
        [changed(5, 1, agent="Ana"), changed(6, 2, agent=None), changed(7, 3, agent="Bo", phone_number="18015550000")]
    )

    for narrowing, ids in (({"agent": "ana"}, [1]), ({"agent": "none"}, [2]), ({"phone_number": "18015550000"}, [3])):
        found = await answer({"since": "1h"} | narrowing, answering(inbox))
        assert ([each[0] for each in found["rows"]], found["changes"]) == (ids, 1)


@pytest.mark.virtual_time
async def test_when_time_runs_out_nothing_is_shown_and_the_cursor_stays() -> None:
    inbox = convirza([changed(number / 100, number) for number in range(500)])

    async def api(request: httpx2.Request) -> httpx2.Response:
        if inbox.asked:
            await anyio.sleep_forever()
        return inbox(request)

    found = await answer({"since": "1h"}, httpx2.MockTransport(api))

    assert (found["rows"], found["cursor"], found["more"]) == ([], "2026-03-06T15:12:00.000000Z~end", True)
    assert (found["changes"], found["coverage"]["complete"]) == (None, False)
    assert found["coverage"]["reason"].startswith("time: ")


@pytest.mark.parametrize("total", [-1, "x", 10**6])
async def test_an_api_that_repeats_its_first_page_ends(total: Any) -> None:
    body = envelope([changed(1, number) for number in range(200)])
    body["data"]["total"] = total

    found = await answer({"since": "1h"}, answering(body))

    assert (found["rows"], found["more"], found["coverage"]["complete"]) == ([], True, False)
    assert found["coverage"]["requests"] < 10


@pytest.mark.parametrize("total", [-1, "400", 0])
async def test_a_wrong_total_loses_nothing(total: Any) -> None:
    inbox = convirza([changed(number / 100, number) for number in range(400)])

    def miscount(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(inbox(request).content)
        body["data"]["total"] = total
        return httpx2.Response(200, json=body)

    ids, _ = await walk({"since": "1h", "type": "allOpen", "limit": 200}, answering(miscount))

    assert ids == list(range(399, -1, -1))


async def test_what_passes_the_budget_comes_with_the_next_call() -> None:
    inbox = convirza([changed(number / 10, number, message="你好 there 🎉 " * 40) for number in range(120)])
    small = replace(SETTINGS, max_result_tokens=2_000)

    found = await answer({"since": "1h", "limit": 200}, answering(inbox), small)
    ids, _ = await walk({"since": "1h", "limit": 200}, answering(inbox), small)

    assert estimate_tokens(text_of(await call({"since": "1h", "limit": 200}, answering(inbox), small))) <= 2_000
    assert f"next call: list_sms_changes with since={found['cursor']} " in found["left_out"]
    assert ids == list(range(119, -1, -1))
