"""Random draws, and the hours at which people text.

`pick` and `between` are faster than the methods of `random`, because seeding a large inbox consists mostly of draws. In
return, the odds are very slightly uneven, which no inbox shows.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

Option = TypeVar("Option")


def pick(random_: random.Random, options: Sequence[Option]) -> Option:
    """Return one of the options, with equal probability."""
    return options[int(random_.random() * len(options))]


def between(random_: random.Random, lowest: int, highest: int) -> int:
    """Return a whole number, both ends included."""
    return lowest + int(random_.random() * (highest - lowest + 1))


_HOUR = 60 * 60
# Five hours behind UTC, all year, is close enough to each of their zones.
_BEHIND_UTC = 5 * _HOUR
_WEEKDAY_HOURS = (1, 1, 1, 1, 1, 2, 6, 20, 60, 90, 100, 95, 70, 85, 95, 90, 80, 55, 30, 22, 16, 10, 5, 2)
_WEEKEND_HOURS = tuple(max(1, weight // 5) for weight in _WEEKDAY_HOURS)
# The first day of 1970 was a Thursday.
_WEIGHTS = (*_WEEKDAY_HOURS * 2, *_WEEKEND_HOURS * 2, *_WEEKDAY_HOURS * 3)
_HOURS = len(_WEIGHTS)
_WEIGHT = sum(_WEIGHTS)
# Share of a week's messages written before each of its hours, and at its end.
_WRITTEN = tuple(accumulate((_HOUR * weight for weight in _WEIGHTS), initial=0))


def busy_moment(now: int, age: int) -> int:
    """Return the moment since which people wrote as much as in `age` average seconds; never after `now`.

    Times are whole seconds since 1970 in UTC. The greater age never gives the later moment, and whole weeks of it are
    whole weeks, whatever the clock says: so whatever is drawn as an age keeps its order.
    """
    weeks, second = divmod(now - _BEHIND_UTC, _HOURS * _HOUR)
    hour, second = divmod(second, _HOUR)
    written = _WRITTEN[hour] + _WEIGHTS[hour] * second - age * _WEIGHT // _HOURS
    back, written = divmod(written, _WRITTEN[-1])
    hour = bisect_right(_WRITTEN, written) - 1
    second = (written - _WRITTEN[hour]) // _WEIGHTS[hour]
    return ((weeks + back) * _HOURS + hour) * _HOUR + second + _BEHIND_UTC
