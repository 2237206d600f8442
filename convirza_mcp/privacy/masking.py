"""Mask phone numbers, e-mail addresses and card numbers in text.

The input must be clean (`text.clean`): a hidden character between two digits would hide a number. Passes run in
sequence, each over the result of the previous ones: addresses, cards, phone numbers by form, phone numbers by the
preceding word. The contact's own number has its own pass over the whole text, in any grouping.

Not recognized: numbers in words ("four one five"), with letters for digits, with words between their groups, with seven
digits and neither a separator nor a word such as "call" before them, and numbers of most countries without a plus sign
or a zero.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from convirza_mcp.privacy.number_forms import (
    EMAIL,
    GONE,
    PATTERNS,
    PHONE,
    Found,
    digits_of,
    numbers_in,
    plain,
    without_span,
)

LONGEST = 4_000
"""Characters of a text that are masked and kept: twice the longest display, and longer than any text message."""
_BEYOND = 320
"""Characters after those that may end a number or an address that begins before."""
_CUT_OFF = "\N{HORIZONTAL ELLIPSIS}"

_FEWEST_DIGITS = 7
_OWN_GAP = 10
"""Maximum characters between two digits of the contact's own number, except letters and digits."""
_NATIONAL = 10

_ATS = "@\uff20\ufe6b"

_DIGIT = re.compile(r"[0-9]")


def mask_text(text: str, own_number: str = "") -> str:
    """Return clean text with numbers and addresses replaced by `[phone]`, `[e-mail]` and `[card]`, in linear time.

    A text of more than 4,000 characters is cut there and ends with `…`. `own_number` is the digits of the contact's
    number. They are masked in any grouping and after any word; so are its last ten and last seven digits if it has at
    least ten. Numbers of fewer than seven digits are ignored.
    """
    if len(text) > LONGEST:
        found = _found_in(text[: LONGEST + _BEYOND], own_number)
        return _with_labels(text[:LONGEST], [each for each in found if each[0] < LONGEST]) + _CUT_OFF
    found = _found_in(text, own_number)
    if len(found) != 1:
        return _with_labels(text, found)
    # Most texts with a number have one.
    first, after, label = found[0]
    return f"{text[:first]}{label}{text[after:]}"


def _found_in(text: str, own_number: str) -> list[Found]:
    """Return the spans to mask in the text, in order and without overlaps."""
    if not text.isascii():
        # Converting digits of any script is the expensive part.
        if sum(map(str.isdigit, text)) < _FEWEST_DIGITS and not any(sign in text for sign in _ATS):
            return []
        written = plain(text)
        if written.places is not None:
            plainly = _found_in(written.text, own_number)
            return [(written.place(a, len(text)), written.place(b, len(text)), label) for a, b, label in plainly]
        text = written.text
    digits = digits_of(text)
    if len(digits) < _FEWEST_DIGITS and "@" not in text:
        return []
    found: list[Found] = []
    if "@" in text:
        addresses = [match.span() for match in PATTERNS["EMAIL"].finditer(text)]
        found += [(*span, EMAIL) for span in addresses]
        for span in addresses:
            text = without_span(text, *span)
        digits = digits_of(text)
    found += numbers_in(text, digits)
    if len(own_number) >= _FEWEST_DIGITS and own_number[-_FEWEST_DIGITS:] in digits:
        found += [(*span, PHONE) for span in _spans_of(own_number, text)]
    return _apart(found) if len(found) > 1 else found


def _apart(found: list[Found]) -> list[Found]:
    """Return the spans in order, with overlapping ones merged: the own number may be part of another match."""
    apart: list[Found] = []
    for first, after, label in sorted(found):
        if apart and first < apart[-1][1]:
            begin, end, label = apart.pop()
            first, after = begin, max(end, after)
        apart.append((first, after, label))
    return apart


def _with_labels(text: str, found: Sequence[Found]) -> str:
    pieces: list[str] = []
    end = 0
    for first, after, label in found:
        pieces += (text[end:first], label)
        end = after
    return "".join((*pieces, text[end:]))


def _own_forms(number: str) -> tuple[str, ...]:
    """Return the digits also without the country code, and without the area code."""
    if len(number) < _NATIONAL:
        return (number,)
    return tuple(dict.fromkeys((number, number[-_NATIONAL:], number[-_FEWEST_DIGITS:])))


def _spans_of(number: str, text: str) -> Iterator[tuple[int, int]]:
    """Return the spans of these digits, with no letters and few other characters between them."""
    digits = digits_of(text)
    places: list[int] = []
    for form in _own_forms(number):
        start = digits.find(form)
        while start >= 0:
            places = places or [match.start() for match in _DIGIT.finditer(text)]
            taken = places[start : start + len(form)]
            if all(_is_gap(text[before + 1 : after]) for before, after in pairwise(taken)):
                yield taken[0], taken[-1] + 1
                start = digits.find(form, start + len(form))
            else:
                start = digits.find(form, start + 1)


def _is_gap(between: str) -> bool:
    return len(between) <= _OWN_GAP and GONE not in between and not any(map(str.isalpha, between))
