"""Count the requests of each call, and keep the HTTP stack's log lines about them out of the log.

The counts are in a context variable, so functions need not pass them on. A task inherits the counts of the task that
started it: a scan runs in its own tasks, and its requests count for the call that started the scan. A call that joins
the scan later, or that the cache answers, made no request.

httpx2 logs each URL at INFO, and the query of a URL contains search text: names and phone numbers. httpcore2 logs
response headers at DEBUG. A program that uses the client keeps all other log lines of both.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# A filter applies to its logger, not to child loggers, so each is listed.
_LOGGERS = (
    logging.getLogger("httpx2"),
    *(logging.getLogger(f"httpcore2.{name}") for name in ("connection", "http11", "http2", "proxy", "socks")),
)


@dataclass(slots=True)
class CallStats:
    """Counts of a call. `attempts` counts requests to the business API, including retries.

    `status` and Convirza's `request_id` are those of the last attempt; None if it got none.
    """

    attempts: int = 0
    status: int | None = None
    request_id: str | None = None


_in_our_request: ContextVar[bool] = ContextVar("_in_our_request", default=False)
_stats: ContextVar[CallStats | None] = ContextVar("_stats", default=None)


def _is_foreign_record(_: logging.LogRecord) -> bool:
    return not _in_our_request.get()


for _logger in _LOGGERS:
    _logger.addFilter(_is_foreign_record)


@contextmanager
def our_request() -> Iterator[None]:
    """Drop the HTTP stack's log lines, at every level, about what this task does inside the block."""
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


def count_attempt() -> None:
    """Count a request that is about to be sent."""
    if (stats := _stats.get()) is not None:
        stats.attempts += 1
        stats.status = stats.request_id = None


def note_status(status: int) -> None:
    """Record a response's status when its headers arrive."""
    if (stats := _stats.get()) is not None:
        stats.status = status


def note_request_id(request_id: str | None) -> None:
    if (stats := _stats.get()) is not None:
        stats.request_id = request_id
