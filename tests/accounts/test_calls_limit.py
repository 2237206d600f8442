"""How many tool calls a server answers in a minute."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.accounts.calls import CallLimit
from convirza_mcp.errors import CallLimitError
from convirza_mcp.server.build import build_server
from support.calls import paged, text_of
from support.logins import Clock
from support.rows import opening, row
from support.snapshots import Snapshot

SETTINGS = Settings(token="CNVZ-AT-7f3e9d", max_calls_per_minute=3)


def refusals(limit: CallLimit, calls: int) -> list[int]:
    """The seconds to wait that each refused call names."""
    refused = []
    for _ in range(calls):
        try:
            limit.admit()
        except CallLimitError as error:
            refused.append(int(re.findall("[0-9]+", error.remedy)[0]))
    return refused


def test_what_is_over_the_limit_is_refused_until_the_oldest_is_a_minute_old() -> None:
    clock = Clock()
    limit = CallLimit(2, clock=clock.monotonic)
    limit.admit()
    clock.seconds += 20
    limit.admit()

    assert refusals(limit, 1) == [40]
    clock.seconds += 39.5
    assert refusals(limit, 1) == [1]
    clock.seconds += 0.5
    assert refusals(limit, 2) == [20]


def test_a_call_after_the_named_seconds_is_admitted() -> None:
    clock = Clock()
    limit = CallLimit(1, clock=clock.monotonic)
    limit.admit()
    clock.seconds += 12.25

    assert refusals(limit, 1) == [48]
    clock.seconds += 48
    assert refusals(limit, 1) == []


def test_refused_calls_do_not_extend_the_wait() -> None:
    clock = Clock()
    limit = CallLimit(1, clock=clock.monotonic)
    limit.admit()
    for _ in range(59):
        clock.seconds += 1
        assert len(refusals(limit, 1)) == 1
    clock.seconds += 1

    assert refusals(limit, 1) == []


def test_a_limit_of_0_refuses_no_call() -> None:
    assert refusals(CallLimit(0), 1_000) == []


@given(st.integers(1, 5), st.lists(st.floats(0, 90), max_size=60))
def test_no_minute_holds_more_than_the_limit(most: int, pauses: list[float]) -> None:
    clock = Clock()
    limit = CallLimit(most, clock=clock.monotonic)
    admit: list[float] = []
    for pause in pauses:
        clock.seconds += pause
        recent = [moment for moment in admit if moment + 60 > clock.seconds]
        if not refusals(limit, 1):
            admit.append(clock.seconds)
            assert len(recent) < most
        else:
            assert len(recent) == most


@pytest.fixture
def inbox() -> list[str]:
    return []


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, inbox: list[str]) -> AsyncIterator[Client]:
    async with Client(
        build_server(SETTINGS, open_client=opening(SETTINGS, paged([row()], asked=inbox))), mode=request.param
    ) as client:
        yield client


async def test_a_server_answers_one_too_many_with_a_sentence_and_asks_nothing(
    client: Client, inbox: list[str], snapshot: Snapshot
) -> None:
    for _ in range(3):
        assert not (await client.call_tool("list_sms_conversations", {})).is_error
    refused = await client.call_tool("list_sms_conversations", {})

    assert (refused.is_error, refused.structured_content) == (True, None)
    # The seconds in it are those of the real clock.
    snapshot.shared(re.sub("Wait [0-9]+ s", "Wait 60 s", text_of(refused)))
    assert len(inbox) == 3


async def test_the_limit_is_one_for_all_tools_and_for_calls_that_fail(client: Client, inbox: list[str]) -> None:
    await client.call_tool("list_sms_conversations", {"limit": 0})
    await client.call_tool("summarize_sms_inbox", {})
    await client.call_tool("search_sms_messages", {"query": "refund"})
    before = len(inbox)

    refused = await client.call_tool("list_waiting_sms_conversations", {})
    assert text_of(refused).endswith(" [call_limit]")
    assert len(inbox) == before
    # Lists and prompts are no tool calls.
    assert len((await client.list_tools()).tools) == 6


async def test_calls_at_once_are_counted_one_by_one(client: Client, inbox: list[str]) -> None:
    results: list[bool | None] = []

    async def call() -> None:
        results.append((await client.call_tool("list_sms_conversations", {})).is_error)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(call)

    assert (results.count(False), results.count(True), len(inbox)) == (3, 17, 3)


async def test_switched_off_nothing_is_counted() -> None:
    settings, inbox = replace(SETTINGS, max_calls_per_minute=0), list[str]()
    async with Client(build_server(settings, open_client=opening(settings, paged([row()], asked=inbox)))) as client:
        for _ in range(130):
            assert not (await client.call_tool("list_sms_conversations", {})).is_error

    assert len(inbox) == 130
