"""Where a reader sees one character end and the next begin: extended grapheme clusters.

The rules GB3 to GB13 of Unicode Standard Annex 29 in the version of the tables. GB9c is that of Unicode 18, where any
linker, with or without a consonant before it, binds the consonant after it.
"""

from bisect import bisect_right
from enum import IntEnum
from functools import cache

from convirza_mcp.text import unicode_ranges as ranges


class _Kind(IntEnum):
    """What the rules ask about a character: Grapheme_Cluster_Break, with the emoji and Indic properties they add."""

    OTHER = 0
    CONTROL = 1
    EXTEND = 2
    LINKER = 3
    LINKING_LETTER = 4
    NON_JOINER = 5
    JOINER = 6
    SPACING_MARK = 7
    PREPEND = 8
    REGIONAL_INDICATOR = 9
    L = 10
    V = 11
    T = 12
    LV = 13
    LVT = 14
    PICTOGRAPH = 15
    CONSONANT = 16


_TABLES = {
    _Kind.CONTROL: ranges.GRAPHEME_CONTROL,
    _Kind.EXTEND: ranges.GRAPHEME_EXTEND,
    _Kind.SPACING_MARK: ranges.GRAPHEME_SPACING_MARK,
    _Kind.PREPEND: ranges.GRAPHEME_PREPEND,
    _Kind.L: ranges.HANGUL_L,
    _Kind.V: ranges.HANGUL_V,
    _Kind.T: ranges.HANGUL_T,
    _Kind.PICTOGRAPH: ranges.EXTENDED_PICTOGRAPHIC,
    _Kind.CONSONANT: ranges.CONJUNCT_CONSONANT,
    _Kind.LINKER: ranges.CONJUNCT_LINKER_MARKS,
    _Kind.LINKING_LETTER: ranges.CONJUNCT_LINKER_LETTERS,
    _Kind.REGIONAL_INDICATOR: "\U0001f1e6\U0001f1ff",
    _Kind.NON_JOINER: "\u200c\u200c",
    _Kind.JOINER: "\u200d\u200d",
    _Kind.LVT: "\uac00\ud7a3",
}

_EXTENDERS = {_Kind.EXTEND, _Kind.LINKER, _Kind.NON_JOINER}
_ATTACHED = {*_EXTENDERS, _Kind.JOINER, _Kind.SPACING_MARK}
"""What never begins a grapheme, but after a control character (GB9, GB9a)."""

_LINKERS = {_Kind.LINKER, _Kind.LINKING_LETTER}

_HANGUL = {
    *((_Kind.L, following) for following in (_Kind.L, _Kind.V, _Kind.LV, _Kind.LVT)),
    *((vowel, following) for vowel in (_Kind.V, _Kind.LV) for following in (_Kind.V, _Kind.T)),
    *((final, _Kind.T) for final in (_Kind.T, _Kind.LVT)),
}
"""The pairs that make up a Hangul syllable (GB6 to GB8)."""

_FIRST_COMBINING = "\u0300"
_FIRST_SYLLABLE = 0xAC00
_SYLLABLES_PER_VOWEL = 28


def grapheme_boundary(text: str, index: int) -> int:
    """The last boundary between graphemes at or before `index`; both ends of the text are boundaries.

    Time grows with the length of the one grapheme around `index`, and only with that.
    """
    index = min(index, len(text))
    while index > 0 and index < len(text) and _is_inside(text, index):
        index -= 1
    return max(index, 0)


def next_boundary(text: str, index: int) -> int:
    """The first boundary between graphemes at or after `index`, in as much time."""
    while 0 < index < len(text) and _is_inside(text, index):
        index += 1
    return min(index, len(text))


def _is_inside(text: str, index: int) -> bool:
    """Whether the characters before and at `index` belong to one grapheme."""
    before, after = text[index - 1], text[index]
    if before < _FIRST_COMBINING and after < _FIRST_COMBINING:
        return before == "\r" and after == "\n"  # GB3; all else up here breaks
    left, right = _kind(before), _kind(after)
    if _Kind.CONTROL in (left, right):  # GB4, GB5
        return False
    if right in _ATTACHED or left is _Kind.PREPEND or (left, right) in _HANGUL:  # GB6 to GB9b
        return True
    if right is _Kind.CONSONANT:  # GB9c
        # A non-joiner is no part of the run: it is there to break the conjunct.
        return _before_run(text, index, {_Kind.EXTEND, _Kind.JOINER}) in _LINKERS
    if right is _Kind.PICTOGRAPH:  # GB11
        return left is _Kind.JOINER and _before_run(text, index - 1, _EXTENDERS) is _Kind.PICTOGRAPH
    if right is left is _Kind.REGIONAL_INDICATOR:  # GB12, GB13
        return (index - _start_of_run(text, index, {_Kind.REGIONAL_INDICATOR})) % 2 == 1
    return False


def _start_of_run(text: str, index: int, kinds: set[_Kind]) -> int:
    """Where the run of characters of these kinds that ends right before `index` begins."""
    while index > 0 and _kind(text[index - 1]) in kinds:
        index -= 1
    return index


def _before_run(text: str, index: int, kinds: set[_Kind]) -> _Kind | None:
    """The kind of the character before that run."""
    start = _start_of_run(text, index, kinds)
    return _kind(text[start - 1]) if start > 0 else None


def _kind(character: str) -> _Kind:
    firsts, lasts, kinds = _look_up()
    at = bisect_right(firsts, character) - 1
    if at < 0 or character > lasts[at]:
        return _Kind.OTHER
    kind = kinds[at]
    if kind is _Kind.LVT and (ord(character) - _FIRST_SYLLABLE) % _SYLLABLES_PER_VOWEL == 0:
        return _Kind.LV
    return kind


@cache
def _look_up() -> tuple[list[str], list[str], list[_Kind]]:
    """All ranges in ascending order: their first and last characters and their kinds."""
    rows = sorted(
        (first, last, kind)
        for kind, table in _TABLES.items()
        for first, last in zip(table[::2], table[1::2], strict=True)
    )
    return [first for first, _, _ in rows], [last for _, last, _ in rows], [kind for _, _, kind in rows]
