import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp import ConvirzaClient
from convirza_mcp.accounts.account import open_account
from convirza_mcp.answers.records import COMPACT_COLUMNS, FULL_COLUMNS
from convirza_mcp.server.build import definition
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools.list_sms_conversations import TOOL
from support.calls import SETTINGS, calls_of, paged, text_of
from support.rows import answering, envelope, row
from support.snapshots import Snapshot, assert_is_snapshot

call, answer = calls_of(TOOL)


ROWS = [
    row(987654),
    row(987650, source_name=None, agent=None, message="Is the 4pm slot\nstill free?", unread_count=1, pin=False),
    row(987649, message="x" * 400, first_response_time=None, closed_at=None),
]


async def test_a_compact_result_reads_as_agreed() -> None:
    assert_is_snapshot(text_of(await call({}, answering(envelope(ROWS, 42)))) + "\n", "list_compact.txt")


async def test_a_full_result_reads_as_agreed() -> None:
    result = await call({"detail": "full", "start": "2026-03-01"}, answering(envelope(ROWS, 42)))

    assert_is_snapshot(text_of(result) + "\n", "list_full.txt")


async def test_an_empty_result_reads_as_agreed() -> None:
    given: list[dict[str, Any]] = [
        {},
        {"type": "close", "start": "60d"},
        {"search": "Zyxwv Qanary"},
        {"offset": 70},
        {"start": "400d", "type": "unassigned"},
    ]

    texts = [text_of(await call(each, answering(envelope([])))) for each in given]

    assert_is_snapshot("\n\n".join(texts) + "\n", "list_empty.txt")
    assert "Qanary" not in "".join(texts)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, "offset=0&limit=7&type=allOpen&order=desc"),
        ({"search": ""}, "offset=0&limit=7&type=allOpen&order=desc"),
        (
            {"limit": "200", "offset": 14, "type": "close", "order": "asc", "search": " Ana & co "},
            "offset=14&limit=200&type=close&order=asc&search=Ana+%26+co",
        ),
        (
            {"start": "yesterday", "end": "yesterday"},
            "offset=0&limit=7&type=allOpen&order=desc&start=2026-03-05T07%3A00%3A00Z&end=2026-03-06T06%3A59%3A59Z",
        ),
        (
            {"end": "2026-03-01T00:00:00+01:00"},
            "offset=0&limit=7&type=allOpen&order=desc&start=2026-02-21T23%3A00%3A00Z&end=2026-02-28T23%3A00%3A00Z",
        ),
    ],
)
async def test_arguments_are_sent_as_the_api_s_parameters(given: dict[str, Any], sent: str) -> None:
    asked: list[httpx2.Request] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json=envelope([]))

    await answer(given, answering(api))

    (request,) = asked
    assert request.method == "GET"
    assert str(request.url) == f"https://platform-api.convirza.com/v3/conversations/sms?{sent}"
    assert request.headers["authorization"] == "Bearer CNVZ-AT-7f3e9d"


async def test_without_a_token_the_call_says_what_to_set(snapshot: Snapshot) -> None:
    result = await call({}, answering(envelope([])), replace(SETTINGS, token=None))

    snapshot(result.is_error, text_of(result))


async def test_a_fault_of_our_own_says_so_and_nothing_else(
    caplog: pytest.LogCaptureFixture, snapshot: Snapshot
) -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        raise LookupError("18015551234")

    result = await call({}, answering(api))

    snapshot(result.is_error, text_of(result))
    assert "18015551234" not in caplog.text


async def test_text_output_leaves_out_structured_content() -> None:
    result = await call({}, answering(envelope(ROWS)), replace(SETTINGS, output="text"))

    assert result.structured_content is None
    assert len(json.loads(text_of(result))["rows"]) == 3
    assert definition(TOOL, structured=False).output_schema is None


async def test_what_could_not_be_read_is_counted_and_said(snapshot: Snapshot) -> None:
    rows = [row(1), row(2, pin="maybe", agent=["x"]), {"source": "no id"}, row(3, agent={}), "no row"]

    found = await answer({}, answering(envelope(rows, -1)))

    snapshot(found["unreadable"])
    assert [each[0] for each in found["rows"]] == [1, 2, 3]
    assert found["total"] is None


@pytest.mark.parametrize(
    ("rows", "total", "next_offset"),
    [
        (7, 42, 17),
        (7, 17, None),
        (7, 16, None),
        (3, 13, None),
        (3, 42, 13),  # a smaller page than was asked for is not the end
        (0, 42, None),  # an empty one is
        (0, None, None),
        (7, None, 17),  # without a total the next page decides
        (7, "42", 17),
        (7, -1, 17),
    ],
)
async def test_next_offset_is_the_place_after_the_rows_or_none(rows: int, total: Any, next_offset: int | None) -> None:
    body = envelope([row(each) for each in range(rows)])
    body["data"]["total"] = total

    assert (await answer({"offset": 10}, answering(body)))["next_offset"] == next_offset


async def test_a_404_at_a_far_offset_is_the_end_and_elsewhere_an_error() -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"code": 404, "message": "Not found", "requestId": "r-1"})

    found = await answer({"offset": 7}, answering(api))
    failed = await call({}, answering(api))

    assert (found["rows"], found["next_offset"]) == ([], None)
    assert failed.is_error


async def test_a_404_that_is_not_convirza_s_is_never_an_end() -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, html="<h1>nginx</h1>")

    assert (await call({"offset": 7}, answering(api))).is_error


async def test_a_page_of_unreadable_rows_is_not_an_empty_page(snapshot: Snapshot) -> None:
    found = await answer({"offset": 7}, answering(envelope([{"x": 1}, {"conversation_id": None}], 42)))

    assert (found["rows"], found["next_offset"]) == ([], 9)
    assert "note" not in found
    snapshot(found["unreadable"])


async def test_an_api_that_sends_more_than_was_asked_for_is_read_in_calls_that_we_accept() -> None:
    rows = [row(each, message="漢字" * 80) for each in range(1_000)]

    found = await answer({}, answering(envelope(rows)), replace(SETTINGS, max_result_tokens=2_000))

    assert found["left_out"].partition("next call: ")[2].startswith("list_sms_conversations with offset=5, limit=200 ")


async def test_a_number_of_a_thousand_digits_fills_no_result() -> None:
    rows = [row(10**1_000), row(1, unread_count=10**1_000, ct_user_id=-(10**1_000))]

    found = await answer({}, answering(envelope(rows)), replace(SETTINGS, max_result_tokens=2_000))

    assert [(each[0], each[4]) for each in found["rows"]] == [(1, None)]


async def test_a_search_given_as_a_number_is_meant_as_text() -> None:
    asked: list[httpx2.Request] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json=envelope([]))

    await answer({"search": 8015551234}, answering(api))

    assert asked[0].url.params["search"] == "8015551234"


@pytest.mark.parametrize("detail", ["compact", "full"])
async def test_what_passes_the_budget_is_left_out_and_the_next_call_brings_it(detail: str) -> None:
    everything = [row(each, message=f"{each} " + "你好 there 🎉 " * 60) for each in range(60)]
    everything[3] = everything[40] = {"no": "id"}
    small = replace(SETTINGS, max_result_tokens=2_000)
    seen: list[int] = []
    offset: int | None = 0
    limit = 60
    while offset is not None:
        result = await call({"offset": offset, "limit": limit, "detail": detail}, paged(everything), small)
        assert estimate_tokens(text_of(result)) <= 2_000
        assert len(text_of(result)) <= 48_000
        page = json.loads(text_of(result))
        assert page["rows"]
        seen += [each[0] for each in page["rows"]]
        offset = page["next_offset"]
        if offset is not None:
            limit = 60 - offset
            assert f"next call: list_sms_conversations with offset={offset}, limit={limit} " in page["left_out"]

    assert seen == [each for each in range(60) if each not in (3, 40)]


async def test_a_row_larger_than_the_budget_is_shown_with_a_shorter_message() -> None:
    big = row(1, message="漢字" * 1_000, source_name="👩‍🚀" * 200, agent="字" * 200, conversation_status="字" * 200)
    transport = answering(envelope([big, row(2)]))

    found = await answer({"detail": "full"}, transport, replace(SETTINGS, max_result_tokens=2_000))

    assert [each[0] for each in found["rows"]] == [1, 2]
    assert found["rows"][0][FULL_COLUMNS.index("message")] == ("漢字" * 250)[:499] + "…"
    assert found["next_offset"] is None


async def test_200_compact_rows_of_usual_length_fit_the_default_budget() -> None:
    rows = [row(900_000 + each, message="Can you call me back about the order from last week?") for each in range(200)]

    found = await answer({"limit": 200}, answering(envelope(rows)))

    assert len(found["rows"]) == 200


TEXTS = st.text(max_size=400)


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"conversation_id": st.integers(0, 2**53)},
            optional={
                "source_name": TEXTS,
                "message": TEXTS,
                "agent": TEXTS | st.none(),
                "source": TEXTS | st.integers(),
                "unread_count": st.integers(-3, 99) | st.text(max_size=3),
                "conversation_updated": st.datetimes(datetime(1960, 1, 1), datetime(9999, 12, 31)).map(str) | TEXTS,
            },
        ),
        max_size=12,
    ),
    detail=st.sampled_from(["compact", "full"]),
)
async def test_whatever_the_api_sends_both_copies_are_one_valid_object(rows: list[Any], detail: str) -> None:
    body = json.dumps(envelope(rows)).encode()

    def api(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body, headers={"content-type": "application/json"})

    found = await answer({"detail": detail}, answering(api))

    columns = list(COMPACT_COLUMNS if detail == "compact" else FULL_COLUMNS)
    assert found["columns"] == columns
    assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in rows]
    assert all(len(each) == len(columns) for each in found["rows"])


async def test_the_window_moves_with_the_clock() -> None:
    # The account's clock is the real one unless a program hands in its own.
    before = datetime.now(UTC)

    async with open_account(ConvirzaClient("x"), SETTINGS) as account:
        assert before <= account.request().now <= before + timedelta(minutes=1)
