"""Whether a view still stands as it was read: its first page is requested again."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.errors import PermissionDeniedError
from convirza_mcp.scan.parallel_scan import ParallelScan
from convirza_mcp.scan.results import Gap
from support.convirza import Convirza
from support.drifting import NOW, DriftingInbox, Move, delete, insert, update
from support.rows import answering, row

QUERY = ConversationQuery(start=NOW - timedelta(days=30), end=NOW)


def reopen_oldest(inbox: DriftingInbox) -> None:
    inbox.ids.append(0)
    inbox.times[0] = NOW


@pytest.mark.parametrize(
    ("moves", "stands"),
    [
        ([], True),
        ([insert], True),
        ([update(0.9), insert, update(0.1)], True),
        ([insert] * 200, True),
        ([insert] * 201, False),
        ([delete(0.9)], False),
        ([delete(0.1), insert], False),
        ([delete(0.9), insert, insert], False),
        ([reopen_oldest], False),
        ([reopen_oldest, insert], False),
    ],
)
async def test_a_view_stands_if_all_that_changed_is_on_its_first_page(moves: Sequence[Move], stands: bool) -> None:
    inbox = DriftingInbox(300)
    scan = ParallelScan(inbox, QUERY)
    await scan.read()
    as_read = scan.conversations()
    for move in moves:
        move(inbox)
    await scan.confirm()

    assert (scan.is_whole, scan.coverage(NOW).gap) == (stands, None if stands else Gap.MOVED)
    assert scan.conversations()[:300] == as_read
    if stands:
        assert {each.conversation_id for each in scan.conversations()} == set(inbox.ids)


async def test_what_one_confirmation_adds_stays_when_the_next_no_longer_has_it() -> None:
    inbox = DriftingInbox(300)
    scan = ParallelScan(inbox, QUERY)
    await scan.read()
    for inserts in (1, 200):
        for _ in range(inserts):
            insert(inbox)
        await scan.confirm()

    assert scan.is_whole
    assert {each.conversation_id for each in scan.conversations()} == set(inbox.ids)


async def test_oldest_first_a_new_conversation_is_not_on_the_first_page() -> None:
    inbox = DriftingInbox(300, [[], [insert]])
    scan = ParallelScan(inbox, ConversationQuery(order="asc", start=QUERY.start, end=NOW))
    await scan.read()
    await scan.confirm()

    assert scan.coverage(NOW).gap == Gap.MOVED


async def test_no_total_and_no_answer_confirm_nothing() -> None:
    convirza = Convirza(row(1), row(2))
    async with ConvirzaClient("x", transport=answering(convirza)) as client:
        scan = ParallelScan(client, QUERY)
        await scan.read()
        await scan.confirm()
        gaps = [scan.coverage(NOW).gap]
        convirza.changed = {"data": {"conversation": convirza.rows}}
        await scan.confirm()
        gaps.append(scan.coverage(NOW).gap)

    async def refuse(_: ConversationQuery) -> None:
        if inbox.requests:
            raise PermissionDeniedError("no", status=403)

    inbox = DriftingInbox(1, before_answer=refuse)
    scan = ParallelScan(inbox, QUERY)
    await scan.read()
    await scan.confirm()

    assert [*gaps, scan.coverage(NOW).gap] == [None, Gap.MOVED, Gap.MOVED]
