"""Keeps the HTTP stack's own log lines about our requests out of every log, at every level.

httpx2 logs each URL at INFO, and a URL's query holds what was searched for: names and phone numbers. httpcore2
logs response headers at DEBUG. A program that uses the client keeps its other log lines of both.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
