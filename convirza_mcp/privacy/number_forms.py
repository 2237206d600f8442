"""Formats of telephone and card numbers, and the meaning of the words around digits.

A format is masked if telephone numbers have it and other numbers rarely do: a plus sign, groups of three, three and
four, ten digits that North America can dial, a leading zero followed by nine or ten digits. The preceding word matters
only if it names something numbered, such as an order: ten bare digits after it stay, unless nearby words say to call
them. `plain` converts digits and dashes of other scripts, so each pattern needs to know only one.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from convirza_mcp.text.named_patterns import NamedPatterns

Found = tuple[int, int, str]
"""Span in a text, from the first character to the one after the last, and the label to put there."""

_Span = tuple[int, int]

PHONE, EMAIL, CARD = "[phone]", "[e-mail]", "[card]"

GONE = "\x00"
"""Placeholder for masked text: clean text never contains it, and no pattern matches it."""

LOOK_BACK = 60
"""Characters before digits to search for the word that describes them."""
LOOK_AHEAD = 30
"""Characters after digits to search for that word."""

_FEWEST_DIALED = 7
_NATIONAL = 10
_MAX_DIGITS = 15
_FEWEST_CARD_DIGITS, _MAX_CARD_DIGITS = 13, 19

PATTERNS = NamedPatterns(Path(__file__).with_name("number_forms.ini"))


_DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65"
_MINUS = "\u2212"

_DIGITS = re.compile(r"[0-9]+")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))


def digits_of(text: str) -> str:
    """Return the ASCII digits of the text, in a quarter of the time that `re` takes."""
    return text.encode("ascii", "ignore").translate(None, _NO_DIGITS).decode()


def numbers_in(text: str, begin: int, end: int) -> list[Found]:
    """Return the numbers in the text's run of digits from `begin` to `end`."""
    # A run's surroundings only, so that a text of many runs takes linear time.
    start = max(0, begin - LOOK_BACK)
    text = text[start : end + LOOK_AHEAD]
    begin, end = begin - start, end - start
    found: list[Found] = []
    # Only a long run can have too few digits for its length, and counting takes as long as a pattern.
    left = end - begin if end - begin < _FEWEST_CARD_DIGITS else len(digits_of(text[begin:end]))
    for name, label, fewest, judge in _PASSES:
        if left < fewest:
            continue
        for match in PATTERNS[name].finditer(text, begin, end):
            span = judge(match)
            if span is not None:
                first, after = span
                found.append((start + first, start + after, label))
                if (first, after) == (begin, end):
                    # Most runs are one number.
                    return found
                text = without_span(text, first, after)
                left = len(digits_of(text[begin:end]))
    return found


def without_span(text: str, first: int, after: int) -> str:
    """Return the text with `GONE` for each character of the span."""
    return text[:first] + GONE * (after - first) + text[after:]


def _card_span(match: re.Match[str]) -> _Span | None:
    written = match[0]
    return match.span() if len(written) <= _MAX_CARD_DIGITS * 4 and _is_card(written) else None


def _is_card(written: str) -> bool:
    digits = digits_of(written)
    if not PATTERNS["ISSUED"].fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _likely_span(match: re.Match[str]) -> _Span | None:
    text, begin, end = match.string, match.start(), match.end()
    if PATTERNS["AFTER_DOCUMENT"].search(text, max(0, begin - LOOK_BACK), begin) and not PATTERNS[
        "BEFORE_CALLED"
    ].match(text, end):
        return None
    return match.span() if match["ten"] is None else _span_of_ten(match)


def _span_of_ten(match: re.Match[str]) -> _Span | None:
    """Return the span of the first groups that total ten digits, if North America can dial them."""
    digits = ""
    for group in _DIGITS.finditer(match.string, *match.span()):
        digits += group[0]
        if len(digits) >= _NATIONAL:
            dialed = len(digits) == _NATIONAL and digits[3] >= "2"
            return (match.start(), group.end()) if dialed and not PATTERNS["DATE"].search(match[0]) else None
    return None


def _dialed_span(match: re.Match[str]) -> _Span | None:
    digits = digits_of(match[0])
    if not _FEWEST_DIALED <= len(digits) <= _MAX_DIGITS or PATTERNS["DATE"].match(match[0]):
        return None
    before = max(0, match.start() - LOOK_BACK)
    return match.span() if PATTERNS["AFTER_DIALED"].search(match.string, before, match.start()) else None


_PASSES: tuple[tuple[str, str, int, Callable[[re.Match[str]], _Span | None]], ...] = (
    ("CARD", CARD, _FEWEST_CARD_DIGITS, _card_span),
    ("CARD_RUN", CARD, _FEWEST_CARD_DIGITS, _card_span),
    ("CERTAIN", PHONE, _FEWEST_DIALED, re.Match.span),
    ("LIKELY", PHONE, _FEWEST_DIALED, _likely_span),
    ("DIALED_NUMBER", PHONE, _FEWEST_DIALED, _dialed_span),
)
"""Each pattern with its label, its minimum digits, and the function that accepts a match."""


class PlainText(NamedTuple):
    """Text with plain digits and separators; `places` maps its characters to the original, None if unchanged."""

    text: str
    places: list[int] | None

    def place(self, index: int, length: int) -> int:
        """Return the index in the original, of that `length`, of the plain text's `index`; marks follow their base."""
        if self.places is None:
            return index
        return self.places[index] if index < len(self.places) else length


def plain(text: str) -> PlainText:
    """Return the text with ASCII digits, plain spaces and dashes, and without combining marks."""
    if text.isascii():
        return PlainText(text, None)
    written = {ord(each): _plainly(each) for each in set(text) if each > "\x7f"}
    plainly = text.translate(written)
    if len(plainly) == len(text):
        return PlainText(plainly, None)
    return PlainText(plainly, [place for place, each in enumerate(text) if written.get(ord(each), each)])


@lru_cache(maxsize=4096)
def _plainly(character: str) -> str:
    """Return one plain character, or an empty string for a mark."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        return ""
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    if kind == "Pd" or character == _MINUS:
        return "-"
    if character in _DOTS:
        return "."
    # Convert full-width characters to ASCII.
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character
