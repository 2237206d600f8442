"""Convirza's API in memory, over rows that a test may change, and a server's official client over it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.server.build import build_server
from support.rows import answering, envelope, opening

Rows = Sequence[dict[str, Any]]


class Convirza:
    """Answers a transport's requests from `rows`, the open conversations, and `closed`, in the order they stand in.

    `asked` holds each request's parameters. `before_answer` may change the rows, or give another answer. `arrange`
    filters and sorts a view, and no page is longer than `largest_page`. While `failing`, it refuses with these words.
    `changed` replaces parts of the envelope.
    """

    def __init__(self, *rows: dict[str, Any], closed: Rows = ()) -> None:
        self.rows = list(rows)
        self.closed = list(closed)
        self.failing: str | None = None
        self.asked: list[httpx2.QueryParams] = []
        self.before_answer: Callable[[httpx2.QueryParams], httpx2.Response | None] = lambda _: None
        self.arrange: Callable[[Rows, httpx2.QueryParams], Rows] = lambda rows, _: rows
        self.largest_page = 200
        self.changed: dict[str, Any] = {}
        self._requested = anyio.Event()

    @property
    def requests(self) -> int:
        return len(self.asked)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        assert request.method == "GET"
        asked = request.url.params
        self.asked.append(asked)
        self._requested.set()
        self._requested = anyio.Event()
        if self.failing is not None:
            return httpx2.Response(403, json={"message": self.failing})
        if (instead := self.before_answer(asked)) is not None:
            return instead
        rows: Rows = self.closed if asked["type"] == "close" else self.rows
        if search := asked.get("search"):
            rows = [each for each in rows if search in f"{each['source']} {each['source_name']}"]
        rows = self.arrange(rows, asked)
        offset = int(asked["offset"])
        page = envelope(list(rows[offset:][: min(int(asked["limit"]), self.largest_page)]), len(rows))
        return httpx2.Response(200, json=page | self.changed)

    async def is_asked(self, times: int) -> None:
        for _ in range(times):
            await self._requested.wait()


@asynccontextmanager
async def client_of(convirza: Any, era: Any, settings: Settings, **options: Any) -> AsyncIterator[Client]:
    server = build_server(settings, open_client=opening(settings, answering(convirza)), **options)
    async with Client(server, mode=era) as client:
        yield client
