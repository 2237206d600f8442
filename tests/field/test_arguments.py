"""What clients and models write as arguments: read as what it plainly means, or refused by name."""

from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolRequest, CallToolResult

from convirza_mcp import Settings
from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from convirza_mcp.tools import all_tools
from convirza_mcp.tools.schema import InvalidArgumentError, read_arguments
from field import cases


class _RawCall(CallToolRequest):
    params: Any  # type: ignore[assignment] # as no model would let it through


SOURCE = FULL_COLUMNS.index("source")
BY_NAME = {tool.name: tool for tool in all_tools()}


async def answer(sandbox: Sandbox, tool: str, given: dict[str, Any]) -> dict[str, Any]:
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
    async with Client(build_server(settings)) as client:
        result = await client.call_tool(tool, given)
    assert result.structured_content is not None, result.content
    return result.structured_content


@pytest.mark.parametrize("case", cases("arguments"), ids=lambda case: f"{case['tool']}-{case['input']}")
def test_an_argument_is_read_as_what_it_means(case: dict[str, Any]) -> None:
    arguments = BY_NAME[case["tool"]].arguments

    assert read_arguments(arguments, case["input"]) == read_arguments(arguments, case["expected"])


@pytest.mark.parametrize("case", cases("refused_arguments"), ids=lambda case: f"{case['tool']}-{case['input']}")
def test_what_no_client_adds_and_no_number_is_refused_by_name(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        read_arguments(BY_NAME[case["tool"]].arguments, case["input"])

    assert refused.value.argument == case["expected"]
    assert f"`{case['expected']}`" in str(refused.value)


async def test_only_the_documented_none_means_no_agent(sandbox: Sandbox) -> None:
    everyone = await answer(sandbox, "summarize_sms_inbox", {})
    unassigned = await answer(sandbox, "summarize_sms_inbox", {"agent": "none"})

    assert 0 < unassigned["conversations"] < everyone["conversations"]
    assert await answer(sandbox, "summarize_sms_inbox", {"agent": "None"}) | {"coverage": 0} == everyone | {
        "coverage": 0
    }


async def test_a_query_is_taken_at_its_word(sandbox: Sandbox) -> None:
    assert (await answer(sandbox, "search_sms_messages", {"query": "null"}))["matches"] == 0


@pytest.mark.parametrize("given", [{"agent": "Emily Clrk"}, {"phone_number": "4045550199"}])
async def test_a_filter_that_matches_no_change_is_not_no_news(sandbox: Sandbox, given: dict[str, str]) -> None:
    (name,) = given

    note = (await answer(sandbox, "list_sms_changes", {"since": "7d", **given}))["note"]

    assert "Nothing has changed" not in note
    assert f" {name}" in note
    assert "the conversations read have the " in note


async def test_a_contact_is_listed_by_its_number_however_it_is_written(sandbox: Sandbox) -> None:
    number = (await answer(sandbox, "list_sms_conversations", {"detail": "full", "limit": 1}))["rows"][0][SOURCE]
    national = number.removeprefix("1")
    writings = (
        number,
        national,
        f"({national[:3]}) {national[3:6]}-{national[6:]}",
        f"+1 {national[:3]} {national[3:]}",
    )

    found = [
        (await answer(sandbox, "list_sms_conversations", {"search": writing, "start": "365d"}))["rows"]
        for writing in writings
    ]

    assert found[0]
    assert found == [found[0]] * len(writings)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    ("text", "limit"),
    [
        *(('{"limit": 4}', 4), (' {"limit":"4"} ', 4), ('\ufeff{"limit":4}\r\n', 4), ('"{\\"limit\\":4}"', 4)),
        *(('"\\"{\\\\\\"limit\\\\\\":4}\\""', 4), ('{"limit":4,"search":"\\ud83d"}', 0), ("{}", 7), ('"{}"', 7)),
        *(("null", 7), ('"null"', 7), ('""', 7), ("", 7), (" ", 7), ("undefined", 7), ("None", 7), ("[]", 7), ([], 7)),
    ],
)
async def test_arguments_may_come_as_the_text_of_an_object(
    sandbox: Sandbox, mode: str, text: object, limit: int
) -> None:
    server = build_server(Settings(token=sandbox.token, base_url=sandbox.base_url))
    params = {"name": "list_sms_conversations", "arguments": text}
    async with Client(server, mode=mode) as client:
        result = await client.session.send_request(_RawCall(params=params), CallToolResult)

    assert not result.is_error
    assert len(result.structured_content["rows"]) == limit


@pytest.mark.parametrize("text", ["limit=4", "[4]", "4", '{"limit":4', "[" * 5_000, [4], '"limit=4"', '"[4]"'])
async def test_other_text_is_no_arguments(sandbox: Sandbox, text: object) -> None:
    server = build_server(Settings(token=sandbox.token, base_url=sandbox.base_url))
    async with Client(server) as client:
        params = {"name": "list_sms_conversations", "arguments": text}
        with pytest.raises(MCPError) as refused:
            await client.session.send_request(_RawCall(params=params), CallToolResult)

    assert refused.value.error.code == INVALID_PARAMS


@pytest.mark.parametrize("case", cases("prompts"), ids=lambda case: f"{case['prompt']}-{case['input']}")
async def test_an_argument_of_a_prompt_is_read_as_what_it_means(case: dict[str, Any]) -> None:
    server = build_server(Settings(token="x", base_url="http://127.0.0.1:9"))
    async with Client(server) as client:
        asked = [await client.get_prompt(case["prompt"], given) for given in (case["input"], case["expected"])]

    assert asked[0].messages == asked[1].messages
