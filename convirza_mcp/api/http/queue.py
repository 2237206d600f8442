"""The queue in front of Convirza: few requests at once, few that wait, and one for callers with the same question."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

import anyio

from convirza_mcp.api.http.connection import REQUESTS_AT_ONCE
from convirza_mcp.errors import ConvirzaError, OverloadedError
from convirza_mcp.single_flight import copy_error

_MOST_WAITING = 64
_MOST_CALLERS = 16
"""Maximum number of calls that share a request: all of them are answered in one go, and others wait meanwhile."""

T = TypeVar("T")


class RequestQueue:
    """Runs at most eight requests at once, because Convirza's rate limits are undocumented.

    A call that finds its question among the waiting requests shares that request: it is sent after the call came, so
    its answer is as new as one of the call's own. A request that was sent already is never shared.

    The first caller makes the request itself, because a client may have no task group for a `SingleFlight`.
    """

    def __init__(self) -> None:
        # Without yielding to the event loop when a slot is free, as it nearly always is.
        self._slots = anyio.Semaphore(REQUESTS_AT_ONCE, fast_acquire=True)
        self._waiting = 0
        self._newest: dict[str, _Shared[object]] = {}

    async def run(self, question: str, request: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `request`, or of the waiting one with the same question.

        Raises:
            OverloadedError: too many other requests wait already.
            ConvirzaError: the request's own error.
        """
        while (shared := self._newest.get(question)) is not None and shared.callers < _MOST_CALLERS:
            shared.callers += 1
            await shared.ended.wait()
            if shared.error is not None:
                raise copy_error(shared.error)
            if shared.has_result:
                return cast("T", shared.result)
            # Its caller left or ran out of time: ask again.
        if self._waiting >= _MOST_WAITING:
            # An unbounded queue would only turn overload into timeouts.
            raise OverloadedError(
                "Too many calls are already waiting for Convirza.", remedy="Try again in a few seconds."
            )
        return await self._run_next(question, request)

    async def _run_next(self, question: str, request: Callable[[], Awaitable[T]]) -> T:
        shared = self._newest[question] = _Shared()
        self._waiting += 1
        try:
            try:
                await self._slots.acquire()
            finally:
                self._waiting -= 1
                if self._newest.get(question) is shared:
                    del self._newest[question]
            try:
                shared.result = result = await request()
            finally:
                self._slots.release()
            shared.has_result = True
        except ConvirzaError as error:
            shared.error = error
            raise
        else:
            return result
        finally:
            shared.ended.set()


class _Shared(Generic[T]):
    """A request, and its outcome once it has ended; neither result nor error if its caller left."""

    result: T
    has_result = False
    error: ConvirzaError | None = None
    callers = 1

    def __init__(self) -> None:
        self.ended = anyio.Event()
