"""Count the upstream requests of one call.

The counts live in a context variable, so no function has to pass them on. A task inherits the counts of the task that
started it: a scan runs in tasks of its own, and its requests count for the call that started the scan. A call that
joins the scan later, or that the cache answers, made no request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2


@dataclass(slots=True)
class CallStats:
    """`attempts` counts requests to the business API, repeated ones included.

    `status` and `request_id`, which is Convirza's, are those of the last attempt; None where it brought none.
    """

    attempts: int = 0
    status: int | None = None
    request_id: str | None = None


_stats: ContextVar[CallStats | None] = ContextVar("_stats", default=None)


@contextmanager
def call_stats() -> Iterator[CallStats]:
    """Count the requests made inside the block, and in tasks started inside it."""
    stats = CallStats()
    token = _stats.set(stats)
    try:
        yield stats
    finally:
        _stats.reset(token)


async def count_attempt(_: httpx2.Request) -> None:
    """Count a request; an event hook of the HTTP client, which calls it for each request really sent."""
    stats = _stats.get()
    if stats is not None:
        stats.attempts += 1
        stats.status = stats.request_id = None


async def note_status(response: httpx2.Response) -> None:
    """Note a response's status; an event hook of the HTTP client, which calls it once the headers are there."""
    stats = _stats.get()
    if stats is not None:
        stats.status = response.status_code


def note_request_id(request_id: str | None) -> None:
    stats = _stats.get()
    if stats is not None:
        stats.request_id = request_id
