"""A page of conversations in Convirza's place, which counts who asks, and a server's official client over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.server.build import build_server
from support.rows import answering, envelope, opening


class Convirza:
    """An inbox of open conversations that can be changed; while `failing` it refuses, with these words."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.failing: str | None = None
        self.requests = 0
        self._requested = anyio.Event()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        self._requested.set()
        self._requested = anyio.Event()
        assert request.method == "GET"
        if self.failing is not None:
            return httpx2.Response(403, json={"message": self.failing})
        opened = [] if request.url.params["type"] == "close" else self.rows
        offset = int(request.url.params["offset"])
        return httpx2.Response(200, json=envelope(opened[offset : offset + 200], len(opened)))

    async def is_asked(self, times: int) -> None:
        for _ in range(times):
            await self._requested.wait()


@asynccontextmanager
async def client_of(convirza: Any, era: Any, settings: Settings, **options: Any) -> AsyncIterator[Client]:
    server = build_server(settings, open_client=opening(settings, answering(convirza)), **options)
    async with Client(server, mode=era) as client:
        yield client
