"""Combining marks piled on one base until they cover the lines around it."""

import re
from functools import cache, partial

from convirza_mcp.text import unicode_ranges as ranges
from convirza_mcp.text.character_classes import outside

MOST = 8
"""Combining marks that one base may carry. No orthography needs more."""

_HIGH = "\U00010000\U0010ffff"


def without_stacks(text: str, allowed: int = MOST) -> str:
    """The text with the first `allowed`, which is `MOST` or more, of any combining marks that follow each other."""
    return text if _long_row().search(text) is None else _long_row().sub(partial(_cut, allowed), text)


def _cut(allowed: int, found: re.Match[str]) -> str:
    row = found[0]
    if len(row) <= allowed:
        return row
    if max(row) < _HIGH[0] or _marks().issuperset(row):
        return row[:allowed]
    kept = []
    length = 0
    for character in row:
        length = length + 1 if character in _marks() else 0
        if length <= allowed:
            kept.append(character)
    return "".join(kept)


@cache
def _long_row() -> re.Pattern[str]:
    # Exact below U+10000. Above, where a set is a walk over 150 ranges, whatever is no letter counts as a mark; none
    # stands from U+1F000 to U+E00FF, where the emoji and ideographs are.
    mark = rf"[^{outside(ranges.COMBINING_MARKS, _HIGH)}\U0001f000-\U000e00ff\U000e01f0-\U0010ffff\w]"
    # A row begins where no mark stands before: so each is counted once, and not again from its second mark on.
    return re.compile(rf"{mark}(?<!{mark}.){mark}{{{MOST},}}+", re.DOTALL)


@cache
def _marks() -> frozenset[str]:
    table = ranges.COMBINING_MARKS
    return frozenset(
        chr(code)
        for first, last in zip(table[::2], table[1::2], strict=True)
        for code in range(ord(first), ord(last) + 1)
    )
