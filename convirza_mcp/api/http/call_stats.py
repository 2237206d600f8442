"""What a question cost upstream: the client records it, and who asked may read it.

The record stands in a context variable, so nothing has to hand it through. A task has the record of the task that
started it: a whole view is read in tasks of its own, and its requests count for the question that began the reading.
Who joins that reading later, or is answered from memory, made none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2


@dataclass(slots=True)
class UpstreamRecord:
    """`attempts` counts requests to the business API, repeated ones included.

    `status` and `request_id`, which is Convirza's, are those of the last attempt; None where it brought none.
    """

    attempts: int = 0
    status: int | None = None
    request_id: str | None = None


_record: ContextVar[UpstreamRecord | None] = ContextVar("_record", default=None)


@contextmanager
def upstream_record() -> Iterator[UpstreamRecord]:
    """A record of what is asked inside the block, and in tasks that are started inside it."""
    record = UpstreamRecord()
    token = _record.set(record)
    try:
        yield record
    finally:
        _record.reset(token)


async def record_attempt(_: httpx2.Request) -> None:
    """A hook of the HTTP client: it sees each request that is really sent."""
    record = _record.get()
    if record is not None:
        record.attempts += 1
        record.status = record.request_id = None


async def record_answer(response: httpx2.Response) -> None:
    """A hook of the HTTP client: it sees each answer as soon as its head is there."""
    record = _record.get()
    if record is not None:
        record.status = response.status_code


def record_request_id(request_id: str | None) -> None:
    record = _record.get()
    if record is not None:
        record.request_id = request_id
