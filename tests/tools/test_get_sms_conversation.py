"""`get_sms_conversation` against the sandbox over real HTTP, and against answers made for one case."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools.get_sms_conversation import TOOL
from support.calls import NOW, SETTINGS, asking, calls_of, paged, text_of
from support.convirza import Convirza
from support.rows import answering, envelope, row
from support.snapshots import Snapshot, assert_is_snapshot

call, answer = calls_of(TOOL)


@pytest.mark.parametrize("variants", [(), ("nulls",), ("max-31-days", "offset-404", "pinned-first")], ids=str)
async def test_a_conversation_is_found_wherever_it_is_with_its_contact_s_others(variants: tuple[str, ...]) -> None:
    with Sandbox(conversations=900, variants=variants, now=NOW) as sandbox:
        start = NOW - timedelta(days=30)
        views = {view: sandbox.ask(type=view, start=start, end=NOW).rows for view in ("allOpen", "close")}
        for view, rows in views.items():
            for place in (0, len(rows) // 2, len(rows) - 1):
                sent = rows[place]
                found = await answer({"conversation_id": str(sent["conversation_id"])}, sandbox)
                assert found["conversation"]["conversation_id"] == sent["conversation_id"]
                assert found["conversation"]["source"] == sent.get("source")
                assert (found["view"], found["closed"]) == (view, view == "close")
                others = [
                    each
                    for each in (*views["allOpen"], *views["close"])
                    if each.get("source") == sent.get("source") and each["conversation_id"] != sent["conversation_id"]
                ]
                others.sort(key=lambda each: (each.get("conversation_updated") or "", each["conversation_id"]))
                if sent.get("source"):
                    assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in others[::-1]]
                    assert found["others"] == len(others)
                else:
                    assert found["others"] is None


OPENED = [row(each, source=f"1801555{each:04}", closed_at=None) for each in range(1, 451)]


async def test_a_result_reads_as_agreed() -> None:
    closed = [
        row(900, source="18015550003", message="Older", conversation_updated="2026-03-01T10:00:00Z"),
        row(901, source="18015550003999", message="Of another contact"),
    ]
    opened = [*OPENED[:2], row(3, source="18015550003", message="One\ntwo " * 300), *OPENED[3:5]]
    opened.append(row(4, source="18015550003", message="The same contact's"))

    result = await call({"conversation_id": 3}, paged(opened, closed))

    assert_is_snapshot(text_of(result) + "\n", "get_sms_conversation.txt")


async def test_reading_stops_at_the_page_with_the_conversation() -> None:
    asked: list[str] = []

    found = await answer({"conversation_id": 250}, paged(OPENED, [], asked))

    assert asked == ["allOpen 0", "allOpen 199", "allOpen 0 8015550250", "close 0 8015550250"]
    assert found["requests"] == 4


async def test_a_row_in_memory_saves_the_reading_and_the_search_tells_its_state() -> None:
    asked: list[str] = []
    async with asking(paged(OPENED, [row(999, source="1")], asked)) as ask:
        await ask("search", query="call")
        asked.clear()
        found = await ask("get", conversation_id=440)

    assert asked == ["allOpen 0 8015550440", "close 0 8015550440"]
    assert (found["view"], found["closed"], found["requests"]) == ("allOpen", False, 2)


async def test_what_only_memory_knows_says_so(snapshot: Snapshot) -> None:
    convirza = Convirza(row(7, source="18015550007"))
    async with asking(answering(convirza)) as ask:
        await ask("search", query="call", type="allOpen")
        convirza.rows.clear()
        found = await ask("get", conversation_id=7)

    assert (found["view"], found["closed"], found["as_of"]) == ("allOpen", False, "2026-03-06 09:12:00")
    snapshot(found["note"])


async def test_a_held_row_without_a_number_costs_no_request(snapshot: Snapshot) -> None:
    asked: list[str] = []
    async with asking(paged([], [row(7, source=None)], asked)) as ask:
        await ask("search", query="call")
        asked.clear()
        found = await ask("get", conversation_id=7)

    assert asked == []
    assert (found["view"], found["closed"], found["requests"]) == ("close", True, 0)
    snapshot(found["note"])


async def test_what_could_not_be_read_of_the_conversations_shown_is_counted() -> None:
    opened = [
        row(7, source="18015550007", unread_count="x", pin=7),
        row(8, source="18015550007", pin=[]),
        row(9, source="18015550009", agent=[]),
    ]
    async with asking(paged(opened, [row(5, source=None, pin=7)])) as ask:
        found = [await ask("get", conversation_id=each) for each in (7, 9)]
        await ask("search", query="call")
        opened[0] |= {"unread_count": 2}
        found += [await ask("get", conversation_id=each) for each in (7, 5)]

    assert [each["unreadable"] for each in found] == ["pin (2), unread_count (1)", "agent (1)", "pin (2)", "pin (1)"]
    assert "unreadable" not in await answer({"conversation_id": 3}, paged(OPENED, []))


async def test_seen_in_both_views_is_closed() -> None:
    found = await answer({"conversation_id": 5}, paged([row(5)], [row(5)]))

    assert (found["view"], found["closed"], found["others"]) == ("close", True, 0)


async def test_how_a_number_is_written_makes_no_other_contact() -> None:
    opened = [row(1, source="18015551234"), row(2, source="8015551234"), row(3, source="+18015551234")]
    closed = [row(4, source="18015551235"), row(5, source="448015551234"), row(6, source="8015551234")]

    for opened_id, others in ((1, {2, 3, 6}), (2, {1, 3, 6}), (3, {1, 2, 6}), (5, set())):
        found = await answer({"conversation_id": opened_id}, paged(opened, closed))
        assert (found["others"], {each[0] for each in found["rows"]}) == (len(others), others)


async def test_without_a_number_there_are_no_others(snapshot: Snapshot) -> None:
    asked: list[str] = []

    found = await answer({"conversation_id": 5}, paged([], [row(5, source=None)], asked))

    assert asked == ["allOpen 0", "close 0"]
    assert (found["closed"], found["others"], found["rows"]) == (True, None, [])
    snapshot(found["note"])


async def test_not_found_says_what_was_read(snapshot: Snapshot) -> None:
    result = await call({"conversation_id": 31337}, paged(OPENED, [row(999)]))

    snapshot(result.is_error, text_of(result))
    assert len(text_of(result)) < 300


async def test_an_api_that_repeats_itself_never_ends_in_completeness() -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=envelope(OPENED[:200], 5_000))

    result = await call({"conversation_id": 31337}, answering(api))

    assert "(200 of allOpen and 200 of close)" in text_of(result)
    assert "incomplete" in text_of(result)
    assert len(text_of(result)) < 300


async def test_a_conversation_that_moves_to_the_head_while_pages_are_read_is_found() -> None:
    wanted = row(31337)
    asked: list[int] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        asked.append(1)
        rows = [*OPENED, wanted] if len(asked) == 1 else [wanted, *OPENED]
        offset = int(request.url.params["offset"])
        return httpx2.Response(200, json=envelope(rows[offset : offset + 200], len(rows)))

    assert not (await call({"conversation_id": 31337}, answering(api))).is_error


@pytest.mark.virtual_time
async def test_when_the_time_runs_out_it_says_not_found_so_far(snapshot: Snapshot) -> None:
    async def api(request: httpx2.Request) -> httpx2.Response:
        if request.url.params["offset"] != "0":
            await anyio.sleep_forever()
        return httpx2.Response(200, json=envelope(OPENED[:200], 450))

    async with asking(httpx2.MockTransport(api)) as ask:
        refused = await ask.refusal("get", conversation_id=31337)

    snapshot(refused)
    assert "time ran out" in refused
    assert len(refused) < 300


@pytest.mark.parametrize("value", [None, True, -1, "x", 1.5, [], "", 2**63, str(2**63), 10**400], ids=str)
async def test_an_id_that_none_can_have_is_one_sentence_and_no_request(value: Any) -> None:
    asked: list[str] = []

    result = await call({"conversation_id": value}, paged([], [], asked))

    assert result.is_error
    assert text_of(result).startswith("`conversation_id` ")
    assert asked == []


@pytest.mark.parametrize("value", [2**63 - 1, str(2**63 - 1)])
async def test_the_largest_id_is_found(value: Any) -> None:
    found = await answer({"conversation_id": value}, paged([row(2**63 - 1)], []))

    assert found["conversation"]["conversation_id"] == 2**63 - 1


async def test_the_budget_holds_and_the_next_call_is_named(snapshot: Snapshot) -> None:
    rows = [row(each, message="漢字かな交じり文" * 250, agent="字" * 200) for each in range(120)]

    text = text_of(await call({"conversation_id": 50}, paged(rows, []), replace(SETTINGS, max_result_tokens=2_000)))

    found = json.loads(text)
    assert estimate_tokens(text) <= 2_000
    assert found["rows"]
    snapshot(found["left_out"])
    assert "search_sms_messages with query=8015551234, start=2026-02-04T16:12:00Z" in found["left_out"]
    last = found["rows"][-1][0]
    assert found["left_out"].endswith(f"after=2026-03-05T10:35:00Z~{last}")
