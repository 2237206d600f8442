"""Compare telephone numbers by their digits, in any format.

The region is unknown, so only the digits count: ten digits that North America can dial are a North American number,
with or without the 1. For any other number, the country code and the national 0 in its place make no difference.
"""

import re
from collections.abc import Iterable

from convirza_mcp.text.fold import name_key, on_one_line
from convirza_mcp.text.typed import plain

SHORTEST_NUMBER = 7
"""Minimum digits of a telephone number; fewer are a short code or part of a number."""

_NORTH_AMERICAN = 10

_NO_DIGIT = re.compile(r"\D+")
# Also dashes and bullets of print, between digits.
_WRITTEN = re.compile(r"[+(]*\d[\d()+./_·•‐-―−-]*|[+(]*\d{3}[,:]\d{3}[,:]\d{4}")
_PUNCTUATED = re.compile(r"[\d\s()+./_·•-]+")
_SCHEME = re.compile(r"(?<!\w)(?:tel|sms|callto|whatsapp|fax):(?://)?(?=[+(]*[0-9])", re.IGNORECASE)
"""What an address book or a link puts before a number."""
_NOT_DIALLED = re.compile(r"\(0\)|\A0\)")
_SEPARATORS = r"[\s()+./_·•‐-―−-]{0,4}"

_EXIT_CODE = re.compile(r"00(?=[1-9][0-9]{7})|011(?=[1-9][0-9]{9})")
# The country codes of E.164 (none is a prefix of another), then the national number after a 0.
_FOREIGN = re.compile(
    r"(?=[0-9]{11,15}\Z)(?:7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9])0*([1-9][0-9]{5,10})\Z"
)


def digits_of(text: str | None) -> str:
    """Return the digits of a number in ASCII; empty if it has none."""
    if not text or (text.isascii() and text.isdecimal()):
        return text or ""
    digits = _NO_DIGIT.sub("", text)
    return digits if digits.isascii() else "".join(str(int(each)) for each in digits)


def number_digits(text: str | None) -> str:
    """Return the digits of a number, and an empty string for a name: text with fewer than seven digits."""
    if text and text.isascii() and text.isdecimal():
        return text
    # Clean first, because digits in a terminal sequence are not a number.
    shown = on_one_line(text)
    digits = digits_of(shown)
    return digits if len(digits) >= SHORTEST_NUMBER or not any(map(str.isalpha, shown)) else ""


def number_key(text: str | None) -> str:
    """Return a key that is equal for all formats of one telephone number.

    For business lines and contacts. Punctuation, the script of the digits, an exit code (00, 011), a country code and
    the 0 instead of it make no difference. Short codes equal only themselves; names compare as names.
    """
    digits = number_digits(text)
    return _digits_key(digits) if digits else name_key(text)


def _digits_key(digits: str) -> str:
    if digits[0] == "0" and (exit_code := _EXIT_CODE.match(digits)) is not None:
        digits = digits[exit_code.end() :]
    north_american = digits[1:] if digits[0] == "1" else digits
    if len(north_american) == _NORTH_AMERICAN and north_american[0] > "1":
        return north_american
    foreign = _FOREIGN.match(digits)
    return digits if foreign is None else f"0{foreign[1]}"


def searchable_number(text: str) -> str:
    """Return the part of a number that Convirza's search, which matches parts literally, finds in most formats.

    Text that is not a number, or has separators between these digits, is returned unchanged.
    """
    digits = number_digits(text)
    national = _national(digits)
    return national if len(national) >= SHORTEST_NUMBER and national in text else text


def typed_number(text: str) -> str:
    """Return the digits of a typed number or part of one, for a search; other text unchanged."""
    written = without_scheme(plain(text))
    if not _PUNCTUATED.fullmatch(written) or not (digits := digits_of(written)):
        return text
    return _national(digits) if len(digits) >= SHORTEST_NUMBER else digits


def _national(digits: str) -> str:
    return _digits_key(digits).lstrip("0") if digits else ""


def without_scheme(text: str) -> str:
    """Return the text with its numbers without `tel:` or `sms:`."""
    return _SCHEME.sub("", text) if ":" in text else text


def is_written_as_number(word: str) -> bool:
    """Return whether a word is digits with common separators."""
    return _WRITTEN.fullmatch(word) is not None


def as_digits(words: Iterable[str]) -> str:
    """Return the digits of a number that may be written in several words, without the `(0)` after a country code."""
    return "".join(digits_of(_NOT_DIALLED.sub("", word)) for word in words)


def is_number_or_part(wanted: str, number: str) -> bool:
    """Return whether the wanted digits equal a number, in any format, or are part of it."""
    if not wanted or not number:
        return False
    if wanted in number:
        return True
    national = wanted.lstrip("0")
    return len(national) >= SHORTEST_NUMBER and (national in number or _digits_key(wanted) == _digits_key(number))


def number_pattern(digits: str) -> re.Pattern[str]:
    """Return a pattern that finds these digits in a text, with at most a few separators between them."""
    return re.compile(_SEPARATORS.join(digits))
