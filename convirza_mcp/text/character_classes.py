"""Sets of code points as parts of a regular expression, arranged for speed.

`re` answers a set in one look-up below U+10000 and walks its ranges one by one above. So a search for rare characters
is ten times faster as "none of these common ones" (`outside`), for ordinary text never gets past the first look-up; and
a set that is asked about any neighbour is kept from walking for nothing (`one_of`).
"""

import re
from collections.abc import Iterable, Iterator

HIGH = "\U00010000-\U0010ffff"
"""Everything above the first plane, as it stands between brackets."""

_Range = tuple[int, int]
_FIRST_NON_ASCII = 0x80
_FIRST_HIGH = 0x10000
_LAST = 0x10FFFF


def outside(*tables: str) -> str:
    """What stands between `[` and `]` to match no code point of the tables; `[^…]` then means the tables themselves."""
    return _written(_gaps(pair for table in tables for pair in _pairs(table)))


def one_of(*tables: str) -> str:
    """An expression for one character of any of the tables."""
    pairs = [pair for table in tables for pair in _pairs(table)]
    low = f"[^{_written(gap for gap in _gaps(pairs) if gap[0] < _FIRST_HIGH)}{HIGH}]"
    high = [(max(first, _FIRST_HIGH), last) for first, last in pairs if last >= _FIRST_HIGH]
    if not high:
        return low
    # The wide ranges first: there the emoji and the ideographs are.
    high.sort(key=lambda pair: pair[0] - pair[1])
    return f"(?:{low}|(?=[{HIGH}])[{_written(high)}])"


def _pairs(table: str) -> Iterator[_Range]:
    return zip(map(ord, table[::2]), map(ord, table[1::2]), strict=True)


def _gaps(pairs: Iterable[_Range]) -> Iterator[_Range]:
    free = 0
    for first, last in sorted(pairs):
        if first > free:
            yield free, first - 1
        free = max(free, last + 1)
    if free <= _LAST:
        yield free, _LAST


def _written(ranges: Iterable[_Range]) -> str:
    # The characters themselves: `re` reads them several times faster than escapes.
    return "".join(f"{_bracketed(first)}-{_bracketed(last)}" for first, last in ranges)


def _bracketed(code: int) -> str:
    return re.escape(chr(code)) if code < _FIRST_NON_ASCII else chr(code)
