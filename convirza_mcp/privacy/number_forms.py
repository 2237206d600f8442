"""Formats of telephone and card numbers, and the meaning of the words around digits.

A format is masked if telephone numbers have it and other numbers rarely do: a plus sign, groups of three, three and
four, ten digits that North America can dial, a leading zero followed by nine or ten digits. The preceding word matters
only if it names something numbered, such as an order: ten bare digits after it stay, unless nearby words say to call
them. `plain` converts digits and dashes of other scripts, so each pattern needs to know only one.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import product
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

_LONGEST_SIGN = 4
"""Maximum length of a plus sign or parenthesis with its separators before the digits."""

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


def numbers_in(text: str, digits: str) -> list[Found]:
    """Return the numbers in a text of at most a few thousand characters; `digits` are its `digits_of`."""
    found: list[Found] = []
    left = len(digits)
    if left < _FEWEST_DIALED:
        return found
    first, after = text.index(digits[0]), text.rindex(digits[-1]) + 1
    sign = text[first - _LONGEST_SIGN if first > _LONGEST_SIGN else 0 : first]
    # A pattern that begins at a digit matches much faster.
    start = first - len(sign) if "+" in sign or "(" in sign else first
    rest = text
    for pattern, label, judge in _PASSES if left >= _FEWEST_CARD_DIGITS else _PHONE_PASSES:
        for match in PATTERNS[pattern].finditer(rest, start, after):
            span = match.span() if judge is None else judge(match, text)
            if span is None:
                continue
            begin, end = span
            found.append((begin, end, label))
            if begin <= first and end == after:
                # Most texts with a number have no other digits.
                return found
            rest = without_span(rest, begin, end)
            left -= len(digits_of(text[begin:end]))
            if left < _FEWEST_DIALED:
                return found
    return found


def without_span(text: str, first: int, after: int) -> str:
    """Return the text with `GONE` for each character of the span."""
    return text[:first] + GONE * (after - first) + text[after:]


def _card_span(match: re.Match[str], _text: str) -> _Span | None:
    written = match[0]
    return match.span() if len(written) <= _MAX_CARD_DIGITS * 4 and _is_card(written) else None


def _is_card(written: str) -> bool:
    digits = digits_of(written)
    if not PATTERNS["ISSUED"].fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _likely_span(match: re.Match[str], text: str) -> _Span | None:
    if _follows_document(text, match.start()) and not PATTERNS["BEFORE_CALLED"].match(text, match.end()):
        return None
    return match.span() if match["ten"] is None else _span_of_ten(match)


def _follows_document(text: str, begin: int) -> bool:
    """Return whether the words before `begin` name something numbered, such as an order."""
    # The pattern is slow, so decide the common cases first: an ordinary word, and a document's name alone.
    word = _word_before(text, begin)
    if word and word not in _last_words():
        return False
    place = begin - len(word) - 1
    if word in _documents() and text[max(0, place) : begin].casefold() == f"{word} ":
        return text[max(0, place - 5) : place].casefold() not in _calls()
    return PATTERNS["AFTER_DOCUMENT"].search(text, max(0, begin - LOOK_BACK), begin) is not None


def _word_before(text: str, begin: int) -> str:
    """Return the last word before `begin`, casefolded; empty if more than punctuation is between, or in it."""
    before = text[max(0, begin - LOOK_BACK) : begin]
    words = before.rstrip(" .:=-\"'(")
    word = words[words.rfind(" ") + 1 :]
    return word.casefold() if word.isalpha() else ""


@cache
def _documents() -> frozenset[str]:
    return frozenset(PATTERNS.expression("DOCUMENT").split("|"))


@cache
def _calls() -> frozenset[str]:
    return frozenset(f"{verb} " for verb in PATTERNS.expression("CALL").split("|"))


@cache
def _last_words() -> frozenset[str]:
    """Return the words that `AFTER_DOCUMENT` may end with, before punctuation; some are several written as one."""
    names, verbs, currencies = (PATTERNS.expression(name).split("|") for name in ("ITS_NUMBER", "IS", "CURRENCY"))
    together = map("".join, product(_documents(), ("", *names), ("", *verbs)))
    return frozenset((*together, *names, *verbs, *currencies))


def _span_of_ten(match: re.Match[str]) -> _Span | None:
    """Return the span of the first groups that total ten digits, if North America can dial them."""
    digits = ""
    for group in _DIGITS.finditer(match.string, *match.span()):
        digits += group[0]
        if len(digits) >= _NATIONAL:
            dialed = len(digits) == _NATIONAL and digits[3] >= "2"
            return (match.start(), group.end()) if dialed and not PATTERNS["DATE"].search(match[0]) else None
    return None


def _dialed_span(match: re.Match[str], text: str) -> _Span | None:
    digits = digits_of(match[0])
    if not _FEWEST_DIALED <= len(digits) <= _MAX_DIGITS or PATTERNS["DATE"].match(match[0]):
        return None
    begin = match.start()
    if _word_before(text, begin) in _documents():
        # The pattern would match nothing either, but it is slow.
        return None
    return match.span() if PATTERNS["AFTER_DIALED"].search(text, max(0, begin - LOOK_BACK), begin) else None


_PHONE_PASSES: tuple[tuple[str, str, Callable[[re.Match[str], str], _Span | None] | None], ...] = (
    ("CERTAIN", PHONE, None),
    ("LIKELY", PHONE, _likely_span),
    ("DIALED_NUMBER", PHONE, _dialed_span),
)
"""Each pattern with its label, and the function that accepts a match if not all are accepted."""
_PASSES = (("CARD", CARD, _card_span), ("CARD_RUN", CARD, _card_span), *_PHONE_PASSES)


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
