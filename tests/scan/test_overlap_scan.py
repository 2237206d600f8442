from datetime import timedelta

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.coverage import Gap
from convirza_mcp.scan.overlap_scan import OverlapScan
from support.drifting import NOW, DriftingInbox, Move, delete, insert
from support.rows import answering


async def walk(inbox: DriftingInbox) -> tuple[list[int], OverlapScan]:
    """The ids as they first came, and the pages."""
    found: dict[int, None] = {}
    async with ConvirzaClient("x", transport=answering(inbox)) as client:
        pages = OverlapScan(client, ConversationQuery())
        while (page := await pages.next_page()) is not None:
            found.update(dict.fromkeys(page.ids))
    assert pages.requests == len(inbox.requests)
    return list(found), pages


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        (0, 1),
        (1, 1),
        (199, 1),
        (200, 2),
        (201, 2),
        (2_000, 11),
        # The pages, and one more for all the joins.
        pytest.param(50_000, 251, marks=pytest.mark.long),
    ],
)
async def test_a_view_that_stands_still_costs_a_page_more_at_most(size: int, requests: int) -> None:
    inbox = DriftingInbox(size)

    ids, pages = await walk(inbox)

    assert ids == inbox.ids
    assert (pages.requests, pages.total, pages.gap) == (requests, size, None)
    assert all(piece.is_whole for piece in pages.windows)


PLACES = st.floats(0, 1, allow_nan=False)


@settings(deadline=None)
@given(
    size=st.integers(150, 900),
    moves=st.lists(st.lists(st.one_of(st.just(insert), PLACES.map(delete)), max_size=3), max_size=6),
)
async def test_nothing_that_stays_is_skipped(size: int, moves: list[list[Move]]) -> None:
    inbox = DriftingInbox(size, moves)

    ids, pages = await walk(inbox)

    assert pages.gap is None
    # What comes while pages are read stands above them.
    assert set(inbox.ids) - set(ids) <= {each for each in inbox.ids if each > size}


@pytest.mark.long
async def test_beyond_the_joins_what_leaves_is_told_by_the_total() -> None:
    inbox = DriftingInbox(45_000, [*[[]] * 215, [delete(0.1), delete(0.2)]])

    ids, pages = await walk(inbox)

    assert set(inbox.ids) <= set(ids)
    assert pages.gap is None
    assert not all(piece.is_whole for piece in pages.windows)


@pytest.mark.parametrize(
    ("total", "gap"), [(None, Gap.UNCOUNTED), (-1, Gap.UNCOUNTED), ("500", None), (0, None), (10**6, Gap.FEWER)]
)
async def test_a_wrong_total_neither_ends_it_early_nor_goes_unsaid(total: object, gap: Gap | None) -> None:
    inbox = DriftingInbox(500, total=total)

    ids, pages = await walk(inbox)

    assert ids == inbox.ids
    assert pages.gap == gap
    assert all(piece.is_whole for piece in pages.windows) == (total == "500")


async def test_the_same_page_for_ever_ends() -> None:
    ids, pages = await walk(DriftingInbox(500, ignores_offset=True))

    assert len(ids) == 200
    assert pages.gap is not None
    assert pages.requests < 10


async def test_a_window_that_convirza_finds_too_long_is_read_in_pieces() -> None:
    start = NOW - timedelta(days=120)
    with Sandbox(conversations=900, variants=["max-31-days"], now=NOW) as sandbox:
        truth = [
            each["conversation_id"]
            for each in sandbox.conversations
            if each["conversation_id"] in sandbox.ids("close")
            and start.isoformat() <= each["conversation_updated"].replace("Z", "+00:00") <= NOW.isoformat()
        ]
        async with ConvirzaClient(sandbox.token, base_url=sandbox.base_url) as client:
            pages = OverlapScan(client, ConversationQuery(type="close", start=start, end=NOW))
            ids: set[int] = set()
            while (page := await pages.next_page()) is not None:
                ids.update(page.ids)

    assert ids == set(truth)
    assert len(pages.windows) == 4
    assert {each.status for each in sandbox.requests} == {200, 400}


async def test_a_refusal_of_a_short_window_is_raised() -> None:
    async with ConvirzaClient(
        "x", transport=answering(lambda _: httpx2.Response(400, json={"message": "no"}))
    ) as client:
        pages = OverlapScan(client, ConversationQuery(start=NOW - timedelta(days=3), end=NOW))
        with pytest.raises(Exception, match="400"):
            await pages.next_page()
