"""When conversations begin, are answered and were last written in."""

import random
from typing import NamedTuple

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

# People write in American business hours; five hours behind UTC all year is near enough to any of their zones.
_BEHIND_UTC = 5 * _HOUR
_WEEKDAY_HOURS = (1, 1, 1, 1, 1, 2, 6, 20, 60, 90, 100, 95, 70, 85, 95, 90, 80, 55, 30, 22, 16, 10, 5, 2)
_WEEKEND_HOURS = tuple(max(1, weight // 5) for weight in _WEEKDAY_HOURS)
# The first day of 1970 was a Thursday.
_BUSY = (*_WEEKDAY_HOURS * 2, *_WEEKEND_HOURS * 2, *_WEEKDAY_HOURS * 3)
_BUSIEST = max(_BUSY)


class Timeline(NamedTuple):
    """One conversation's course. Times are whole seconds since 1970 in UTC, response times are seconds.

    `neglected` is an old open one that nobody took; both response times are None where the business never answered.
    """

    closed: bool
    neglected: bool
    started: int
    updated: int
    first_response: int | None
    average_response: int | None


def timelines(count: int, random_: random.Random, now: int) -> list[Timeline]:
    """So many courses up to `now`, in the order in which they started; a few were updated in the same second."""
    drawn: list[Timeline] = []
    for _ in range(count):
        timeline = _timeline(random_, now)
        if drawn and random_.random() < 0.05 and drawn[-1][:2] == timeline[:2]:
            # As when one broadcast goes out to many at once.
            later = drawn[-1].updated - timeline.updated
            timeline = timeline._replace(started=timeline.started + later, updated=timeline.updated + later)
        drawn.append(timeline)
    drawn.sort(key=lambda timeline: (timeline.started, timeline.updated))
    return drawn


def _timeline(random_: random.Random, now: int) -> Timeline:
    closed = random_.random() < 0.55
    neglected = not closed and random_.random() < 0.20
    updated = _busy_moment(random_, now, *_ages(random_.random(), closed=closed, neglected=neglected))
    answered = random_.random() < (0.03 if neglected else 0.92 if closed else 0.72)
    if not answered:
        silence = 0 if random_.random() < 0.6 else _skewed(random_, 20 * _MINUTE, 1.5, 20 * _DAY)
        return Timeline(closed, neglected, updated - silence, updated, None, None)
    slow = random_.random() < 0.08
    first = _skewed(random_, 9 * _HOUR, 1.0, 20 * _DAY) if slow else _skewed(random_, 7 * _MINUTE, 1.4, _DAY)
    average = max(1, round(first * random_.uniform(0.4, 1.8)))
    talk = _skewed(random_, 40 * _MINUTE, 2.0, 60 * _DAY)
    return Timeline(closed, neglected, updated - first - talk, updated, first, average)


def _ages(share: float, *, closed: bool, neglected: bool) -> tuple[int, int]:
    """Between how many and how many seconds old the latest message of a conversation is."""
    if neglected:
        return 14 * _DAY, 240 * _DAY
    if closed:
        return (
            (_MINUTE, 7 * _DAY) if share < 0.25 else (7 * _DAY, 60 * _DAY) if share < 0.85 else (60 * _DAY, 240 * _DAY)
        )
    return (_MINUTE, 7 * _DAY) if share < 0.58 else (7 * _DAY, 60 * _DAY)


def _busy_moment(random_: random.Random, now: int, youngest: int, oldest: int) -> int:
    while True:
        moment = now - youngest - int((oldest - youngest) * random_.random())
        if random_.random() * _BUSIEST < _BUSY[(moment - _BEHIND_UTC) // _HOUR % len(_BUSY)]:
            return moment


def _skewed(random_: random.Random, median: int, spread: float, longest: int) -> int:
    return max(1, min(longest, round(median * random_.lognormvariate(0, spread))))
