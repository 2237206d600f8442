"""A server with one official client for a whole run of examples, over answers that each example puts in place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp_types import CallToolResult

from convirza_mcp import Settings
from convirza_mcp.server.build import build_server
from support.rows import opening

_BEGAN = datetime(2026, 3, 6, tzinfo=UTC)


class Session:
    """`body` is what the next requests for open conversations are answered with; of closed ones there are none."""

    def __init__(self) -> None:
        self.body = b""
        self._asked = 0
        self._call: Any = None

    def window(self) -> dict[str, str]:
        """One that nobody has asked for before, so that no answer comes from memory."""
        self._asked += 1
        return {"start": "2026-03-01", "end": (_BEGAN + timedelta(seconds=self._asked)).isoformat()}

    def call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        result = self._call(tool, arguments)
        assert isinstance(result, CallToolResult)
        return result

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        nothing = b'{"data":{"total":0,"conversation":[]}}'
        closed = request.url.params["type"] == "close" or int(request.url.params["offset"]) > 0
        body = nothing if closed else self.body
        return httpx2.Response(200, content=body, headers={"Content-Type": "application/json"})

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator["Session"]:
        session = cls()
        settings = Settings(token="CNVZ-AT-7f3e9d", max_calls_per_minute=0)
        server = build_server(settings, open_client=opening(settings, httpx2.MockTransport(session._answer)))
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:
            session._call = lambda tool, arguments: portal.call(client.call_tool, tool, arguments)
            yield session
