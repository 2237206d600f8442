"""When a request is made again, how long that waits, and when trying stops.

Only GET is ever retried. At most three attempts, full jitter (a random part of a doubling ceiling, so that
many callers do not come back together), a wait that Convirza asks for is kept when it is short, and a budget
for the process, so that a dead API is not asked three times as much as a living one. The budget's figures are
those of the AWS SDKs' standard mode.
"""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from convirza_mcp.errors import APIStatusError, ConnectionBrokenError, OverloadedError, RateLimitError

ATTEMPTS = 3
LONGEST_RETRY_AFTER = 10.0
"""Seconds; what asks for more is an answer for the caller, not a wait."""

_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_BASE_SECONDS = 0.2
_BASE_SECONDS_RATE_LIMITED = 1.0
_CEILING_SECONDS = 5.0

_BUDGET = 500
_COST = 14
_COST_RATE_LIMITED = 5
_FIRST_SUCCESS = 1


class RetryBudget:
    """Tokens that retries spend and successes give back; empty, nothing is retried."""

    def __init__(self, tokens: int = _BUDGET) -> None:
        self._tokens = self._full = tokens

    def spend(self, cost: int) -> bool:
        """Take `cost`, if there is as much."""
        if cost > self._tokens:
            return False
        self._tokens -= cost
        return True

    def refund(self, tokens: int) -> None:
        self._tokens = min(self._full, self._tokens + tokens)


class Backoff:
    """The retries of one call.

    `deadline` is a time of `anyio.current_time()`: a wait that would outlast it is not begun.
    """

    def __init__(
        self, budget: RetryBudget, deadline: float, *, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._budget = budget
        self._deadline = deadline
        self._uniform = uniform
        self._failures = 0
        self._spent = 0
        self._replayed = False

    def wait_after(self, error: Exception) -> float | None:
        """Return the seconds to wait before the next attempt; None to give up."""
        self._failures += 1
        if self._failures >= ATTEMPTS or not _may_be_retried(error):
            return None
        rate_limited = isinstance(error, RateLimitError)
        wait = self._wait(error, rate_limited=rate_limited)
        cost = _COST_RATE_LIMITED if rate_limited else _COST
        if wait is None or anyio.current_time() + wait >= self._deadline or not self._budget.spend(cost):
            return None
        self._spent = cost
        return wait

    def may_replay(self) -> bool:
        """Whether what was refused for its token may be asked with another one; true once."""
        replayed, self._replayed = self._replayed, True
        return not replayed

    def succeeded(self) -> None:
        """Give the budget back what the last retry cost, or the small change of a first success."""
        self._budget.refund(self._spent or _FIRST_SUCCESS)

    def _wait(self, error: Exception, *, rate_limited: bool) -> float | None:
        base = _BASE_SECONDS_RATE_LIMITED if rate_limited else _BASE_SECONDS
        jitter = self._uniform(0.0, min(_CEILING_SECONDS, base * 2 ** (self._failures - 1)))
        asked = error.retry_after if isinstance(error, APIStatusError) else None
        if asked is None:
            return jitter
        return asked + jitter / 10 if asked <= LONGEST_RETRY_AFTER else None


def _may_be_retried(error: Exception) -> bool:
    if isinstance(error, APIStatusError):
        return error.status in _RETRIED_STATUSES
    return isinstance(error, ConnectionBrokenError)


class ConcurrencyLimit:
    """`at_once` requests run, `waiting` wait, and the next one is told that the server is busy."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._places = at_once + waiting
        self._taken = 0
        # Without a turn of the event loop when a slot is free, as it nearly always is.
        self._running = anyio.Semaphore(at_once, fast_acquire=True)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot, and hold it.

        Raises:
            OverloadedError: the queue is full.
        """
        if self._taken >= self._places:
            raise OverloadedError(
                "Too many calls are waiting for Convirza already.", remedy="Try again in a few seconds."
            )
        self._taken += 1
        try:
            async with self._running:
                yield
        finally:
            self._taken -= 1
