"""The way a customer's client takes: official client, real process, real HTTP, both eras."""

import json
import sys

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from convirza_mcp.sandbox import Sandbox
from support.processes import environment


def parameters(*options: str, **settings: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-m", "convirza_mcp", *options], env=environment(**settings)
    )


@pytest.mark.parametrize(("era", "options"), [("auto", ()), pytest.param("legacy", ("serve",), marks=pytest.mark.long)])
async def test_the_inbox_is_listed(era: str, options: tuple[str, ...]) -> None:
    with Sandbox() as sandbox:
        server = parameters(*options, CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
        async with Client(server, mode=era) as client:
            result = await client.call_tool("list_sms_conversations", {"start": "30d", "limit": "3"})

        window = dict(sandbox.requests[-1].query)
        listed = sandbox.requests[-1]
    (block,) = result.content
    assert isinstance(block, TextContent)
    page = json.loads(block.text)
    assert page == result.structured_content
    assert (listed.method, listed.path, listed.status) == ("GET", "/v3/conversations/sms", 200)
    assert window.keys() == {"offset", "limit", "type", "order", "start", "end"}
    assert len(page["rows"]) == 3
    assert page["next_offset"] == 3


async def test_the_demo_inbox_needs_no_token() -> None:
    async with Client(parameters("serve", "--demo", CONVIRZA_TOKEN_FILE="/no/such/file")) as client:
        result = await client.call_tool("list_sms_conversations", {})

    assert not result.is_error
    assert result.structured_content is not None
    assert len(result.structured_content["rows"]) == 7


@pytest.mark.long
async def test_64_calls_at_once_are_all_answered() -> None:
    with Sandbox() as sandbox:
        server = parameters(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
        totals: list[int] = []
        async with Client(server) as client:

            async def call(offset: int) -> None:
                result = await client.call_tool("list_sms_conversations", {"offset": offset})
                assert result.structured_content is not None, result
                totals.append(result.structured_content["offset"])

            async with anyio.create_task_group() as tasks:
                for offset in range(64):
                    tasks.start_soon(call, offset)

    assert sorted(totals) == list(range(64))
