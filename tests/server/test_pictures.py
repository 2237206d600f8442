"""The page for hosts that render MCP Apps: announced, named by the tools, and readable without an account."""

import json
import logging
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from mcp import Client
from mcp_types import ReadResourceRequest, ReadResourceRequestParams, ReadResourceResult, TextResourceContents

from convirza_mcp import Settings
from convirza_mcp.api.models import RefusingReader
from convirza_mcp.app.page import app_page
from convirza_mcp.server.build import build_server
from convirza_mcp.server.pictures import EXTENSION, PAGE
from support.packages import script
from support.rows import answering, envelope, opening, row

front_snapshot = script("front_snapshot")
SETTINGS = Settings(token="t", zone=ZoneInfo("UTC"))
VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")


def refusing() -> Any:
    """A server whose account cannot be read at all."""
    return build_server(SETTINGS, open_client=lambda: nullcontext(RefusingReader("no account")))


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_extension_is_announced_and_ping_is_answered(version: str) -> None:
    requests = front_snapshot.requests_of(version)
    ping = {**requests[-1], "id": 99, "method": "ping"}

    first, *_, pong = await front_snapshot.answers_to(refusing(), [*requests, ping])

    assert first["result"]["capabilities"]["extensions"] == {EXTENSION: {}}
    assert pong["result"] == ({"resultType": "complete"} if version == "2026-07-28" else {})


async def test_the_tools_with_a_picture_name_the_page_in_both_spellings() -> None:
    async with Client(refusing()) as client:
        listed = {tool.name: tool.meta for tool in (await client.list_tools()).tools}
        resources = await client.list_resources()

    meta = {"ui": {"resourceUri": PAGE}, "ui/resourceUri": PAGE}
    assert listed == {name: None if name == "list_sms_conversations" else meta for name in listed}
    # People who attach resources by hand do not see it.
    assert [each.uri for each in resources.resources] == ["convirza://sms/inbox"]


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("uri", [PAGE, "ui://convirza/inbox.html", "ui://convirza/inbox-9999.html"])
async def test_every_version_of_the_page_is_read_without_an_account(era: Any, uri: str) -> None:
    async with Client(refusing(), mode=era) as client:
        read = await client.session.send_request(
            ReadResourceRequest(params=ReadResourceRequestParams(uri=uri)), ReadResourceResult
        )

    (contents,) = read.contents
    assert isinstance(contents, TextResourceContents)
    assert (contents.uri, contents.mime_type) == (uri, "text/html;profile=mcp-app")
    assert contents.text == app_page()
    assert contents.meta == {"ui": {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}}
    if era == "auto":
        assert (read.ttl_ms, read.cache_scope) == (86_400_000, "public")


async def test_the_page_is_outside_the_limit_on_calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "convirza_mcp")
    settings = replace(SETTINGS, max_calls_per_minute=1)
    transport = answering(lambda _: httpx2.Response(200, json=envelope([row()], 1)))
    # The later era's client would answer the second reading from its cache.
    async with Client(build_server(settings, open_client=opening(settings, transport)), mode="legacy") as client:
        results = [await client.call_tool("list_sms_conversations", {}) for _ in range(2)]
        page = await client.read_resource(PAGE)
        again = await client.read_resource(PAGE)

    assert [each.is_error for each in results] == [False, True]
    assert page.contents == again.contents
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "convirza_mcp"]
    assert [(each["outcome"], each["rows"]) for each in lines if each.get("resource") == PAGE] == [("ok", None)] * 2


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_no_result_says_anything_of_the_page(era: Any) -> None:
    transport = answering(lambda _: httpx2.Response(200, json=envelope([row()], 1)))
    async with Client(build_server(SETTINGS, open_client=opening(SETTINGS, transport)), mode=era) as client:
        result = await client.call_tool("summarize_sms_inbox", {})

    said = result.model_dump_json(by_alias=True)
    assert [each.type for each in result.content] == ["text"]
    assert "ui://" not in said
    assert "resourceUri" not in said
