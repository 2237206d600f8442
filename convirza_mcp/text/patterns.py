"""Patterns compiled when first needed: neither a start nor ASCII text pays for large sets of characters."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

compiled: Callable[[str], re.Pattern[str]] = cache(re.compile)
"""Compile for `re`, which searches ten times faster than `regex`. A set that goes beyond ASCII takes milliseconds."""


@cache
def with_properties(pattern: str) -> "regex.Pattern[str]":
    r"""Compile for `regex`: a pattern with `\X`, Unicode properties such as `\p{M}`, or sets within sets.

    A dot stands for every character.
    """
    # Imported here: the import takes as long as a hundred thousand characters of text.
    import regex

    return regex.compile(pattern, regex.VERSION1 | regex.DOTALL)
