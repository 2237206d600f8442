"""Polls of the newest page: how often they are made, and which changes they tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from convirza_mcp.api.models import Conversation, ConversationQuery
from convirza_mcp.errors import ServerError
from convirza_mcp.scan.latest import Poller, Snapshot
from convirza_mcp.single_flight import background_tasks
from support.drifting import DriftingInbox

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
EARLIER = datetime(2026, 3, 5, 11, tzinfo=UTC)


def conversation(number: int, **changed: Any) -> Conversation:
    return Conversation(conversation_id=number, conversation_updated=EARLIER, unread_count=1, **changed)


@asynccontextmanager
async def polling(inbox: DriftingInbox) -> AsyncIterator[Poller]:
    async with background_tasks() as tasks:
        yield Poller(inbox, tasks, now=lambda: NOW)


async def test_a_poll_is_one_page_of_the_newest_open_ones() -> None:
    inbox = DriftingInbox([conversation(1, agent="Ann"), conversation(2)])

    async with polling(inbox) as poller:
        seen = await poller.poll(max_age=60, days=30)

    assert inbox.requests == [
        ConversationQuery(limit=200, start=datetime(2026, 2, 3, 12, tzinfo=UTC), end=NOW, order="desc", type="allOpen")
    ]
    assert seen == Snapshot(inbox.account, 2, {1: (EARLIER, 1, "Ann", None), 2: (EARLIER, 1, None, None)})


async def test_calls_within_the_interval_share_one_poll() -> None:
    # A call that comes meanwhile finds a poll under way.
    inbox = DriftingInbox([conversation(1)], before_answer=lambda _: anyio.lowlevel.checkpoint())
    seen: list[Snapshot] = []
    async with polling(inbox) as poller:

        async def poll() -> None:
            seen.append(await poller.poll(max_age=60, days=30))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(poll)
        await poll()

        assert (len(seen), len({id(each) for each in seen}), len(inbox.requests)) == (11, 1, 1)
        await poller.poll(max_age=0, days=30)
    assert len(inbox.requests) == 2


async def test_a_cancelled_caller_leaves_the_poll_running() -> None:
    going_on = anyio.Event()
    inbox = DriftingInbox([conversation(1)], before_answer=lambda _: going_on.wait())
    async with polling(inbox) as poller:
        for _ in range(20):
            with anyio.move_on_after(0) as waited:
                await poller.poll(max_age=60, days=30)
            assert waited.cancelled_caught
        going_on.set()
        seen = await poller.poll(max_age=60, days=30)

    assert (len(inbox.requests), seen.total) == (1, 1)


async def test_a_poll_without_callers_ends_with_its_task_group() -> None:
    inbox = DriftingInbox([conversation(1)], before_answer=lambda _: anyio.Event().wait())
    with anyio.fail_after(30):
        async with polling(inbox) as poller:
            with anyio.move_on_after(0):
                await poller.poll(max_age=60, days=30)


async def test_a_failed_poll_counts_as_one_and_its_traceback_does_not_grow() -> None:
    failing, polls = True, []

    async def fail(query: ConversationQuery) -> None:
        polls.append(query)
        if failing:
            raise ServerError("failed", status=500)

    inbox = DriftingInbox(0, before_answer=fail)
    async with polling(inbox) as poller:
        depths = []
        for _ in range(3):
            with pytest.raises(ServerError) as failed:
                await poller.poll(max_age=60, days=30)
            depths.append(len(failed.traceback))
        failing = False
        seen = await poller.poll(max_age=0, days=30)

    assert (len(polls), seen.total) == (2, 0)
    # What is raised again does not hold the frames of earlier callers.
    assert len(set(depths)) == 1


async def test_another_account_is_polled_anew_and_never_mixed() -> None:
    async def change(_: ConversationQuery) -> None:
        inbox.account = accounts.pop(0)

    inbox, accounts = DriftingInbox([conversation(1)], before_answer=change), ["a", "b", "c", "c"]
    inbox.account = "a"
    async with polling(inbox) as poller:
        first = await poller.poll(max_age=60, days=30)
        inbox.account = "b"
        second = await poller.poll(max_age=60, days=30)
        # The account changed during the poll: another poll gives the new account's page.
        third = await poller.poll(max_age=0, days=30)

    assert (first.account, second.account, third.account) == ("a", "b", "c")
    assert second.changed_since(first) == {1}


async def test_how_long_it_is_until_the_next_poll() -> None:
    inbox = DriftingInbox([conversation(1)])
    async with polling(inbox) as poller:
        before = poller.seconds_until(60)
        await poller.poll(max_age=60, days=30)
        after = poller.seconds_until(60)

    assert before == 60
    assert 55 < after <= 60


BEFORE = Snapshot(
    "a", 3, {1: (EARLIER, 1, "Ann", "unread"), 2: (EARLIER, 0, None, "read"), 3: (EARLIER, 0, None, None)}
)


@pytest.mark.parametrize(
    ("versions", "changed"),
    [
        ({}, set()),
        ({1: (NOW, 1, "Ann", "unread")}, {1}),
        ({1: (EARLIER, 2, "Ann", "unread")}, {1}),
        ({1: (EARLIER, 1, "Bob", "unread")}, {1}),
        ({2: (EARLIER, 0, None, "unread")}, {2}),
        ({4: (NOW, 1, None, None)}, {4}),
        ({3: None}, {3}),
    ],
)
def test_changes_between_two_pages_are_found(versions: dict[int, Any], changed: set[int]) -> None:
    after = {number: version for number, version in (dict(BEFORE.versions) | versions).items() if version is not None}

    assert Snapshot("a", 3, after).changed_since(BEFORE) == changed
