"""An export in the order of its views: once each, and never called complete in vain."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from convirza_mcp import ConvirzaClient
from convirza_mcp.api.models import ConversationQuery
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.export import ExportReading
from convirza_mcp.scan.reading import no_progress
from support.convirza import Convirza
from support.rows import answering, envelope, row
from support.snapshots import Snapshot

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = Window(start=datetime(2026, 3, 1, tzinfo=UTC), end=NOW, zone=UTC)


async def exported(api: Callable[[httpx2.Request], httpx2.Response]) -> tuple[ExportReading, list[tuple[int, bool]]]:
    query = ConversationQuery(start=WINDOW.start, end=WINDOW.end)
    async with ConvirzaClient("x", transport=answering(api)) as client:
        reading = ExportReading(client, query, ("allOpen", "close"), NOW)
        return reading, [
            (each.conversation.conversation_id, each.closed)
            async for page in reading.pages(no_progress)
            for each in page
        ]


async def test_a_conversation_closed_meanwhile_or_in_both_views_is_exported_once() -> None:
    convirza = Convirza(row(1), row(2), row(3), closed=[row(3), row(4)])

    def close(asked: Any) -> None:
        # As soon as the closed ones were read.
        if asked["type"] == "allOpen":
            convirza.rows, convirza.closed = [row(2)], [row(1), row(3), row(4)]

    convirza.before_answer = close
    reading, found = await exported(convirza)

    assert found == [(3, True), (4, True), (2, False), (1, True)]
    coverage = reading.coverage(WINDOW.end)
    assert (coverage.read, coverage.total, coverage.gap) == (4, 4, None)


async def test_a_conversation_that_is_reopened_does_not_make_up_for_one_that_is_closed() -> None:
    convirza = Convirza(row(1), row(2), closed=[row(3), row(4)])

    def move(asked: Any) -> None:
        if asked["type"] == "allOpen":
            convirza.rows, convirza.closed = [row(2), row(4)], [row(1), row(3)]

    convirza.before_answer = move
    reading, found = await exported(convirza)

    assert found == [(3, True), (4, True), (2, False), (1, True)]
    assert reading.coverage(WINDOW.end).gap is None


async def test_an_api_that_gives_fewer_than_it_promises_is_not_complete(snapshot: Snapshot) -> None:
    def api(request: httpx2.Request) -> httpx2.Response:
        rows = [row(1), row(2)] if request.url.params["offset"] == "0" else []
        return httpx2.Response(200, json=envelope(rows, 400))

    reading, found = await exported(api)

    coverage = reading.coverage(WINDOW.end)
    snapshot(len(found), coverage.total, coverage.gap)
