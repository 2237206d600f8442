"""A conversation that comes twice, on one page or on two: listed as it came, and counted once."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.server.build import build_server
from faults import FaultServer
from faults.answers import JSON, whole
from faults.exchange import Exchange
from support.rows import envelope, row

WINDOW = {"start": "2026-03-01", "end": "2026-03-06"}
# Two pages, and the last row of the first one stands at the head of the second again.
IDS = [*range(200), *range(199, 260)]
TWICE = [1, 2, 1, 2]


@pytest.fixture(params=[TWICE, IDS], ids=["on one page", "on two pages"])
def ids(request: pytest.FixtureRequest) -> list[int]:
    return list(request.param)


@pytest.fixture
def convirza(ids: list[int]) -> Iterator[FaultServer]:
    rows = [row(each, message="please call") for each in ids]

    async def answer(exchange: Exchange) -> None:
        asked = exchange.request.query
        view = [] if asked["type"] == "close" else rows if asked["order"] == "desc" else rows[::-1]
        offset = int(asked["offset"])
        page = envelope(view[offset : offset + int(asked["limit"])], total=len(view))
        await exchange.send(whole(200, [JSON], json.dumps(page).encode()))

    with FaultServer(answer) as convirza:
        yield convirza


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, convirza: FaultServer) -> AsyncIterator[Client]:
    settings = Settings(token="CNVZ-AT-7f3e9d", base_url=convirza.base_url)
    server = build_server(settings, open_client=lambda: ConvirzaClient.from_settings(settings))
    async with Client(server, mode=request.param) as client:
        yield client


async def ask(client: Client, tool: str, **given: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, given)
    assert isinstance(result, CallToolResult)
    assert result.structured_content is not None, result.content
    return result.structured_content


async def test_the_list_shows_what_the_api_lists(client: Client, ids: list[int]) -> None:
    listed = await ask(client, "list_sms_conversations", limit=200, **WINDOW)

    assert [cells[0] for cells in listed["rows"]] == ids[:200]


async def test_whole_inbox_answers_count_it_once_and_do_not_call_themselves_complete(
    client: Client, ids: list[int]
) -> None:
    once = len(set(ids))
    summary = await ask(client, "summarize_sms_inbox", **WINDOW)
    waiting = await ask(client, "list_waiting_sms_conversations", limit=100, **WINDOW)
    found = await ask(client, "search_sms_messages", query="call", limit=100, **WINDOW)

    assert (summary["conversations"], waiting["waiting"], found["matches"]) == (once, once, once)
    for answer in (waiting, found):
        shown = [cells[0] for cells in answer["rows"]]
        assert len(shown) == len(set(shown)) == min(once, 100)
    for answer in (summary, waiting, found):
        assert (answer["coverage"]["complete"], answer["coverage"]["read"]) == (False, once)


async def test_one_of_them_opens_as_one(client: Client) -> None:
    opened = await ask(client, "get_sms_conversation", conversation_id=2, **WINDOW)

    assert opened["conversation"]["conversation_id"] == 2
    assert 2 not in [cells[0] for cells in opened["rows"]]
