"""How many tool calls a server answers in a minute: a guard against a model that calls in a loop."""

from collections import deque
from collections.abc import Callable
from math import ceil
from time import monotonic

from convirza_mcp.errors import CallLimitError

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
                    f"This server answers at most {self._most} tool calls a minute, and nothing was asked.",
                    remedy=f"Wait {ceil(wait)} seconds, then try again, or raise CONVIRZA_MAX_CALLS_PER_MINUTE.",
                )
        # Full, it drops the oldest by itself.
        self._let_in.append(now)
