"""Tools called in this process, at a fixed time, over an API in memory or over the sandbox."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from mcp_types import CallToolResult, TextContent

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools import tool_named
from convirza_mcp.tools.tool import AnyTool
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


NAMES = {
    "list": "list_sms_conversations",
    "get": "get_sms_conversation",
    "search": "search_sms_messages",
    "waiting": "list_waiting_sms_conversations",
    "summarize": "summarize_sms_inbox",
    "changes": "list_sms_changes",
}


class Asking:
    """One open account and its tools, each by a short name or its own."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def call(self, tool: str | AnyTool, /, **given: Any) -> CallToolResult:
        """Return the raw result."""
        asked = tool_named(NAMES.get(tool, tool)) if isinstance(tool, str) else tool
        return await call_tool(asked, given, self.account.request())

    async def __call__(self, tool: str, /, **given: Any) -> dict[str, Any]:
        """Return the object that both copies of the result hold."""
        return answer_of(await self.call(tool, **given), structured=self.account.settings.output != "text")

    async def refusal(self, tool: str, /, **given: Any) -> str:
        """Return the text of a call that fails."""
        result = await self.call(tool, **given)
        assert (result.is_error, result.structured_content) == (True, None)
        return text_of(result)


@asynccontextmanager
async def asking(
    over: Sandbox | httpx2.AsyncBaseTransport | None,
    settings: Settings = SETTINGS,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    **changed: Any,
) -> AsyncIterator[Asking]:
    """Open an account over the sandbox or over a transport in the network's place."""
    settings = replace(settings, **changed)
    if isinstance(over, Sandbox):
        settings, transport = reaching(over, settings), None
    else:
        transport = over
    client = ConvirzaClient.from_settings(settings, transport=transport)
    async with open_account(client, settings, clock=clock, read_key=lambda: b"k" * 32) as account:
        yield Asking(account)


def calls_of(tool: Any) -> tuple[Call, Answer]:
    """Return `call`, for the tool's raw result, and `answer`, for the object that both its copies hold."""

    async def call(
        given: dict[str, Any],
        over: Sandbox | httpx2.AsyncBaseTransport | None = None,
        settings: Settings = SETTINGS,
        now: datetime = NOW,
    ) -> CallToolResult:
        async with asking(over, settings, clock=lambda: now) as ask:
            return await ask.call(tool, **given)

    async def answer(*arguments: Any, **named: Any) -> dict[str, Any]:
        return answer_of(await call(*arguments, **named))

    return call, answer


def answer_of(result: CallToolResult, *, structured: bool = True) -> dict[str, Any]:
    assert not result.is_error, text_of(result)
    answer: dict[str, Any] = json.loads(text_of(result))
    assert result.structured_content == (answer if structured else None)
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
