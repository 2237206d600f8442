"""Retry policy: when to retry, how long to wait, when to stop.

Only GET is retried. At most three attempts, with full jitter (a random part of a doubling ceiling, so that callers do
not retry together). A short `Retry-After` is respected. A budget per process keeps a dead API from getting three times
the requests of a healthy one; its figures are those of the AWS SDKs' standard mode.
"""

import random
from collections.abc import Callable

import anyio

from convirza_mcp.errors import APIStatusError, ConnectionBrokenError, RateLimitError

ATTEMPTS = 3
LONGEST_RETRY_AFTER = 10.0
"""Longest wait, in seconds; a longer `Retry-After` is reported to the caller instead."""

_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_CEILING_SECONDS = 5.0

_BUDGET = 500
_BASE_SECONDS_AND_COST = (0.2, 14)
_RATE_LIMITED_BASE_SECONDS_AND_COST = (1.0, 5)
_FIRST_SUCCESS = 1


class RetryBudget:
    """Tokens that retries spend and successes return. Nothing is retried when it is empty."""

    def __init__(self, tokens: int = _BUDGET) -> None:
        self._tokens = self._full = tokens

    def spend(self, cost: int) -> bool:
        if cost > self._tokens:
            return False
        self._tokens -= cost
        return True

    def refund(self, tokens: int) -> None:
        self._tokens = min(self._full, self._tokens + tokens)


class Backoff:
    """Retries of one call.

    `deadline` is a time of `anyio.current_time()`; a wait that would exceed it is not started.
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
        is_rate_limited = isinstance(error, RateLimitError)
        base, cost = _RATE_LIMITED_BASE_SECONDS_AND_COST if is_rate_limited else _BASE_SECONDS_AND_COST
        wait = self._uniform(0.0, min(_CEILING_SECONDS, base * 2 ** (self._failures - 1)))
        asked = error.retry_after if isinstance(error, APIStatusError) else None
        if asked is not None:
            wait = asked + wait / 10
        is_too_long = asked is not None and asked > LONGEST_RETRY_AFTER
        if is_too_long or anyio.current_time() + wait >= self._deadline or not self._budget.spend(cost):
            return None
        self._spent = cost
        return wait

    def may_replay(self) -> bool:
        """Return whether a request refused for its token may be retried with another one; true once."""
        replayed, self._replayed = self._replayed, True
        return not replayed

    def succeeded(self) -> None:
        """Return the cost of the last retry to the budget, or a small amount for a first success."""
        self._budget.refund(self._spent or _FIRST_SUCCESS)


def _may_be_retried(error: Exception) -> bool:
    if isinstance(error, APIStatusError):
        return error.status in _RETRIED_STATUSES
    return isinstance(error, ConnectionBrokenError)
