"""What the pictures show: the server over the sandbox inbox, and its answers by the name of the call."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server

NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)
SUMMARY, WAITING, SEARCH = "summarize_sms_inbox", "list_waiting_sms_conversations", "search_sms_messages"
FULL = {"displayMode": "fullscreen"}
GROUPS = ("agent", "phone_number", "status", "team", "day", "week", "month", "weekday", "hour")
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "figures": (SUMMARY, {}),
    "compared": (SUMMARY, {"group_by": "agent", "compare_to": "previous"}),
    "closed": (SUMMARY, {"group_by": "agent", "by_time": "closed"}),
    "closed_days": (SUMMARY, {"group_by": "day", "by_time": "closed"}),
    "many_days": (SUMMARY, {"group_by": "day", "start": "90d"}),
    "compared_days": (SUMMARY, {"group_by": "day", "start": "last-week", "end": "last-week", "compare_to": "previous"}),
    "compared_hours": (SUMMARY, {"group_by": "hour", "compare_to": "previous"}),
    "heat": (SUMMARY, {"group_by": "weekday", "then_by": "hour"}),
    "cells": (SUMMARY, {"group_by": "agent", "then_by": "day", "start": "7d"}),
    "pairs": (SUMMARY, {"group_by": "phone_number", "then_by": "status"}),
    **{f"by_{name}": (SUMMARY, {"group_by": name}) for name in GROUPS},
    "waiting": (WAITING, {"limit": 100}),
    "all_waiting": (WAITING, {"limit": 100, "start": "2025-01-01"}),
    "search": (SEARCH, {"query": "refund"}),
    "several": (SEARCH, {"agent": "r"}),
    "nothing": (SEARCH, {"query": "zzzzzz"}),
    "nobody": (WAITING, {"start": "1m"}),
    "changes": ("list_sms_changes", {"since": "1d"}),
    "error": (SEARCH, {"start": "someday"}),
}
PARTIAL = {
    "read": 120,
    "total": 215,
    "requests": 1,
    "complete": False,
    "as_of": "2026-11-23 09:12:00",
    "reason": "incomplete: time ran out",
}
Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


def result_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool's result with this answer, as every client gets it."""
    return {"content": [{"type": "text", "text": json.dumps(answer)}], "structuredContent": dict(answer)}


class Inbox:
    """A server and what it answered, by the name of the call."""

    def __init__(self, ask: Ask, conversation_id: int) -> None:
        self.ask, self._id = ask, conversation_id
        self._known: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    async def call(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the result and the arguments."""
        if name not in self._known:
            tool, arguments = CALLS.get(name, ("get_sms_conversation", {"conversation_id": self._id}))
            self._known[name] = await self.ask(tool, arguments), arguments
        return self._known[name]


async def served(**settings: Any) -> AsyncIterator[Inbox]:
    hostile = settings.pop("hostile", False)
    with Sandbox(now=NOW, hostile=hostile) as sandbox:
        read = Settings(
            token=sandbox.token,
            base_url=sandbox.base_url,
            zone=ZoneInfo("America/Denver"),
            max_calls_per_minute=0,
            **settings,
        )
        async with Client(build_server(read, now=lambda: NOW)) as client:

            async def ask(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
                result = await client.call_tool(name, arguments)
                said: dict[str, Any] = result.model_dump(by_alias=True, mode="json", exclude_none=True)
                if result.structured_content is not None:
                    # Nulls in rows stay.
                    said["structuredContent"] = result.structured_content
                return said

            yield Inbox(ask, sandbox.ask(limit=1).rows[0]["conversation_id"])
