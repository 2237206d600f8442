"""CONVIRZA_CHATGPT_TOOLS adds two tools, over both transports, and without it nothing changes."""

import json
import subprocess
from dataclasses import replace
from subprocess import PIPE
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from convirza_mcp import Settings
from convirza_mcp.tools import CONNECTOR_TOOL_NAMES, TOOL_NAMES
from support.convirza import Convirza, client_of
from support.http_servers import headers, http_process, message
from support.processes import ENVELOPE, INITIALIZE, INITIALIZED, SERVE, environment
from support.rows import row

SETTINGS = Settings(token="CNVZ-AT-7f3e9d", chatgpt_tools=True)


async def listed(client: Client) -> list[dict[str, Any]]:
    return [each.model_dump(by_alias=True, exclude_none=True) for each in (await client.list_tools()).tools]


async def test_two_tools_are_added_behind_the_others_which_stay_as_they_are(era: Any) -> None:
    async with (
        client_of(Convirza(), era, SETTINGS) as client,
        client_of(Convirza(), era, replace(SETTINGS, chatgpt_tools=False)) as usual,
    ):
        tools, without = await listed(client), await listed(usual)
        assert json.dumps(tools[: len(TOOL_NAMES)]) == json.dumps(without)
        assert [each["name"] for each in tools] == [*TOOL_NAMES, *CONNECTOR_TOOL_NAMES]
        for name in CONNECTOR_TOOL_NAMES:
            with pytest.raises(MCPError):
                await usual.call_tool(name, {"query": "x"})


async def test_a_result_is_sent_as_one_text_and_as_an_object(era: Any) -> None:
    async with client_of(Convirza(row(5, message="a refund")), era, SETTINGS) as client:
        for name, given in (("search", {"query": "refund"}), ("fetch", {"id": "5"})):
            result = await client.call_tool(name, given)
            (block,) = result.content
            assert isinstance(block, TextContent)
            assert json.loads(block.text) == result.structured_content
        content = (await client.read_resource(str((result.structured_content or {})["url"]))).contents
        assert len(content) == 1


@pytest.mark.long
@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_over_stdio_the_front_does_not_answer_without_them(era: str) -> None:
    first = [INITIALIZE, INITIALIZED] if era == "legacy" else []
    meta = {"_meta": ENVELOPE} if era == "auto" else {}
    request = {"jsonrpc": "2.0", "id": "tools", "method": "tools/list", "params": meta}
    given = environment(CONVIRZA_TIMEZONE="UTC", CONVIRZA_DEMO="true", CONVIRZA_CHATGPT_TOOLS="true")
    with subprocess.Popen(SERVE, stdin=PIPE, stdout=PIPE, stderr=PIPE, encoding="utf-8", env=given) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # At once, while the server still imports.
        process.stdin.write("".join(f"{json.dumps(each)}\n" for each in (*first, request)))
        process.stdin.flush()
        answers = (json.loads(line) for line in process.stdout)
        answer = next(each for each in answers if each["id"] == "tools")
        process.kill()
    assert [each["name"] for each in answer["result"]["tools"]] == [*TOOL_NAMES, *CONNECTOR_TOOL_NAMES]


@pytest.mark.long
def test_over_http_they_are_listed_and_answer() -> None:
    with http_process("--demo", CONVIRZA_CHATGPT_TOOLS="true") as server, httpx2.Client(timeout=30) as client:

        def ask(method: str, name: str | None = None, **params: Any) -> Any:
            body = message(method, {"name": name, **params} if name else params)
            return client.post(server.url, json=body, headers=headers(method, name)).json()["result"]

        names = [each["name"] for each in ask("tools/list")["tools"]]
        results = ask("tools/call", "search", arguments={"query": "refund"})["structuredContent"]["results"]
        document = ask("tools/call", "fetch", arguments={"id": results[0]["id"]})["structuredContent"]
    assert names == [*TOOL_NAMES, *CONNECTOR_TOOL_NAMES]
    assert document["url"] == results[0]["url"]
