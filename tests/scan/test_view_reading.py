from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import BadRequestError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.coverage import Coverage, Gap, unreadable_text
from convirza_mcp.scan.view_reading import ViewReading
from support.drifting import NOW, DriftingInbox, Move, delete, insert, update
from support.rows import answering, envelope, row

WINDOW = Window(start=datetime(2026, 2, 10, tzinfo=UTC), end=NOW, zone=UTC)


async def nothing() -> None:
    return


async def read(
    api: Callable[[httpx2.Request], httpx2.Response],
    order: Any = "desc",
    window: Window = WINDOW,
    *,
    oldest_next: bool = False,
) -> tuple[list[int], Coverage]:
    async with ConvirzaClient("x", transport=answering(api)) as client:
        reading = ViewReading(client, ConversationQuery(order=order), window)
        if oldest_next:
            reading.read_oldest_next()
        await reading.read(nothing)
    ids = [each.conversation_id for each in reading.conversations()]
    assert len(ids) == len(set(ids))
    assert reading.is_finished
    coverage = reading.coverage(NOW)
    assert coverage.read == len(ids)
    return ids, coverage


async def test_what_could_not_be_read_is_counted_by_conversation() -> None:
    # The last two rows of the first page come again on the second.
    rows = [row(each, pin=7 if each % 100 == 0 else True) for each in range(1, 201)]
    rows += [row(199), row(200, pin=7), row(None, agent=[]), row(201, agent=[], unread_count=-1)]

    def api(request: httpx2.Request) -> httpx2.Response:
        offset = int(request.url.params["offset"])
        return httpx2.Response(200, json=envelope(rows[offset : offset + 200], len(rows)))

    _, coverage = await read(api)

    assert coverage.unreadable == {100: {"pin"}, 200: {"pin"}, 201: {"agent", "unread_count"}}
    assert unreadable_text(coverage.unreadable_counts) == (
        "agent (1), conversation_id (1, rows left out), pin (2), unread_count (1)"
    )
    both = Coverage.together([coverage, coverage], 201)
    assert (both.unreadable, both.dropped) == (coverage.unreadable, 2)


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("size", [0, 1, 199, 200, 201, 2_000])
async def test_a_view_that_stands_still_is_read_whole_up_to_a_page_that_is_not_full(size: int, order: str) -> None:
    inbox = DriftingInbox(size)

    ids, coverage = await read(inbox, order)

    assert ids == (inbox.ids if order == "desc" else inbox.ids[::-1])
    # Of exactly one page the total may be that of the page.
    assert coverage == Coverage(read=size, total=size, requests=max(1, -(-size // 200)) + (size == 200), as_of=NOW)


async def test_at_most_four_requests_are_under_way() -> None:
    under_way = most = 0
    inbox = DriftingInbox(2_000)

    class Slow(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            under_way -= 1
            return inbox(request)

    async with ConvirzaClient("x", transport=Slow()) as client:
        reading = ViewReading(client, ConversationQuery(), WINDOW)
        await reading.read(nothing)

    assert most == 4
    assert reading.coverage(NOW).gap is None


@pytest.mark.parametrize(
    ("fault", "read_of_it", "gap", "most_requests"),
    [
        ({"ignores_offset": True}, 200, Gap.REPEATED, 6),
        ({"total": 1_000}, 500, Gap.FEWER, 7),
        ({"total": 10**12}, 500, Gap.FEWER, 8),
        ({"total": 1_000, "end_is_404": True}, 500, Gap.FEWER, 7),
        ({"total": -1}, 500, Gap.UNCOUNTED, 5),
        ({"total": None}, 500, Gap.UNCOUNTED, 5),
        ({"total": "many"}, 500, Gap.UNCOUNTED, 5),
        ({"total": "500"}, 500, None, 3),
        ({"total": 300}, 500, Gap.UNCOUNTED, 4),
        ({"total": 200}, 500, Gap.UNCOUNTED, 4),
        ({"total": 0}, 500, Gap.UNCOUNTED, 4),
        ({"ignores_offset": True, "total": 200}, 200, Gap.REPEATED, 2),
        ({"largest_page": 100}, 500, None, 6),
        ({"largest_page": 7, "total": None}, 500, Gap.UNCOUNTED, 74),
        ({"ignores_offset": True, "total": None}, 200, Gap.REPEATED, 3),
        ({"ignores_offset": True, "total": 10**12}, 200, Gap.REPEATED, 6),
    ],
)
async def test_an_api_at_fault_is_neither_spun_on_nor_called_complete(
    fault: dict[str, Any], read_of_it: int, gap: Gap | None, most_requests: int
) -> None:
    inbox = DriftingInbox(500, **fault)

    ids, coverage = await read(inbox)

    assert ids == inbox.ids[:read_of_it]
    assert coverage.gap == gap
    assert coverage.requests == len(inbox.requests) <= most_requests


async def test_the_oldest_come_next_for_who_must_not_lose_them() -> None:
    inbox = DriftingInbox(2_100)

    ids, coverage = await read(inbox, oldest_next=True)

    assert [int(each.url.params["offset"]) for each in inbox.requests] == [0, *range(2_000, 0, -200)]
    assert ids == inbox.ids
    assert coverage.gap is None


async def test_an_announced_end_that_is_empty_is_looked_for_from_the_front() -> None:
    inbox = DriftingInbox(500, total=10_000)

    ids, coverage = await read(inbox, oldest_next=True)

    assert ids == inbox.ids
    assert coverage.gap == Gap.FEWER
    assert len(inbox.requests) <= 10


async def test_a_page_that_comes_again_and_again_is_not_spun_on() -> None:
    inbox = DriftingInbox(400)

    def second_page_for_ever(request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_set_param("offset", min(200, int(request.url.params["offset"])))
        body = inbox(httpx2.Request("GET", url)).json()
        body["data"]["total"] = None
        return httpx2.Response(200, json=body)

    ids, coverage = await read(second_page_for_ever)

    assert len(ids) == 400
    assert coverage.gap == Gap.REPEATED
    assert coverage.requests < 12


async def test_what_was_read_whole_stands_only_while_it_is_confirmed() -> None:
    inbox = DriftingInbox(300)
    async with ConvirzaClient("x", transport=answering(inbox)) as client:
        reading = ViewReading(client, ConversationQuery(), WINDOW)
        await reading.read(nothing)
        await reading.confirm()
        confirmed = reading.coverage(NOW).gap
        inbox.ids.append(0)
        inbox.times[0] = NOW
        await reading.confirm()

    assert (confirmed, reading.coverage(NOW).gap) == (None, Gap.MOVED)


async def test_what_is_inserted_while_pages_are_read_is_found_too() -> None:
    inbox = DriftingInbox(700, [[insert], [insert, insert], [insert]])

    ids, coverage = await read(inbox)

    assert ids == inbox.ids
    assert (coverage.total, coverage.gap) == (704, None)


async def test_what_moves_to_the_head_unread_is_found_there() -> None:
    inbox = DriftingInbox(700, [[update(0.9)]])

    ids, coverage = await read(inbox)

    assert sorted(ids) == sorted(inbox.ids)
    assert coverage.gap is None


async def test_what_leaves_pulls_a_row_past_the_edge_and_is_said() -> None:
    inbox = DriftingInbox(700, [[], [delete(0.45)]])

    ids, coverage = await read(inbox)

    assert len(set(inbox.ids) - set(ids)) == 1
    assert coverage.gap == Gap.MOVED


PLACES = st.floats(0, 1, allow_nan=False)
MOVES = st.one_of(st.just(insert), PLACES.map(delete), PLACES.map(update))
SCRIPTS = st.lists(st.lists(MOVES, max_size=3), max_size=8)


@settings(deadline=None)
@given(size=st.integers(150, 900), moves=SCRIPTS, order=st.sampled_from(["desc", "asc"]), oldest_next=st.booleans())
@example(size=401, moves=[[delete(0.0)], [insert]], order="desc", oldest_next=False)
@example(size=201, moves=[[insert, delete(1.0)]], order="asc", oldest_next=False)
@example(size=600, moves=[[], [delete(0.0), insert], [delete(1.0), insert]], order="desc", oldest_next=False)
@example(size=600, moves=[[], [insert], [delete(1.0)]], order="desc", oldest_next=True)
async def test_complete_means_what_was_there_at_one_moment(
    size: int, moves: list[list[Move]], order: str, oldest_next: bool
) -> None:
    inbox = DriftingInbox(size, moves)

    ids, coverage = await read(inbox, order, oldest_next=oldest_next)

    assert len(inbox.requests) <= -(-(size + 24) // 200) + 2
    if coverage.gap is None:
        assert frozenset(ids) in inbox.states


@settings(deadline=None)
@given(size=st.integers(150, 900), count=st.lists(st.integers(0, 3), max_size=8))
async def test_insertions_alone_lose_nothing(size: int, count: list[int]) -> None:
    inbox = DriftingInbox(size, [[insert] * each for each in count])

    ids, _ = await read(inbox)

    assert inbox.states[0] <= frozenset(ids)


@pytest.mark.parametrize("order", ["desc", "asc"])
async def test_a_window_that_convirza_finds_too_long_is_read_in_pieces(order: Any) -> None:
    with Sandbox(conversations=900, variants=["max-31-days"], now=NOW) as sandbox:
        window = Window(start=datetime(2025, 11, 1, tzinfo=UTC), end=NOW, zone=UTC)
        async with ConvirzaClient(sandbox.token, base_url=sandbox.base_url) as client:
            reading = ViewReading(client, ConversationQuery(type="close", order=order), window)
            await reading.read(nothing)

    with Sandbox(conversations=900, now=NOW) as plain:
        truth = plain.ask(type="close", order=order, limit=None, start=window.start, end=window.end).rows
    times = [each.conversation_updated for each in reading.conversations()]
    assert {each.conversation_id for each in reading.conversations()} == {each["conversation_id"] for each in truth}
    assert len(times) == len(truth) > 200
    assert times == sorted(times, reverse=order == "desc")
    assert (reading.coverage(NOW).gap, reading.coverage(NOW).total) == (None, len(truth))


async def test_a_refusal_of_a_short_window_is_raised() -> None:
    with pytest.raises(BadRequestError):
        await read(lambda _: httpx2.Response(400, json={"message": "no"}))


async def test_reading_goes_on_from_the_pages_held() -> None:
    inbox = DriftingInbox(1_000)
    failing = True

    def api(request: httpx2.Request) -> httpx2.Response:
        if failing and request.url.params["offset"] == "600":
            return httpx2.Response(403, json={"message": "no"})
        return inbox(request)

    async with ConvirzaClient("x", transport=answering(api)) as client:
        reading = ViewReading(client, ConversationQuery(), WINDOW)
        with pytest.raises(Exception, match="403"):
            await reading.read(nothing)
        held = len(reading.conversations())
        assert reading.coverage(NOW).gap == Gap.TIME
        failing = False
        before = len(inbox.requests)
        await reading.read(nothing)

    assert held >= 200
    assert len(inbox.requests) - before == 5 - held // 200
    assert [each.conversation_id for each in reading.conversations()] == inbox.ids


@pytest.mark.long
async def test_fifty_thousand_conversations_take_250_requests() -> None:
    ids, coverage = await read(DriftingInbox(50_000))

    assert len(ids) == 50_000
    assert (coverage.requests, coverage.gap) == (250, None)


@pytest.mark.long
async def test_more_than_are_read_at_once_is_said() -> None:
    ids, coverage = await read(DriftingInbox(60_500))

    assert len(ids) == 60_000
    assert (coverage.total, coverage.gap) == (60_500, Gap.MOST)
