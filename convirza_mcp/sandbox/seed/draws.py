"""Drawing at random, faster than `random` draws: seeding a large inbox is hardly anything but this.

The odds are uneven by a hair in return, which no inbox shows.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


def pick(random_: random.Random, options: Sequence[Option]) -> Option:
    """One of the options, each as likely."""
    return options[int(random_.random() * len(options))]


def between(random_: random.Random, lowest: int, highest: int) -> int:
    """A whole number, both ends included."""
    return lowest + int(random_.random() * (highest - lowest + 1))
