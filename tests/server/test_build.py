"""The assembled server, through the official client, in both protocol eras."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from convirza_mcp import Settings
from convirza_mcp.server.build import INSTRUCTIONS, build_server
from support.rows import answering, envelope, opening, row
from support.snapshots import Snapshot

SETTINGS = Settings(token="CNVZ-AT-7f3e9d", zone=ZoneInfo("America/Denver"))
NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)


GIVEN = {
    "about": 'the "8 o\'clock" slot',
    "agent": "Ann Lee",
    "end": "2026-03-05",
    "line": "18015557654",
    "since": "yesterday 17:30",
    "start": "14d",
    "view": "unassigned",
    "week": "this-week",
}


@pytest.fixture
async def client(era: str) -> AsyncIterator[Client]:
    transport = answering(envelope([row(1), row(2)], 9))
    server = build_server(SETTINGS, open_client=opening(SETTINGS, transport), now=lambda: NOW)
    async with Client(server, mode=era) as client:
        yield client


async def test_the_server_introduces_itself(client: Client, era: str) -> None:
    assert client.server_info.name == "convirza-mcp"
    assert client.server_info.title == "Convirza SMS inbox"
    assert client.instructions == INSTRUCTIONS
    assert client.protocol_version == {"auto": "2026-07-28", "legacy": "2025-11-25"}[era]


async def test_a_failure_is_a_result_without_the_sdk_s_prefix(client: Client, snapshot: Snapshot) -> None:
    result = await client.call_tool("list_sms_conversations", {"limit": 0})

    snapshot.shared([block.text for block in result.content if isinstance(block, TextContent)])
    assert (result.is_error, result.structured_content) == (True, None)
    # The next call works, also one without arguments.
    assert not (await client.call_tool("list_sms_conversations")).is_error


async def test_an_unknown_tool_is_a_protocol_error_that_names_the_known_ones(
    client: Client, snapshot: Snapshot
) -> None:
    with pytest.raises(MCPError) as error:
        await client.call_tool("send_sms", {"to": "18015551234"})
    snapshot.shared(error.value)


async def test_the_lists_do_not_depend_on_the_account_and_may_be_kept(era: str) -> None:
    lists: list[Any] = []
    for settings in (SETTINGS, Settings()):
        async with Client(build_server(settings), mode=era) as client:
            tools, prompts = await client.list_tools(), await client.list_prompts()
            resources, templates = await client.list_resources(), await client.list_resource_templates()
            lists.append([each.model_dump() for each in (tools, prompts, resources, templates)])
            if era == "auto":
                assert (tools.ttl_ms, tools.cache_scope) == (86_400_000, "public")
                for own in (resources, templates):
                    assert (own.ttl_ms, own.cache_scope) == (86_400_000, "private")

    assert lists[0] == lists[1]


async def test_the_prompt_is_served_with_its_arguments(client: Client) -> None:
    prompts = {each.name: each for each in (await client.list_prompts()).prompts}
    prompt = prompts["triage_inbox"]
    served = await client.get_prompt("triage_inbox", {"since": "7d"})

    assert (prompt.name, prompt.title) == ("triage_inbox", "Triage the SMS inbox")
    assert [(each.name, each.required) for each in prompt.arguments or ()] == [
        ("since", False),
        ("view", False),
        ("agent", False),
        ("line", False),
    ]
    (message,) = served.messages
    assert isinstance(message.content, TextContent)
    assert message.role == "user"
    assert 'with type=allOpen, limit=100, start="7d". It\n' in message.content.text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", {}),
        ("triage_inbox", {"when": "7d"}),
        ("triage_inbox", {"view": "closed"}),
        ("find_conversation", {}),
        ("triage_inbox", {"since": "x" * 256}),
    ],
)
async def test_a_prompt_that_cannot_be_served_says_why(
    client: Client, name: str, arguments: dict[str, str], snapshot: Snapshot
) -> None:
    with pytest.raises(MCPError) as error:
        await client.get_prompt(name, arguments)
    snapshot(error.value)


async def test_every_prompt_names_only_tools_and_parameters_that_exist(client: Client) -> None:
    tools = {tool.name: tool.input_schema["properties"] for tool in (await client.list_tools()).tools}
    for prompt in (await client.list_prompts()).prompts:
        given = {each.name: GIVEN[each.name] for each in prompt.arguments or ()}
        (message,) = (await client.get_prompt(prompt.name, given)).messages
        assert isinstance(message.content, TextContent)
        named = re.findall(r"\b(?:list|get|search|summarize)_[a-z_]+", message.content.text)
        assert named, prompt.name
        assert set(named) <= tools.keys()
        parameters = re.findall(r"\b([a-z_]+)=", message.content.text)
        assert set(parameters) <= {name for tool in named for name in tools[tool]}, prompt.name
        # Every argument that is given is told, in full, and one that is not leaves nothing behind.
        for name, value in given.items():
            assert (value if name in ("view", "week") else json.dumps(value)) in message.content.text, (
                prompt.name,
                name,
            )
        needed = {each.name: given[each.name] for each in prompt.arguments or () if each.required}
        (message,) = (await client.get_prompt(prompt.name, needed)).messages
        assert isinstance(message.content, TextContent)
        assert "agent=" not in message.content.text.replace("group_by=agent", "")
        assert "phone_number=" not in message.content.text
        assert re.search(r"[{}]|, ,|,\.|  \w", message.content.text.replace("\n   ", "\n")) is None, prompt.name
