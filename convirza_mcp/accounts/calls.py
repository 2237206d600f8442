"""Calls: how many a server answers in a minute, and the line that it logs for each.

The limit guards against a model that calls in a loop. A line says what came of a tool call, a resource read or a look
for a listener, and nothing of what was said. Every value is a constant of the program, a number, a time or Convirza's
request id, so there is nothing to mask.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from time import monotonic, perf_counter
from typing import Literal

from pydantic_core import to_json

from convirza_mcp.api.http.envelope import UUID
from convirza_mcp.api.http.observation import CallStats, call_stats
from convirza_mcp.errors import APIStatusError, CallLimitError, ConvirzaError

Kind = Literal["tool", "resource", "listener"]

logger = logging.getLogger("convirza_mcp")


@dataclass(slots=True)
class LoggedCall:
    """What the line will say: that the call was cancelled, unless it is told otherwise."""

    outcome: str = "cancelled"
    rows: int | None = None
    level: int = logging.INFO
    refused: APIStatusError | None = None

    def answered(self, rows: int) -> None:
        self.outcome, self.rows = "ok", rows

    def failed(self, error: Exception) -> None:
        """Of an error only its class is said."""
        self.outcome = type(error).__name__
        if not isinstance(error, ConvirzaError):
            self.level = logging.ERROR
        elif isinstance(error, APIStatusError):
            self.refused = error


@contextmanager
def logged_call(name: str | None, kind: Kind = "tool") -> Iterator[LoggedCall]:
    """A line on the logger `convirza_mcp` when the block ends, however it ends. `name` is None for one unknown."""
    began = perf_counter()
    call = LoggedCall()
    with call_stats() as upstream:
        try:
            yield call
        finally:
            if logger.isEnabledFor(call.level):
                logger.log(call.level, _line(kind, name, call, upstream, perf_counter() - began))


def _line(kind: Kind, name: str | None, call: LoggedCall, upstream: CallStats, seconds: float) -> str:
    # Pages are read several at a time: the answer that ended the call need not be the last one that came.
    last = call.refused or upstream
    request_id = last.request_id
    return to_json(
        {
            "time": f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z",
            kind: name,
            "outcome": call.outcome,
            "rows": call.rows,
            "ms": round(seconds * 1_000, 1),
            "status": last.status,
            "attempts": upstream.attempts,
            # As documented: any other id could be a phone number or the token.
            "request_id": request_id if request_id and UUID.fullmatch(request_id) else None,
        }
    ).decode()


_WINDOW_SECONDS = 60.0


class CallLimit:
    """At most `most` calls in any 60 seconds; 0 is no limit.

    A sliding window, so that the setting's name is true of every minute: a bucket that refills lets twice as many
    through in its first one. A refused call does not count, or who tries again too early would never be let in.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._clock = clock
        self._let_in: deque[float] = deque(maxlen=most)

    def let_in(self) -> None:
        """Count one call.

        Raises:
            CallLimitError: it would be one too many; the sentence names the seconds to wait.
        """
        if not self._most:
            return
        now = self._clock()
        if len(self._let_in) == self._most:
            wait = self._let_in[0] + _WINDOW_SECONDS - now
            if wait > 0:
                raise CallLimitError(
                    f"This server answers at most {self._most} tool calls a minute, so it made no request.",
                    remedy=f"Wait {ceil(wait)} seconds, then try again, or raise CONVIRZA_MAX_CALLS_PER_MINUTE.",
                )
        # Full, it drops the oldest by itself.
        self._let_in.append(now)
