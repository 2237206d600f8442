"""How many tool calls a server answers in a minute."""

from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client
from mcp_types import CallToolResult, TextContent

from convirza_mcp import Settings
from convirza_mcp.accounts.calls import CallLimit
from convirza_mcp.errors import CallLimitError
from convirza_mcp.server.build import build_server
from support.rows import answering, envelope, opening, row

SETTINGS = Settings(token="CNVZ-AT-7f3e9d", max_calls_per_minute=3)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Inbox:
    """Answers with a page, and counts."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, _: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        return httpx2.Response(200, json=envelope([row()]))


def sentence(most: int, seconds: int) -> str:
    return (
        f"This server answers at most {most} tool calls a minute, so it made no request. Wait {seconds} seconds, "
        "then try again, or raise CONVIRZA_MAX_CALLS_PER_MINUTE."
    )


def refusals(limit: CallLimit, calls: int) -> list[str]:
    refused = []
    for _ in range(calls):
        try:
            limit.let_in()
        except CallLimitError as error:
            refused.append(str(error))
    return refused


def test_what_is_over_the_limit_is_refused_until_the_oldest_is_a_minute_old() -> None:
    clock = Clock()
    limit = CallLimit(2, clock=clock)
    limit.let_in()
    clock.seconds += 20
    limit.let_in()

    assert refusals(limit, 1) == [sentence(2, 40)]
    clock.seconds += 39.5
    assert refusals(limit, 1) == [sentence(2, 1)]
    clock.seconds += 0.5
    assert refusals(limit, 2) == [sentence(2, 20)]


def test_who_waits_the_seconds_that_were_named_is_let_in() -> None:
    clock = Clock()
    limit = CallLimit(1, clock=clock)
    limit.let_in()
    clock.seconds += 12.25

    assert refusals(limit, 1) == [sentence(1, 48)]
    clock.seconds += 48
    assert refusals(limit, 1) == []


def test_refused_calls_do_not_keep_anybody_out() -> None:
    clock = Clock()
    limit = CallLimit(1, clock=clock)
    limit.let_in()
    for _ in range(59):
        clock.seconds += 1
        assert len(refusals(limit, 1)) == 1
    clock.seconds += 1

    assert refusals(limit, 1) == []


def test_0_is_no_limit() -> None:
    assert refusals(CallLimit(0), 1_000) == []


@given(st.integers(1, 5), st.lists(st.floats(0, 90), max_size=60))
def test_no_minute_holds_more_than_the_limit(most: int, pauses: list[float]) -> None:
    clock = Clock()
    limit = CallLimit(most, clock=clock)
    let_in: list[float] = []
    for pause in pauses:
        clock.seconds += pause
        recent = [moment for moment in let_in if moment + 60 > clock.seconds]
        if not refusals(limit, 1):
            let_in.append(clock.seconds)
            assert len(recent) < most
        else:
            assert len(recent) == most


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, inbox: Inbox) -> AsyncIterator[Client]:
    async with Client(
        build_server(SETTINGS, open_client=opening(SETTINGS, answering(inbox))), mode=request.param
    ) as client:
        yield client


def text_of(result: object) -> str:
    assert isinstance(result, CallToolResult)
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def test_a_server_answers_one_too_many_with_a_sentence_and_asks_nothing(client: Client, inbox: Inbox) -> None:
    for _ in range(3):
        assert not (await client.call_tool("list_sms_conversations", {})).is_error
    with anyio.fail_after(0.15):
        refused = await client.call_tool("list_sms_conversations", {})

    assert (refused.is_error, refused.structured_content) == (True, None)
    assert text_of(refused) == f"{sentence(3, 60)} [call_limit]"
    assert inbox.requests == 3


async def test_the_limit_is_one_for_all_tools_and_for_calls_that_fail(client: Client, inbox: Inbox) -> None:
    await client.call_tool("list_sms_conversations", {"limit": 0})
    await client.call_tool("summarize_sms_inbox", {})
    await client.call_tool("search_sms_messages", {"query": "refund"})
    before = inbox.requests

    assert text_of(await client.call_tool("list_waiting_sms_conversations", {})) == f"{sentence(3, 60)} [call_limit]"
    assert inbox.requests == before
    # Lists and prompts are no tool calls.
    assert len((await client.list_tools()).tools) == 6


async def test_calls_at_once_are_counted_one_by_one(client: Client, inbox: Inbox) -> None:
    results: list[bool | None] = []

    async def call() -> None:
        results.append((await client.call_tool("list_sms_conversations", {})).is_error)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(call)

    assert (results.count(False), results.count(True), inbox.requests) == (3, 17, 3)


async def test_switched_off_nothing_is_counted() -> None:
    settings, inbox = replace(SETTINGS, max_calls_per_minute=0), Inbox()
    async with Client(build_server(settings, open_client=opening(settings, answering(inbox)))) as client:
        for _ in range(130):
            assert not (await client.call_tool("list_sms_conversations", {})).is_error

    assert inbox.requests == 130
