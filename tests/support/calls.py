"""Tools called in this process, at a fixed time, over an API in memory or over the sandbox."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from mcp_types import CallToolResult, TextContent

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from support.convirza import Convirza
from support.rows import answering

TOKEN = "CNVZ-AT-7f3e9d"
NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
DENVER = ZoneInfo("America/Denver")
SETTINGS = Settings(token=TOKEN, zone=DENVER)

Rows = Sequence[Any]
Call = Callable[..., Awaitable[CallToolResult]]
Answer = Callable[..., Awaitable[dict[str, Any]]]


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def calls_of(tool: Any) -> tuple[Call, Answer]:
    """Return `call`, for the tool's raw result, and `answer`, for the object that both its copies hold."""

    async def call(
        given: dict[str, Any],
        transport: httpx2.AsyncBaseTransport | None = None,
        settings: Settings = SETTINGS,
        now: datetime = NOW,
    ) -> CallToolResult:
        client = ConvirzaClient.from_settings(settings, transport=transport)
        async with open_account(client, settings, clock=lambda: now) as account:
            return await call_tool(tool, given, account.request())

    async def answer(*arguments: Any, **named: Any) -> dict[str, Any]:
        return answer_of(await call(*arguments, **named))

    return call, answer


def answer_of(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, text_of(result)
    assert json.loads(text_of(result)) == result.structured_content
    answer: dict[str, Any] = json.loads(text_of(result))
    return answer


def paged(opened: Rows, closed: Rows = (), asked: list[str] | None = None) -> httpx2.MockTransport:
    """An API with these open and closed conversations; `asked` collects type, offset and search of each request."""

    convirza = Convirza(*opened, closed=closed)

    def note(given: httpx2.QueryParams) -> None:
        if asked is not None:
            asked.append(f"{given['type']} {given['offset']} {given.get('search', '')}".strip())

    convirza.before_answer = note
    return answering(convirza)


def reaching(sandbox: Sandbox, settings: Settings = SETTINGS) -> Settings:
    return replace(settings, base_url=sandbox.base_url, token=sandbox.token)
