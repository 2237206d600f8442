"""Both ways of scanning a view that stands still, over a window that is refused, and when a page fails."""

from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.api.models import ConversationPage
from convirza_mcp.errors import BadRequestError, PermissionDeniedError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.scan.parallel_scan import ParallelScan
from convirza_mcp.scan.results import Coverage, Gap, unreadable_text
from support.convirza import Convirza
from support.drifting import NOW, DriftingInbox, delete, insert, update
from support.rows import answering, row

START = datetime(2026, 2, 10, tzinfo=UTC)
QUERY = ConversationQuery(start=START, end=NOW)


async def read(inbox: DriftingInbox, order: Any = "desc") -> tuple[list[int], Coverage]:
    scan = ParallelScan(inbox, ConversationQuery(order=order, start=START, end=NOW))
    await scan.read()
    assert scan.is_finished
    return [each.conversation_id for each in scan.conversations()], scan.coverage(NOW)


async def walk(scan: OverlapScan) -> list[int]:
    """Return the ids in the order in which they first came."""
    found: dict[int, None] = {}
    while (page := await scan.next_page()) is not None:
        found.update(dict.fromkeys(page.ids))
    return list(found)


SIZES = [
    (0, 1, 1),
    (1, 1, 1),
    (199, 1, 1),
    # Of exactly one page the total may be that of the page.
    (200, 2, 2),
    (201, 2, 2),
    (2_000, 10, 11),
    pytest.param(50_000, 250, 251, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("size", "requests", "with_overlap"), SIZES)
@pytest.mark.parametrize("order", ["desc", "asc"])
async def test_a_view_that_stands_still_takes_this_many_requests(
    size: int, requests: int, with_overlap: int, order: Any
) -> None:
    inbox = DriftingInbox(size)
    expected = inbox.ids if order == "desc" else inbox.ids[::-1]

    ids, coverage = await read(inbox, order)

    assert (ids, coverage) == (expected, Coverage(read=size, total=size, requests=requests, as_of=NOW))
    assert len(inbox.requests) == requests

    scan = OverlapScan(DriftingInbox(size), ConversationQuery(order=order))
    assert await walk(scan) == expected
    assert (scan.requests, scan.total, scan.gap, scan.is_whole) == (with_overlap, size, None, True)


@pytest.mark.long
async def test_more_conversations_than_are_read_at_once_are_said() -> None:
    newest, coverage = await read(DriftingInbox(60_500))
    oldest, _ = await read(DriftingInbox(60_500), "asc")
    scan = OverlapScan(DriftingInbox(60_500), ConversationQuery())

    assert (newest, oldest) == (list(range(60_500, 500, -1)), list(range(1, 60_001)))
    assert (coverage.read, coverage.total, coverage.gap) == (60_000, 60_500, Gap.MOST)
    assert (len(await walk(scan)), scan.gap, scan.is_whole) == (60_000, Gap.MOST, False)


@pytest.mark.parametrize(
    ("fault", "read_of_it", "gap", "most_requests", "overlap_gap"),
    [
        ({"ignores_offset": True}, 200, Gap.REPEATED, 6, Gap.REPEATED),
        ({"total": 1_000}, 500, Gap.FEWER, 7, Gap.FEWER),
        ({"total": 10**12}, 500, Gap.FEWER, 8, Gap.FEWER),
        ({"total": None}, 500, Gap.UNCOUNTED, 5, Gap.UNCOUNTED),
        ({"total": 300}, 500, Gap.UNCOUNTED, 4, None),
        ({"total": 200}, 500, Gap.UNCOUNTED, 4, None),
        ({"total": 0}, 500, Gap.UNCOUNTED, 4, None),
        ({"total": "page"}, 500, Gap.UNCOUNTED, 4, None),
        ({"ignores_offset": True, "total": 200}, 200, Gap.REPEATED, 2, Gap.REPEATED),
        ({"largest_page": 100}, 500, None, 5, None),
        ({"largest_page": 7, "total": None}, 500, Gap.UNCOUNTED, 74, Gap.UNCOUNTED),
        ({"ignores_offset": True, "total": None}, 200, Gap.REPEATED, 3, Gap.REPEATED),
        ({"ignores_offset": True, "total": 10**12}, 200, Gap.REPEATED, 6, Gap.REPEATED),
    ],
)
async def test_an_api_at_fault_is_neither_spun_on_nor_called_complete(
    fault: dict[str, Any], read_of_it: int, gap: Gap | None, most_requests: int, overlap_gap: Gap | None
) -> None:
    inbox = DriftingInbox(500, **fault)

    ids, coverage = await read(inbox)

    assert ids == inbox.ids[:read_of_it]
    assert coverage.gap == gap
    assert coverage.requests <= most_requests

    scan = OverlapScan(DriftingInbox(500, **fault), ConversationQuery())
    assert await walk(scan) == inbox.ids[:read_of_it]
    assert (scan.gap, scan.is_whole) == (overlap_gap, gap is None)
    assert scan.requests <= most_requests + 12


async def test_a_page_that_comes_again_and_again_is_not_spun_on() -> None:
    class SecondPageForever(DriftingInbox):
        async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
            assert query is not None
            return await super().list_sms_conversations(
                ConversationQuery(limit=query.limit, offset=min(200, query.offset))
            )

    inbox = SecondPageForever(400, total=None)
    ids, coverage = await read(inbox)

    assert (len(ids), coverage.gap) == (400, Gap.REPEATED)
    assert coverage.requests < 12


async def test_at_most_four_requests_are_under_way() -> None:
    most, under_way = [0, 0], [0, 0]

    def slow(scan: int) -> DriftingInbox:
        async def answer(_: ConversationQuery) -> None:
            under_way[scan] += 1
            most[scan] = max(most[scan], under_way[scan])
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            under_way[scan] -= 1

        return DriftingInbox(2_000, before_answer=answer)

    parallel, overlapping = slow(0), slow(1)
    _, coverage = await read(parallel)
    scan = OverlapScan(overlapping, ConversationQuery())
    await walk(scan)

    assert most == [4, 4]
    assert (coverage.gap, scan.gap) == (None, None)


async def test_smaller_pages_than_requested_cost_no_request_twice() -> None:
    scan = OverlapScan(DriftingInbox(1_000, largest_page=100), ConversationQuery())

    assert await walk(scan) == list(range(1_000, 0, -1))
    # 100 rows first, then 99 new ones a page.
    assert (scan.requests, scan.is_whole) == (11, True)


async def test_what_is_inserted_while_pages_are_read_is_found_too() -> None:
    inbox = DriftingInbox(700, [[insert], [insert, insert], [insert]])

    ids, coverage = await read(inbox)

    assert ids == inbox.ids
    assert (coverage.total, coverage.gap) == (704, None)


async def test_what_moves_to_the_head_unread_is_found_there() -> None:
    inbox = DriftingInbox(700, [[update(0.9)]])
    ids, coverage = await read(inbox)

    assert (sorted(ids), coverage.gap) == (sorted(inbox.ids), None)

    inbox = DriftingInbox(700, [[update(0.9)]])
    scan = OverlapScan(inbox, ConversationQuery())
    assert sorted(await walk(scan)) == sorted(inbox.ids)
    assert (scan.gap, scan.is_whole, scan.requests) == (None, True, 5)


async def test_what_leaves_pulls_a_row_past_the_edge_which_is_said_or_mended() -> None:
    inbox = DriftingInbox(700, [[], [delete(0.45)]])
    ids, coverage = await read(inbox)

    assert len(set(inbox.ids) - set(ids)) == 1
    assert coverage.gap == Gap.MOVED

    inbox = DriftingInbox(700, [[], [delete(0.45)]])
    scan = OverlapScan(inbox, ConversationQuery())
    assert set(inbox.ids) <= set(await walk(scan))
    assert (scan.gap, scan.is_whole) == (None, False)


@pytest.mark.long
async def test_beyond_the_overlaps_the_total_tells_what_leaves() -> None:
    inbox = DriftingInbox(45_000, [*[[]] * 215, [delete(0.1), delete(0.2)]])
    scan = OverlapScan(inbox, ConversationQuery())

    assert set(inbox.ids) <= set(await walk(scan))
    assert (scan.gap, scan.is_whole) == (None, False)


async def test_a_scan_goes_on_from_the_pages_held() -> None:
    is_failing = True

    async def fail(query: ConversationQuery) -> None:
        if is_failing and query.offset == 600:
            raise PermissionDeniedError("no", status=403)

    inbox = DriftingInbox(1_000, before_answer=fail)
    scan = ParallelScan(inbox, QUERY)
    with pytest.raises(PermissionDeniedError):
        await scan.read()
    held = len(scan.conversations())
    gap = scan.coverage(NOW).gap
    is_failing = False
    before = len(inbox.requests)
    await scan.read()

    assert (held >= 200, gap) == (True, Gap.TIME)
    assert len(inbox.requests) - before == 5 - held // 200
    assert [each.conversation_id for each in scan.conversations()] == inbox.ids


async def test_a_page_does_not_count_before_its_callback_allows_it() -> None:
    async def refuse() -> None:
        raise PermissionDeniedError("no", status=403)

    scan = ParallelScan(DriftingInbox(300), QUERY, refuse)
    with pytest.raises(PermissionDeniedError):
        await scan.read()

    assert (scan.conversations(), scan.coverage(NOW).read, scan.requests) == ((), 0, 1)


async def test_unreadable_fields_are_counted_by_conversation() -> None:
    # The last two rows of the first page come again on the second.
    rows = [row(each, pin=7 if each % 100 == 0 else True) for each in range(1, 201)]
    rows += [row(199), row(200, pin=7), row(None, agent=[]), row(201, agent=[], unread_count=-1)]

    async with ConvirzaClient("x", transport=answering(Convirza(*rows))) as client:
        scan = ParallelScan(client, QUERY)
        await scan.read()
    coverage = scan.coverage(NOW)

    assert coverage.unreadable == {100: {"pin"}, 200: {"pin"}, 201: {"agent", "unread_count"}}
    assert unreadable_text(coverage.unreadable_counts) == (
        "agent (1), conversation_id (1, rows left out), pin (2), unread_count (1)"
    )
    both = Coverage.merge([coverage, coverage], 201)
    assert (both.unreadable, both.dropped) == (coverage.unreadable, 2)


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=12)])
async def test_a_window_that_convirza_refuses_is_split_and_ends_now(order: Any, later: timedelta) -> None:
    query = ConversationQuery(type="close", order=order, start=datetime(2025, 11, 1, tzinfo=UTC), end=NOW + later)
    with Sandbox(conversations=900, variants=["max-31-days", "past-end"], now=NOW) as sandbox:
        async with ConvirzaClient(sandbox.token, base_url=sandbox.base_url) as client:
            whole = ParallelScan(client, query, as_of=NOW)
            await whole.read()
            streamed = OverlapScan(client, query, as_of=NOW)
            ids = await walk(streamed)
        statuses = {each.status for each in sandbox.requests}

    with Sandbox(conversations=900, now=NOW) as plain:
        truth = plain.ask(type="close", order=order, limit=None, start=query.start, end=NOW).rows
    expected = {each["conversation_id"] for each in truth}
    times = [each.conversation_updated for each in whole.conversations()]
    assert {each.conversation_id for each in whole.conversations()} == set(ids) == expected
    assert len(times) == len(ids) == len(truth) > 200
    assert times == sorted(times, reverse=order == "desc")
    assert (whole.coverage(NOW).gap, whole.coverage(NOW).total) == (None, len(truth))
    assert (len(whole.windows), len(streamed.windows), statuses) == (5, 5, {200, 400})


@pytest.mark.parametrize("days", [3, 31])
async def test_a_refusal_of_a_short_window_is_raised(days: int) -> None:
    query = ConversationQuery(start=NOW - timedelta(days=days), end=NOW)
    async with ConvirzaClient(
        "x", transport=answering(lambda _: httpx2.Response(400, json={"message": "no"}))
    ) as client:
        with pytest.raises(BadRequestError):
            await ParallelScan(client, query).read()
        with pytest.raises(BadRequestError):
            await OverlapScan(client, query).next_page()
