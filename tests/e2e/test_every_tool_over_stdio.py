"""Every tool over a real process, in both eras: answers, progress, cancellation."""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from convirza_mcp.sandbox import Sandbox
from support.processes import environment

ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_sms_conversations": {"limit": 3},
    "get_sms_conversation": {},
    "search_sms_messages": {"query": "you", "limit": 5},
    "list_waiting_sms_conversations": {"limit": 5},
    "summarize_sms_inbox": {"group_by": "agent"},
    "list_sms_changes": {"since": "7d", "limit": 5},
}


SANDBOX = {"conversations": 1_500}


def parameters(*options: str, **settings: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-m", "convirza_mcp", "serve", *options], env=environment(**settings)
    )


@pytest.fixture(params=["auto", pytest.param("legacy", marks=pytest.mark.long)])
async def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[Client]:
    server = parameters(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
    async with Client(server, mode=request.param) as client:
        yield client


async def test_every_tool_answers_with_one_object_twice(client: Client, sandbox: Sandbox) -> None:
    known = sandbox.ask(limit=1).rows[0]["conversation_id"]
    for tool in (await client.list_tools()).tools:
        arguments = ARGUMENTS[tool.name] | ({"conversation_id": known} if tool.name == "get_sms_conversation" else {})
        # The official client checks structured content against the output schema.
        result = await client.call_tool(tool.name, arguments)

        (block,) = result.content
        assert isinstance(block, TextContent)
        assert not result.is_error, block.text
        assert json.loads(block.text) == result.structured_content
        assert tool.name == "list_sms_conversations" or {"coverage", "requests"} & json.loads(block.text).keys()


@pytest.mark.long
async def test_progress_comes_page_by_page(client: Client, sandbox: Sandbox) -> None:
    told: list[tuple[float, float | None]] = []

    async def progress(pages: float, of: float | None, _: str | None) -> None:
        told.append((pages, of))

    before = len(sandbox.requests)
    result = await client.call_tool(
        "summarize_sms_inbox", {"type": "close", "start": "300d"}, progress_callback=progress
    )
    await anyio.wait_all_tasks_blocked()

    assert result.structured_content is not None
    coverage = result.structured_content["coverage"]
    pages = -(-coverage["total"] // 200)
    assert coverage["requests"] == pages == len(sandbox.requests) - before
    assert pages > 2
    assert told[-1] == (pages, pages)
    assert [page for page, _ in told] == sorted(page for page, _ in told)


@pytest.mark.long
async def test_64_calls_at_once_are_all_answered(client: Client) -> None:
    offsets: list[int] = []

    async def call(offset: int) -> None:
        result = await client.call_tool("list_sms_conversations", {"offset": offset})
        assert result.structured_content is not None, result
        offsets.append(result.structured_content["offset"])

    async with anyio.create_task_group() as tasks:
        for offset in range(64):
            tasks.start_soon(call, offset)

    assert sorted(offsets) == list(range(64))
