"""Graphemes (user-perceived characters), and patterns compiled at first use.

Neither startup nor ASCII text pays for `regex` or for large sets of characters.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

_FIRST_COMBINING = "\u0300"
_FIRST_STEP_BACK = 16

compiled: Callable[[str], re.Pattern[str]] = cache(re.compile)
"""Compile for `re`, which searches ten times faster than `regex`. A set that goes beyond ASCII takes milliseconds."""


@cache
def with_properties(pattern: str) -> "regex.Pattern[str]":
    r"""Compile for `regex`: a pattern with `\X`, Unicode properties such as `\p{M}`, or sets within sets.

    A dot stands for every character.
    """
    # Imported here, because the import takes as long as processing a hundred thousand characters.
    import regex

    return regex.compile(pattern, regex.VERSION1 | regex.DOTALL)


def grapheme_boundary(text: str, index: int) -> int:
    """Return the last boundary between graphemes at or before `index`; both ends of the text are boundaries.

    Time grows with the length of the grapheme around `index`.
    """
    index = max(0, min(index, len(text)))
    if next_boundary(text, index) == index:
        return index
    back = _FIRST_STEP_BACK
    while True:
        start = max(0, index - back)
        boundary = start if start == 0 else -1
        # A match that begins inside a grapheme ends with it, so every end is a boundary.
        for found in with_properties(r"\X").finditer(text, start):
            if found.end() > index:
                break
            boundary = found.end()
        if boundary >= 0:
            return boundary
        back *= 4


def next_boundary(text: str, index: int) -> int:
    """Return the first boundary between graphemes at or after `index`, in as much time."""
    if not 0 < index < len(text):
        return max(0, min(index, len(text)))
    before, after = text[index - 1], text[index]
    if before < _FIRST_COMBINING and after < _FIRST_COMBINING:
        return index + (before == "\r" and after == "\n")
    return next(with_properties(r"\X").finditer(text, index - 1)).end()
