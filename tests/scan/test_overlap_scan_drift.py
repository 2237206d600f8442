"""What both ways of scanning promise while conversations come, go and move, and of an API at fault."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from convirza_mcp.api.models import ConversationQuery, Order
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.scan.parallel_scan import ParallelScan
from convirza_mcp.scan.results import Gap
from support.drifting import NOW, PLACES, SCRIPTS, DriftingInbox, Move, delete, insert, update

WINDOW = Window(start=datetime(2026, 2, 10, tzinfo=UTC), end=NOW, zone=UTC)


class Scanned(NamedTuple):
    """`ids` in the order in which they first came; `complete` says that they are what stood at one moment."""

    ids: list[int]
    complete: bool
    gap: Gap | None


Scan = Callable[..., Awaitable[Scanned]]


async def scan_in_parallel(inbox: DriftingInbox, order: Order = "desc") -> Scanned:
    start, end = WINDOW.bounds
    scan = ParallelScan(inbox, ConversationQuery(order=order, start=start, end=end))
    await scan.read()
    ids = [each.conversation_id for each in scan.conversations()]
    coverage = scan.coverage(NOW)
    assert len(ids) == len(set(ids)) == coverage.read
    assert coverage.requests == len(inbox.requests)
    assert scan.is_whole == (coverage.gap is None)
    return Scanned(ids, scan.is_whole, coverage.gap)


async def scan_with_overlap(inbox: DriftingInbox, order: Order = "desc") -> Scanned:
    start, end = WINDOW.bounds
    scan = OverlapScan(inbox, ConversationQuery(order=order, start=start, end=end))
    found: dict[int, None] = {}
    while (page := await scan.next_page()) is not None:
        found.update(dict.fromkeys(page.ids))
    assert scan.requests == len(inbox.requests)
    return Scanned(list(found), scan.is_whole, scan.gap)


BOTH = pytest.mark.parametrize("scan", [scan_in_parallel, scan_with_overlap])
ORDERS = st.sampled_from(["desc", "asc"])


async def check_promises(scan: Scan, size: int, moves: list[list[Move]], order: Order) -> Scanned:
    inbox = DriftingInbox(size, moves)

    ids, complete, gap = scanned = await scan(inbox, order)

    if complete:
        # What was there at one moment.
        assert gap is None
        assert frozenset(ids) in inbox.states
    if gap is None:
        # Nothing that stayed is missing.
        assert frozenset.intersection(*inbox.states) <= frozenset(ids)
    if scan is scan_in_parallel:
        assert len(inbox.requests) <= -(-(size + 24) // 200) + 2
    return scanned


@BOTH
@given(size=st.integers(150, 900), moves=SCRIPTS, order=ORDERS)
@example(size=401, moves=[[delete(0.0)], [insert]], order="desc")
@example(size=201, moves=[[insert, delete(1.0)]], order="asc")
@example(size=600, moves=[[], [delete(0.0), insert], [delete(1.0), insert]], order="desc")
@example(size=201, moves=[[update(1.0)]], order="desc")
async def test_complete_means_one_moment_and_a_loss_is_said(
    scan: Scan, size: int, moves: list[list[Move]], order: Order
) -> None:
    await check_promises(scan, size, moves, order)


@pytest.mark.long
@BOTH
async def test_complete_means_one_moment_and_a_loss_is_said_in_10000_scripts(
    scan: Scan, record_property: Callable[[str, object], None]
) -> None:
    rng = Random(10)
    outcomes: Counter[Gap | str] = Counter()
    for _ in range(10_000):
        moves = [[random_move(rng) for _ in range(rng.randint(0, 3))] for _ in range(rng.randint(0, 8))]
        scanned = await check_promises(scan, rng.randint(150, 900), moves, rng.choice(["desc", "asc"]))
        outcomes[
            "complete" if scanned.complete else "all that stayed" if scanned.gap is None else scanned.gap.name
        ] += 1
    record_property("outcomes", str(dict(outcomes)))

    assert outcomes["complete"] > 1_000


def random_move(rng: Random) -> Move:
    return rng.choice([insert, delete(rng.random()), update(rng.random())])


@BOTH
@given(size=st.integers(150, 900), count=st.lists(st.integers(0, 3), max_size=8))
async def test_insertions_alone_lose_nothing(scan: Scan, size: int, count: list[int]) -> None:
    inbox = DriftingInbox(size, [[insert] * each for each in count])

    ids, _, _ = await scan(inbox)

    assert inbox.states[0] <= frozenset(ids)


@given(
    size=st.integers(150, 900),
    moves=st.lists(st.lists(st.one_of(st.just(insert), PLACES.map(delete)), max_size=3), max_size=6),
)
async def test_with_overlap_nothing_that_stays_is_skipped(size: int, moves: list[list[Move]]) -> None:
    inbox = DriftingInbox(size, moves)

    ids, _, gap = await scan_with_overlap(inbox)

    assert gap is None
    # What comes while pages are read stands above them.
    assert set(inbox.ids) - set(ids) <= {each for each in inbox.ids if each > size}


@BOTH
@given(
    size=st.integers(0, 500),
    total=st.sampled_from(["true", "page", None, 0, 200, 300, 1_000, 10**12]),
    largest_page=st.sampled_from([200, 200, 100, 30]),
    ignores_offset=st.booleans(),
    order=ORDERS,
)
async def test_an_api_at_fault_is_neither_spun_on_nor_called_complete(
    scan: Scan, size: int, order: Order, **fault: Any
) -> None:
    # On pages smaller than requested, a total that they reach is no different from a true one.
    assume(fault["largest_page"] == 200 or fault["total"] in ("true", None, 1_000, 10**12))
    inbox = DriftingInbox(size, **fault)

    ids, complete, gap = await scan(inbox, order)

    assert len(inbox.requests) <= size // 29 + 40
    if complete or gap is None:
        assert set(ids) == set(inbox.ids)
