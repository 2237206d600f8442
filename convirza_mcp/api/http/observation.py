"""What a request leaves behind: counts for the call that made it, and no line in a log.

The counts live in a context variable, so no function has to pass them on. A task inherits the counts of the task that
started it: a scan runs in tasks of its own, and its requests count for the call that started the scan. A call that
joins the scan later, or that the cache answers, made no request.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2

_LOGGERS = (
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpcore2.socks",
)

_in_our_request: ContextVar[bool] = ContextVar("_in_our_request", default=False)


class _NotAboutOurRequests(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _in_our_request.get()


@contextmanager
def quiet_request_logs() -> Iterator[None]:
    """For as long as a client is open: lines written inside `our_request` are dropped."""
    quiet = _NotAboutOurRequests()
    # A filter holds for the logger it stands on, not for that logger's children: each is named.
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(quiet)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(quiet)


@contextmanager
def our_request() -> Iterator[None]:
    """Marks what this task does inside the block as one of our requests."""
    token = _in_our_request.set(True)
    try:
        yield
    finally:
        _in_our_request.reset(token)


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
