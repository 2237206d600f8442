"""Times at which conversations begin, are answered and end."""

import random
from typing import NamedTuple

from convirza_mcp.sandbox.seed.chance import busy_moment

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class Timeline(NamedTuple):
    """One conversation's course. Times are whole seconds since 1970 in UTC, response times are seconds.

    `neglected` is an old open conversation without an agent; both response times are None if the business never
    answered.
    """

    closed: bool
    neglected: bool
    started: int
    updated: int
    first_response: int | None
    average_response: int | None


class _Course(NamedTuple):
    """The same without a clock: how old its latest message is, and how long before it the first one came."""

    closed: bool
    neglected: bool
    age: int
    length: int
    first_response: int | None
    average_response: int | None


def timelines(count: int, random_: random.Random, now: int) -> list[Timeline]:
    """Return so many timelines up to `now`, roughly in the order in which they started.

    A few were updated in the same second. `now` moves their times, and changes nothing else, nor their order.
    """
    drawn: list[_Course] = []
    for _ in range(count):
        course = _course(random_)
        if drawn and random_.random() < 0.05 and drawn[-1][:2] == course[:2]:
            # As after a broadcast to many contacts at once.
            course = course._replace(age=drawn[-1].age)
        drawn.append(course)
    # Sort by age, which does not depend on the clock: sorting by time would give other ids to the same people at
    # another hour.
    drawn.sort(key=lambda course: (-course.age - course.length, -course.age))
    return [_timeline(course, now) for course in drawn]


def _timeline(course: _Course, now: int) -> Timeline:
    updated = busy_moment(now, course.age)
    return Timeline(
        course.closed,
        course.neglected,
        updated - course.length,
        updated,
        course.first_response,
        course.average_response,
    )


def _course(random_: random.Random) -> _Course:
    closed = random_.random() < 0.55
    neglected = random_.random() < 0.20 and not closed
    youngest, oldest = _ages(random_.random(), closed=closed, neglected=neglected)
    age = youngest + int((oldest - youngest) * random_.random())
    answered = random_.random() < (0.03 if neglected else 0.92 if closed else 0.72)
    if not answered:
        silence = 0 if random_.random() < 0.6 else _skewed(random_, 20 * _MINUTE, 1.5, 20 * _DAY)
        return _Course(closed, neglected, age, silence, None, None)
    slow = random_.random() < 0.08
    first = _skewed(random_, 9 * _HOUR, 1.0, 20 * _DAY) if slow else _skewed(random_, 7 * _MINUTE, 1.4, _DAY)
    average = max(1, round(first * random_.uniform(0.4, 1.8)))
    talk = _skewed(random_, 40 * _MINUTE, 2.0, 60 * _DAY)
    return _Course(closed, neglected, age, first + talk, first, average)


def _ages(share: float, *, closed: bool, neglected: bool) -> tuple[int, int]:
    """Return the bounds of the age of a conversation's latest message, in seconds."""
    if neglected:
        return 14 * _DAY, 240 * _DAY
    if closed:
        return (
            (_MINUTE, 7 * _DAY) if share < 0.25 else (7 * _DAY, 60 * _DAY) if share < 0.85 else (60 * _DAY, 240 * _DAY)
        )
    return (_MINUTE, 7 * _DAY) if share < 0.58 else (7 * _DAY, 60 * _DAY)


def _skewed(random_: random.Random, median: int, spread: float, longest: int) -> int:
    return max(1, min(longest, round(median * random_.lognormvariate(0, spread))))
