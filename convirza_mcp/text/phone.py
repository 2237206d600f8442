"""Telephone numbers compared by their digits, however they are written."""

import re
from collections.abc import Iterable

_NO_DIGIT = re.compile(r"\D+")
_WRITTEN = re.compile(r"[+(]*\d[\d()+./-]*")
_NOT_DIALLED = re.compile(r"\(0\)|\A0\)")
_SHORTEST_NATIONAL = 7
_LONGEST_COUNTRY_CODE = 3
_SEPARATORS = r"[\s()+./-]{0,3}"


def digits_of(text: str | None) -> str:
    """The digits of a number in ASCII; empty where it has none."""
    if not text or (text.isascii() and text.isdecimal()):
        return text or ""
    digits = _NO_DIGIT.sub("", text)
    return digits if digits.isascii() else "".join(str(int(each)) for each in digits)


def is_written_as_number(word: str) -> bool:
    """Whether a word is digits, and signs that people write between them."""
    return _WRITTEN.fullmatch(word) is not None


def as_digits(words: Iterable[str]) -> str:
    """The digits of a number that may be written in several words; the `(0)` after a country code is not dialled."""
    return "".join(digits_of(_NOT_DIALLED.sub("", word)) for word in words)


def same_number(wanted: str, number: str) -> bool:
    """Whether the digits of a number hold those that are wanted, with or without its country code or leading zeros."""
    if not wanted or not number:
        return False
    if wanted in number:
        return True
    if wanted[0] != "0" and wanted[-1] != number[-1]:
        # Without leading zeros only a country code can make the difference, and that stands in front.
        return False
    national, its_national = wanted.lstrip("0"), number.lstrip("0")
    if len(national) < _SHORTEST_NATIONAL or len(its_national) < _SHORTEST_NATIONAL:
        return False
    if national in number:
        return True
    return national.endswith(its_national) and len(national) - len(its_national) <= _LONGEST_COUNTRY_CODE


def written_number(digits: str) -> re.Pattern[str]:
    """Finds these digits in a text, with a few separators between them at most."""
    return re.compile(_SEPARATORS.join(digits))
