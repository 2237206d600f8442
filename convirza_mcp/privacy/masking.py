"""Phone numbers, e-mail addresses and card numbers inside text, taken out of it.

Clean text goes in (`text.clean`): a hidden character between two digits would otherwise keep a number from being
seen. Passes run one after the other, each over what the ones before have left: addresses, cards, phone numbers by
their form, phone numbers by the word before them. The contact's own number has a pass of its own over the whole text,
however it is grouped.

What no pattern sees: numbers in words ("four one five"), with letters for digits, with words between their groups, of
seven digits without a separator or a word such as "call" before them, and those of most countries without a plus sign
or a zero.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from convirza_mcp.privacy.number_forms import (
    EMAIL,
    GONE,
    LOOK_AHEAD,
    LOOK_BACK,
    PATTERNS,
    PHONE,
    Found,
    numbers_in,
    plain,
    taken_out,
)

LONGEST = 4_000
"""Characters of a text that are masked and kept: twice what is shown anywhere, and more than a text message has."""
_BEYOND = 320
"""Characters after those that may end a number or an address which begins before."""
_CUT_OFF = "\N{HORIZONTAL ELLIPSIS}"

_FEWEST_OWN = 7
_OWN_GAP = 10
"""Characters between two digits of the contact's own number, at most: anything but letters and digits."""
_NATIONAL = 10

_ATS = "@\uff20\ufe6b"

_LONGEST_SIGN = 4
"""Characters of a plus sign or parenthesis and what may separate it from the digits."""

_NO_DIGIT = re.compile(r"[^0-9]+")
_DIGIT = re.compile(r"[0-9]")


def masked(text: str, own_number: str = "") -> str:
    """Clean text with `[phone]`, `[e-mail]` and `[card]` where those stood, in linear time; of a text of more than
    4,000 characters the first 4,000, and `…` for the rest.

    `own_number` is the digits of the contact's number, which are masked however they are grouped and whatever stands
    before them, and so are its last ten and its last seven where it has at least ten; numbers of fewer than seven
    digits are not looked for.
    """
    if len(text) <= LONGEST:
        return _with_labels(text, _found_in(text, own_number), len(text))
    found = _found_in(text[: LONGEST + _BEYOND], own_number)
    return _with_labels(text, [each for each in found if each[0] < LONGEST], LONGEST) + _CUT_OFF


def _found_in(text: str, own_number: str) -> list[Found]:
    """What to mask in the text as it stands there, in order and apart."""
    has_own = _may_hold(text, own_number)
    if not has_own and not _is_worth_a_look(text):
        return []
    written = plain(text)
    found: list[Found] = []
    if "@" in written.text:
        found = [(*match.span(), EMAIL) for match in PATTERNS["EMAIL"].finditer(written.text)]
    without_addresses = taken_out(written.text, found)
    for run in PATTERNS["RUN"].finditer(without_addresses):
        begin, end = run.span()
        # The sign before a number is looked for here: a pattern that begins with a digit is found much faster.
        before = without_addresses[max(0, begin - _LONGEST_SIGN) : begin]
        if "+" in before or "(" in before:
            begin -= len(before)
        start = max(0, begin - LOOK_BACK)
        numbers = numbers_in(without_addresses[start : end + LOOK_AHEAD], begin - start, end - start)
        found += [(start + first, start + after, label) for first, after, label in numbers]
    if has_own:
        found += [(*span, PHONE) for span in _spans_of(own_number, without_addresses)]
    if len(found) > 1:
        found = [*_apart(found)]
    if written.places is None:
        return found
    return [(written.place(a, len(text)), written.place(b, len(text)), label) for a, b, label in found]


def _apart(found: list[Found]) -> Iterator[Found]:
    """In order, those that overlap as one: the contact's own number may be a part of what its form gave away."""
    begin, end, label = 0, 0, ""
    for first, after, its_label in sorted(found):
        if first < end:
            end = max(end, after)
            continue
        if label:
            yield begin, end, label
        begin, end, label = first, after, its_label
    if label:
        yield begin, end, label


def _with_labels(text: str, found: Sequence[Found], length: int) -> str:
    pieces: list[str] = []
    end = 0
    for first, after, label in found:
        pieces += (text[end:first], label)
        end = after
    return "".join((*pieces, text[end:length]))


def _is_worth_a_look(text: str) -> bool:
    if text.isascii():
        return "@" in text or PATTERNS["SEVEN_DIGITS"].search(text) is not None
    return any(sign in text for sign in _ATS) or PATTERNS["SEVEN_OF_ANY"].search(text) is not None


def _own_forms(number: str) -> tuple[str, ...]:
    """The ways to leave out its beginning, too: a country code, and an area code."""
    if len(number) < _NATIONAL:
        return (number,) if len(number) >= _FEWEST_OWN else ()
    return tuple(dict.fromkeys((number, number[-_NATIONAL:], number[-_FEWEST_OWN:])))


def _may_hold(text: str, number: str) -> bool:
    if len(number) < _FEWEST_OWN:
        return False
    if not text.isascii():
        # Its digits may be of any script; to write them plainly is what takes time.
        return sum(map(str.isdigit, text)) >= _FEWEST_OWN
    return number[-_FEWEST_OWN:] in _NO_DIGIT.sub("", text)


def _spans_of(number: str, text: str) -> Iterator[tuple[int, int]]:
    """Where exactly these digits stand, or the last of them, with no letters and not much else between each two."""
    digits = _NO_DIGIT.sub("", text)
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
