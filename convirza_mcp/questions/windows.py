"""Windows of a question: the one to read, which depends on the time that counts, and the period to count.

Convirza's filter is undocumented, and seems to use the latest message, which is never earlier than the first. So
conversations that started in a window are among those with a message since its start. So are those closed in it, unless
they were idle for more than `BEFORE_CLOSING` before.

A message that arrives while pages are read moves its conversation out of a window that ends now. So the window to read
ends later, by more than a read takes, and only what started or was closed by now is counted. Convirza may refuse an
end in the future; `ViewScan.shorten` then reads to now.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from convirza_mcp.clock.periods import CompareTo, earlier
from convirza_mcp.clock.window import Window, up_to_the_second
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.by_time import ByTime

BEFORE_CLOSING = timedelta(days=30)
_LONGEST_READ = timedelta(hours=12)
"""With it, the default window of 30 days stays within the 31 days that may be Convirza's longest."""


def window_to_read(by_time: ByTime, window: Window, now: datetime, compare_to: CompareTo | None = None) -> Window:
    """Return the window to read, with a cache key that is equal for the same question a few seconds later.

    The key is never that of a question about the latest message, which reads no further than now. A window that is not
    given by an expression gets its own key.
    """
    if by_time == "latest":
        return window
    since, until = window.expressions or (window.start.isoformat(), window.end.isoformat())
    start, key = window.start, f"{by_time} since {since}"
    if compare_to is not None:
        start, key = earlier(window, compare_to).start, f"{by_time} since {compare_to} of {since}"
    if by_time == "closed":
        start -= BEFORE_CLOSING
    end = max(window.end, up_to_the_second(now) + _LONGEST_READ)
    return replace(window, start=start, end=end, expressions=(key, until), counted=(window.start, window.end))


def period_to_count(window: Window, read: Window) -> Window:
    """Return the period that a question counts of `read`, the window that was read for it.

    A cached answer has the window of the time when it was read, and does not count what came later.
    """
    if read.counted is None:
        return read
    start, end = read.counted
    return replace(window, start=start, end=end)


def so_far(window: Window, now: datetime, compare_to: CompareTo) -> Window:
    """Return the part of the window that has passed, to compare it with an equally long part of the other period.

    Raise `InvalidArgumentError` if no part has passed, or the other period would overlap it.
    """
    if window.start >= now:
        raise InvalidArgumentError("start", "`start` takes a time in the past with compare_to.")
    window = replace(window, end=min(window.end, up_to_the_second(now)))
    earlier(window, compare_to)
    return window


def key_of(window: Window) -> str:
    return " to ".join(map(str, window.expressions or (window.start, window.end)))
