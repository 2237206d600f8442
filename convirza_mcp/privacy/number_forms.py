"""The forms of telephone and card numbers, and what the words around digits say about them.

A form is masked where it is one that telephone numbers have and other numbers hardly: a plus sign, groups of three,
three and four, ten digits that North America can dial, a leading zero with nine or ten digits behind it. The word
before decides only for what has a number of its own, such as an order: ten bare digits behind one stay, unless words
around them say that they are to be called.

People write numbers in full-width digits, as keycap emoji, with dashes of a dozen kinds. Patterns would each have to
know them all; on `plain` text they need to know one.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

Found = tuple[int, int, str]
"""Where something stands in a text, first character and the one after its last, and the label to put there."""

_Span = tuple[int, int]

PHONE, EMAIL, CARD = "[phone]", "[e-mail]", "[card]"

GONE = "\x00"
"""Stands in for what is masked already: clean text has none, and no pattern matches it."""

LOOK_BACK = 60
"""Characters before digits that may hold the word for them."""
LOOK_AHEAD = 30
"""Characters behind them that may."""

_FEWEST_DIALED = 7
_NATIONAL = 10
_MOST_DIGITS = 15
_MOST_CARD_DIGITS = 19

SEPARATOR = r"[\s.\-/()_*]"

# A card as it is printed, or any run of digits of the right length; what decides is Luhn's sum.
_CARD = re.compile(
    r"(?<![0-9])(?:"
    r"[0-9]{4}(?P<gap>[ .\-/]{1,3})[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}"
    r"|[0-9]{4}[ .\-/]{1,3}[0-9]{6}[ .\-/]{1,3}[0-9]{4,5}"
    r"|[0-9]{13,19}"
    r")(?![0-9])"
)
_CARD_RUN = re.compile(r"(?<![0-9])[0-9](?:[ .\-/\n]{0,3}[0-9])*+")
_ISSUED = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}|[0-9]{6})?|(?:5[0-9]|2[2-7]|35|6[0-9])[0-9]{14}|6[27][0-9]{15,17}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
)

# Certain by their form.
_PLUS = rf"\+{SEPARATOR}{{0,2}}(?:1(?:{SEPARATOR}{{0,3}}[0-9]){{10}}(?![0-9])|[1-9](?:{SEPARATOR}{{0,3}}[0-9]){{6,14}})"
_EXIT_CODE = rf"(?<![0-9:.,])(?:00|011){SEPARATOR}?[1-9](?:{SEPARATOR}{{0,2}}[0-9]){{7,13}}"
_THREE_THREE_FOUR = (
    rf"(?:1{SEPARATOR}{{0,3}})?[0-9]{{3}}(?:{SEPARATOR}{{0,2}}[.\-/()_*]{SEPARATOR}{{0,2}})"
    rf"[0-9]{{3}}{SEPARATOR}{{1,3}}[0-9]{{4}}"
)
_AREA_IN_PARENTHESES = (
    rf"(?:1{SEPARATOR}{{0,3}})?\([0-9]{{3}}\){SEPARATOR}{{0,2}}[0-9]{{3}}{SEPARATOR}{{0,3}}[0-9]{{4}}"
)
_ONE_BY_ONE = r"(?:1[ .\-])?[2-9](?P<between>[ .\-])[0-9](?:(?P=between)[0-9]){8}"
_CERTAIN = re.compile(
    rf"(?:{_PLUS}|(?<![0-9])(?:{_EXIT_CODE}|{_AREA_IN_PARENTHESES}|{_THREE_THREE_FOUR}|{_ONE_BY_ONE}))(?![0-9])"
)

# Likely by their form: other numbers can look like them, and the word before tells.
_NANP = (
    r"(?:1[ .\-/]{0,2})?[2-9][0-9]{2}(?:[2-9][0-9]{6}|[ .\-/_]{1,2}[2-9][0-9]{2}(?:[ .\-/_]{1,2})?[0-9]{4}"
    r"|[2-9][0-9]{2}[ .\-/_]{1,2}[0-9]{4})"
)
_TEN_OTHERWISE_GROUPED = r"[2-9][0-9]{1,5}(?:[ .\-][0-9]{2,6}){1,3}"
_NO_PLUS = r"44[1-37][0-9]{9}|91[6-9][0-9]{9}|52[0-9]{10}"
_TRUNK_ZERO = (
    r"0[1-9][0-9]{8,9}"
    r"|0[1-9][0-9]{1,3}(?:[ .\-][0-9]{2,3}){3}"
    r"|\(?0[1-9][0-9]{1,3}\)?[ .\-/]{1,2}[0-9]{3,4}[ .\-/]{0,2}[0-9]{3,4}"
    r"|\(?0[1-9][0-9]{1,3}\)?[ .\-/]{1,2}[0-9]{5,8}"
    r"|\(?0[1-9]\)?[ .\-/][0-9]{4}[ .\-/]?[0-9]{4}"
    r"|0[1-9](?P<pair>[ .\-])[0-9]{2}(?:(?P=pair)[0-9]{2}){3}"
)
_LOCAL_SEVEN = r"(?<![\w$£€#.,/\-])[2-9](?:[0-9][1-9]|[1-9]0)[.\-][0-9]{4}"
_LIKELY = re.compile(
    rf"(?<![0-9])(?:(?P<whole>{_NANP}|{_NO_PLUS}|{_TRUNK_ZERO}|{_LOCAL_SEVEN})(?!-?[0-9])"
    rf"|(?P<ten>{_TEN_OTHERWISE_GROUPED})(?![.\-/]?[0-9]))"
)

# What has a number of its own. Behind any other noun, such as customer, account or case, it is a telephone number.
_DOCUMENT = (
    r"order|invoice|inv|po|receipt|ref|reference|tracking|track|confirmation|conf|transaction|shipment|package|parcel"
    r"|item|sku|upc|isbn|ean|serial|vin|part|model"
)
_AFTER_DOCUMENT = re.compile(
    rf"(?:(?<!call )(?<!dial )(?<!ring )(?<!text )\b(?:{_DOCUMENT})"
    r"(?: (?:number|num|no|nr|code|id))?[ .:#=]{0,3}(?:is |was )?#?"
    r"|(?<!\w)(?<!\w )#|[$£€¥₹] ?"
    # The parcels of one carrier.
    r"|\b1Z[0-9A-Z]{1,6})\Z",
    re.IGNORECASE,
)
_CALLED = r"cell|cellphone|mobile|mob|phone|landline|number|fax|whatsapp"
_BEFORE_CALLED = re.compile(
    r"[ ,.:;!)\-]{0,3}(?:is|was|=)? ?(?:my|our|his|her|their) "
    rf"(?:(?:new|old|work|home|direct|personal|business|best|contact|cell|mobile|phone) )?(?:{_CALLED})\b",
    re.IGNORECASE,
)

_DIALED = r"call|text|txt|tel|telephone|phone|ph|cell|mobile|mob|fax|whatsapp|dial|ring|landline|hotline|helpline"
_FILLER = (
    r"me|us|him|her|them|back|now|at|on|is|to|the|our|my|your|this|number|num|no|nr|free|freephone|land|line|mobile"
    r"|phone|cell|or|text|anytime|please|pls|directly|direct|from"
)
# Who is called: any one word but those that begin something else.
_CALLEE = rf"(?!(?:{_DOCUMENT}|about|re|regarding|with|for|in|after|before|by|until|till|between|within)\b)[^\W\d_]+"
_AFTER_DIALED = re.compile(
    rf"\b(?:{_DIALED}|(?:my|our|his|her|their|contact) (?:number|no|nr))(?:[ ,.:#=\-]{{1,3}}(?:{_FILLER})\b){{0,4}}"
    rf"(?: {_CALLEE}(?:[ ,.:#=\-]{{1,3}}(?:at|on|is|number|no)\b){{0,2}})?[ ,.:#=(\-]{{1,4}}\Z",
    re.IGNORECASE,
)
_DIALED_NUMBER = re.compile(
    r"(?<![0-9])(?:[0-9]{7,15}|[0-9]{2,5}(?:[ .\-/]{1,2}[0-9]{2,7}){1,4})(?![0-9])",
)
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}(?P<a>[.\-/])[0-9]{1,2}(?P=a)[0-9]{1,2}"
    r"|[0-9]{1,2}(?P<b>[.\-/])[0-9]{1,2}(?P=b)(?:[0-9]{2}){1,2})"
    r"(?![0-9])"
)

_DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65"
_MINUS = "\u2212"

_NO_DIGIT = re.compile(r"[^0-9]+")
_DIGITS = re.compile(r"[0-9]+")


def numbers_in(text: str, begin: int, end: int) -> list[Found]:
    """Return those in a run of digits, from `begin` to `end`, with at most `LOOK_BACK` and `LOOK_AHEAD` around it."""
    found: list[Found] = []
    for pattern, label, judge in _PASSES:
        spans = [judge(match) for match in pattern.finditer(text, begin, end)]
        new = [(*span, label) for span in spans if span is not None]
        text = taken_out(text, new)
        found += new
    return found


def taken_out(text: str, found: Sequence[Found]) -> str:
    if not found:
        return text
    pieces: list[str] = []
    end = 0
    for first, after, _ in found:
        pieces += (text[end:first], GONE * (after - first))
        end = after
    return "".join((*pieces, text[end:]))


def _card_span(match: re.Match[str]) -> _Span | None:
    written = match[0]
    return match.span() if len(written) <= _MOST_CARD_DIGITS * 4 and _is_card(written) else None


def _is_card(written: str) -> bool:
    digits = _NO_DIGIT.sub("", written)
    if not _ISSUED.fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _likely_span(match: re.Match[str]) -> _Span | None:
    text, begin, end = match.string, match.start(), match.end()
    if _AFTER_DOCUMENT.search(text, max(0, begin - LOOK_BACK), begin) and not _BEFORE_CALLED.match(text, end):
        return None
    return match.span() if match["ten"] is None else _span_of_ten(match)


def _span_of_ten(match: re.Match[str]) -> _Span | None:
    """The first groups that come to ten digits, where those can be dialed in North America."""
    digits = ""
    for group in _DIGITS.finditer(match.string, *match.span()):
        digits += group[0]
        if len(digits) >= _NATIONAL:
            dialed = len(digits) == _NATIONAL and digits[3] >= "2"
            return (match.start(), group.end()) if dialed and not _DATE.search(match[0]) else None
    return None


def _dialed_span(match: re.Match[str]) -> _Span | None:
    digits = _NO_DIGIT.sub("", match[0])
    if not _FEWEST_DIALED <= len(digits) <= _MOST_DIGITS or _DATE.match(match[0]):
        return None
    before = max(0, match.start() - LOOK_BACK)
    return match.span() if _AFTER_DIALED.search(match.string, before, match.start()) else None


_PASSES: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], _Span | None]], ...] = (
    (_CARD, CARD, _card_span),
    (_CARD_RUN, CARD, _card_span),
    (_CERTAIN, PHONE, lambda match: match.span()),
    (_LIKELY, PHONE, _likely_span),
    (_DIALED_NUMBER, PHONE, _dialed_span),
)


class PlainText(NamedTuple):
    """`text` in plain writing; `places` says for each of its characters where it comes from, None: where it stands."""

    text: str
    places: list[int] | None

    def place(self, index: int, length: int) -> int:
        """Where in the original, of that `length`, the plain text's `index` lies; marks belong to what they follow."""
        if self.places is None:
            return index
        return self.places[index] if index < len(self.places) else length


def plain(text: str) -> PlainText:
    """Digits of any script in ASCII, spaces and dashes as the common ones, marks on characters left out."""
    if text.isascii():
        return PlainText(text, None)
    written = {ord(each): _plainly(each) for each in set(text) if each > "\x7f"}
    plainly = text.translate(written)
    if len(plainly) == len(text):
        return PlainText(plainly, None)
    return PlainText(plainly, [place for place, each in enumerate(text) if written.get(ord(each), each)])


@lru_cache(maxsize=4096)
def _plainly(character: str) -> str:
    """One character for it, or none for a mark."""
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
    # Full-width signs stand for ASCII ones.
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character
