"""The limit of calls per minute, and one log line per call.

The limit guards against a model that calls in a loop. A line states the outcome of a tool call, a resource read or a
poll for subscribers, and none of its content. Every value is a constant of the program, a number, a time or Convirza's
request id, so nothing needs masking.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from time import monotonic, perf_counter
from typing import Literal

from pydantic_core import to_json

from convirza_mcp.api.http.envelope import UUID
from convirza_mcp.api.http.observation import CallStats, call_stats
from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.errors import APIStatusError, CallLimitError, ConvirzaError

Kind = Literal["tool", "resource", "listener"]

logger = logging.getLogger("convirza_mcp")

caller: ContextVar[str | None] = ContextVar("caller", default=None)
"""Label of the principal that calls; None on a server for one user."""

Observer = Callable[[Kind, str | None, "LoggedCall", CallStats, float], None]
observers: list[Observer] = []
"""Functions called when a call ends, with its upstream requests and its seconds."""


@dataclass(slots=True)
class LoggedCall:
    """Content of the log line; the call counts as cancelled until `failed` or `answered` is called."""

    outcome: str = "cancelled"
    rows: int | None = None
    level: int = logging.INFO
    refused: APIStatusError | None = None

    def answered(self, rows: int | None) -> None:
        self.outcome, self.rows = "ok", rows

    def failed(self, error: Exception) -> None:
        """Record the error's class."""
        self.outcome = type(error).__name__
        if not isinstance(error, ConvirzaError):
            self.level = logging.ERROR
        elif isinstance(error, APIStatusError):
            self.refused = error


@contextmanager
def logged_call(name: str | None, kind: Kind = "tool") -> Iterator[LoggedCall]:
    """Log a line on the logger `convirza_mcp` when the block ends in any way. `name` is None if unknown."""
    began = perf_counter()
    call = LoggedCall()
    with call_stats() as upstream:
        try:
            yield call
        finally:
            seconds = perf_counter() - began
            for observe in observers:
                observe(kind, name, call, upstream, seconds)
            if logger.isEnabledFor(call.level):
                logger.log(call.level, _line(kind, name, call, upstream, seconds))


def _line(kind: Kind, name: str | None, call: LoggedCall, upstream: CallStats, seconds: float) -> str:
    # Pages are read in parallel, so the response that ended the call may not be the last one received.
    last = call.refused or upstream
    request_id = last.request_id
    label = caller.get()
    return to_json(
        {
            "time": f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z",
            kind: name,
            **({} if label is None else {"caller": label}),
            "outcome": call.outcome,
            "rows": call.rows,
            "ms": round(seconds * 1_000, 1),
            "status": last.status,
            "attempts": upstream.attempts,
            # Only the documented form: any other id could be a phone number or the token.
            "request_id": request_id if request_id and UUID.fullmatch(request_id) else None,
        }
    ).decode()


_WINDOW_SECONDS = 60.0


class CallLimit:
    """Limit of `most` calls in any 60 seconds; 0 is no limit.

    A sliding window, because a token bucket lets twice as many calls through in its first minute. A refused call does
    not count; otherwise a caller that retries too early would never be admitted.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._clock = clock
        self._let_in: deque[float] = deque(maxlen=most)

    def admit(self) -> None:
        """Count one call.

        Raises:
            CallLimitError: the limit is reached; the message states the seconds to wait.
        """
        if not self._most:
            return
        now = self._clock()
        if len(self._let_in) == self._most:
            wait = self._let_in[0] + _WINDOW_SECONDS - now
            if wait > 0:
                raise CallLimitError(
                    f"This server answers at most {self._most} tool calls a minute, so it made no request.",
                    remedy=f"Wait {seconds_text(ceil(wait))}, then try again, or raise CONVIRZA_MAX_CALLS_PER_MINUTE.",
                )
        # When full, the deque drops the oldest entry.
        self._let_in.append(now)
