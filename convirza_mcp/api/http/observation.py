"""What a request leaves behind: counts for the call that made it, and no line in a log.

The counts live in a context variable, so no function has to pass them on. A task inherits the counts of the task that
started it: a scan runs in tasks of its own, and its requests count for the call that started the scan. A call that
joins the scan later, or that the cache answers, made no request.

httpx2 logs each URL at INFO, and a URL's query holds what was searched for: names and phone numbers. httpcore2
logs response headers at DEBUG. A program that uses the client keeps its other log lines of both.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2

# A filter holds for the logger it stands on, not for that logger's children: each is named.
_LOGGERS = (
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpcore2.socks",
)


@dataclass(slots=True)
class CallStats:
    """`attempts` counts requests to the business API, repeated ones included.

    `status` and `request_id`, which is Convirza's, are those of the last attempt; None where it brought none.
    """

    attempts: int = 0
    status: int | None = None
    request_id: str | None = None


_in_our_request: ContextVar[bool] = ContextVar("_in_our_request", default=False)
_stats: ContextVar[CallStats | None] = ContextVar("_stats", default=None)


def _is_not_about_our_requests(_: logging.LogRecord) -> bool:
    return not _in_our_request.get()


@contextmanager
def our_request() -> Iterator[None]:
    """Drop the HTTP stack's log lines, at every level, about what this task does inside the block."""
    for name in _LOGGERS:
        # A logger takes the same filter only once.
        logging.getLogger(name).addFilter(_is_not_about_our_requests)
    token = _in_our_request.set(True)
    try:
        yield
    finally:
        _in_our_request.reset(token)


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
    if (stats := _stats.get()) is not None:
        stats.attempts += 1
        stats.status = stats.request_id = None


async def note_status(response: httpx2.Response) -> None:
    """Note a response's status; an event hook of the HTTP client, which calls it once the headers are there."""
    if (stats := _stats.get()) is not None:
        stats.status = response.status_code


def note_request_id(request_id: str | None) -> None:
    if (stats := _stats.get()) is not None:
        stats.request_id = request_id
