"""Phone numbers, e-mail addresses and card numbers inside text, taken out of it.

Clean text goes in (`safe_text.clean`): a hidden character between two digits would otherwise keep a number from being
seen. Passes run one after the other, each over what the ones before have left: addresses, cards, phone numbers by
their form, phone numbers by the word before them. The contact's own number has a pass of its own over the whole text,
however it is grouped.

A form is masked where it is one that telephone numbers have and other numbers hardly: a plus sign, groups of three,
three and four, ten digits that North America can dial, a leading zero with nine or ten digits behind it. Ten bare
digits after "order #" or "invoice" are left. What no pattern sees: numbers in words ("four one five"), with letters
for digits, with words between their groups, of seven digits without a separator or a word such as "call" before them,
and those of most countries without a plus sign or a zero.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from convirza_mcp.privacy.plain_digits import plain

_Span = tuple[int, int]
_Found = tuple[int, int, str]

PHONE, EMAIL, CARD = "[phone]", "[e-mail]", "[card]"

_GONE = "\x00"
"""Stands in for what is masked already: clean text has none, and no pattern matches it."""

LONGEST = 4_000
"""Characters of a text that are masked and kept: twice what is shown anywhere, and more than a text message has."""
_BEYOND = 320
"""Characters after those that may end a number or an address which begins before."""
_CUT_OFF = "\N{HORIZONTAL ELLIPSIS}"

_FEWEST_OWN = 7
_OWN_GAP = 10
"""Characters between two digits of the contact's own number, at most: anything but letters and digits."""
_NATIONAL = 10
_MOST_DIGITS = 15
_MOST_CARD_DIGITS = 19

_SEPARATOR = r"[\s.\-/()_*]"
_RUN = re.compile(rf"(?:[+(]{_SEPARATOR}{{0,3}})?[0-9](?:{_SEPARATOR}{{0,5}}[0-9]){{6,}}+")
"""What a number can stand in: digits, at least seven, with no more between two of them than a number has."""

_SEVEN_DIGITS = re.compile(rf"[0-9](?:{_SEPARATOR}{{0,5}}[0-9]){{6}}")
# The same before anything is written plainly: digits of every kind, and between them anything but letters.
_ANY_DIGIT = (
    r"[\d\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd"
    r"\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]"
)
_SEVEN_OF_ANY = re.compile(rf"{_ANY_DIGIT}(?:[\W_]{{0,40}}{_ANY_DIGIT}){{6}}")
_OTHER_ATS = "\uff20\ufe6b"

_LOCAL = r"\w.+%'-"
# A space beside the sign is a slip in an address, or no address ("see you @ corner.Bring"): the mailbox's host decides.
_MAIL_HOST = (
    r"(?:g(?:oogle)?mail|yahoo|hotmail|outlook|icloud|aol|live|msn|ymail|proton(?:mail)?|comcast|gmx)"
    r"\.(?:com?|net|org|me|de|fr|es|it|ca)\b"
)
_EMAIL = re.compile(
    rf"(?<![{_LOCAL}])[{_LOCAL}]++(?:@(?:[\w-]+\.)+[^\W\d_][\w-]+|(?: @ ?|@ ){_MAIL_HOST}(?:\.[a-z]{{2}}\b)?)",
    re.IGNORECASE,
)

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
_PLUS = (
    rf"\+{_SEPARATOR}{{0,2}}(?:1(?:{_SEPARATOR}{{0,3}}[0-9]){{10}}(?![0-9])|[1-9](?:{_SEPARATOR}{{0,3}}[0-9]){{6,14}})"
)
_EXIT_CODE = rf"(?<![0-9:.,])(?:00|011){_SEPARATOR}?[1-9](?:{_SEPARATOR}{{0,2}}[0-9]){{7,13}}"
_THREE_THREE_FOUR = (
    rf"(?:1{_SEPARATOR}{{0,3}})?[0-9]{{3}}(?:{_SEPARATOR}{{0,2}}[.\-/()_*]{_SEPARATOR}{{0,2}})"
    rf"[0-9]{{3}}{_SEPARATOR}{{1,3}}[0-9]{{4}}"
)
_AREA_IN_PARENTHESES = (
    rf"(?:1{_SEPARATOR}{{0,3}})?\([0-9]{{3}}\){_SEPARATOR}{{0,2}}[0-9]{{3}}{_SEPARATOR}{{0,3}}[0-9]{{4}}"
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

_COUNTED = (
    r"order|invoice|inv|ref|reference|tracking|track|confirmation|conf|ticket|case|claim|policy|account|acct|po|item"
    r"|sku|upc|isbn|ean|serial|vin|model|part|code|pin|id|quote|estimate|job|booking|reservation|permit|transaction"
    r"|shipment|package|parcel|voucher|coupon|gift card|contract|file|receipt|batch|lot|member(?:ship)?|customer"
)
_AFTER_COUNTED = re.compile(
    rf"(?:\b(?:{_COUNTED})(?: (?:number|num|no|nr|code|id))?[ .:#=]{{0,3}}(?:is |was )?#?"
    r"|(?<!phone )(?<!cell )(?<!tel )#"
    # The parcels of one carrier.
    r"|\b1Z[0-9A-Z]{1,6})\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 60

_DIALLED = r"call|text|txt|tel|telephone|phone|ph|cell|mobile|mob|fax|whatsapp|dial|ring|landline|hotline|helpline"
_FILLER = (
    r"me|us|him|her|them|back|now|at|on|is|to|the|our|my|your|this|number|num|no|nr|free|freephone|land|line|mobile"
    r"|phone|cell|or|text|anytime|please|pls|directly|direct|from"
)
_AFTER_DIALLED = re.compile(
    rf"\b(?:{_DIALLED}|(?:my|our|his|her|their|contact) (?:number|no|nr))(?:[ ,.:#=\-]{{1,3}}(?:{_FILLER})\b){{0,4}}"
    r"[ ,.:#=(\-]{1,4}\Z",
    re.IGNORECASE,
)
_DIALLED_NUMBER = re.compile(
    r"(?<![0-9])(?:[0-9]{7,15}|[0-9]{2,5}(?:[ .\-/]{1,2}[0-9]{2,7}){1,4})(?![0-9])",
)
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}(?P<a>[.\-/])[0-9]{1,2}(?P=a)[0-9]{1,2}"
    r"|[0-9]{1,2}(?P<b>[.\-/])[0-9]{1,2}(?P=b)(?:[0-9]{2}){1,2})"
    r"(?![0-9])"
)

_NO_DIGIT = re.compile(r"[^0-9]+")
_DIGIT = re.compile(r"[0-9]")
_DIGITS = re.compile(r"[0-9]+")


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


def _found_in(text: str, own_number: str) -> list[_Found]:
    """What to mask in the text as it stands there, in order and apart."""
    has_own = _may_hold(text, own_number)
    if not has_own and not _is_worth_a_look(text):
        return []
    written = plain(text)
    found = [(*match.span(), EMAIL) for match in _EMAIL.finditer(written.text)] if "@" in written.text else []
    without_addresses = _taken_out(written.text, found)
    for run in _RUN.finditer(without_addresses):
        start = max(0, run.start() - _LOOK_BACK)
        numbers = _numbers_in(without_addresses[start : run.end()], run.start() - start)
        found += [(start + first, start + after, label) for first, after, label in numbers]
    if has_own:
        found += [(*span, PHONE) for span in _spans_of(own_number, without_addresses)]
    return [(written.place(a, len(text)), written.place(b, len(text)), label) for a, b, label in _apart(found)]


def _apart(found: list[_Found]) -> Iterator[_Found]:
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


def _with_labels(text: str, found: Sequence[_Found], length: int) -> str:
    pieces: list[str] = []
    end = 0
    for first, after, label in found:
        pieces += (text[end:first], label)
        end = after
    return "".join((*pieces, text[end:length]))


def _numbers_in(window: str, begin: int) -> list[_Found]:
    """Those in a run of digits, which lies in the window from `begin` on, with what stands before it."""
    found: list[_Found] = []
    for pattern, label, judge in _PASSES:
        spans = [judge(match) for match in pattern.finditer(window, begin)]
        new = [(*span, label) for span in spans if span is not None]
        window = _taken_out(window, new)
        found += new
    return found


def _taken_out(text: str, found: Sequence[_Found]) -> str:
    if not found:
        return text
    pieces: list[str] = []
    end = 0
    for first, after, _ in found:
        pieces += (text[end:first], _GONE * (after - first))
        end = after
    return "".join((*pieces, text[end:]))


def _is_worth_a_look(text: str) -> bool:
    if text.isascii():
        return "@" in text or _SEVEN_DIGITS.search(text) is not None
    return "@" in text or _SEVEN_OF_ANY.search(text) is not None or any(sign in text for sign in _OTHER_ATS)


def _whole_span(match: re.Match[str]) -> _Span | None:
    return match.span()


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
    if _AFTER_COUNTED.search(match.string, max(0, match.start() - _LOOK_BACK), match.start()):
        return None
    return match.span() if match["ten"] is None else _span_of_ten(match)


def _span_of_ten(match: re.Match[str]) -> _Span | None:
    """The first groups that come to ten digits, where those can be dialled in North America."""
    digits = ""
    for group in _DIGITS.finditer(match.string, *match.span()):
        digits += group[0]
        if len(digits) >= _NATIONAL:
            dialled = len(digits) == _NATIONAL and digits[3] >= "2"
            return (match.start(), group.end()) if dialled and not _DATE.search(match[0]) else None
    return None


def _dialled_span(match: re.Match[str]) -> _Span | None:
    digits = _NO_DIGIT.sub("", match[0])
    if not _FEWEST_OWN <= len(digits) <= _MOST_DIGITS or _DATE.match(match[0]):
        return None
    before = max(0, match.start() - _LOOK_BACK)
    return match.span() if _AFTER_DIALLED.search(match.string, before, match.start()) else None


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
    return _own_forms(number)[-1] in _NO_DIGIT.sub("", text)


def _spans_of(number: str, text: str) -> Iterator[_Span]:
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
    return len(between) <= _OWN_GAP and _GONE not in between and not any(map(str.isalpha, between))


_PASSES: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], _Span | None]], ...] = (
    (_CARD, CARD, _card_span),
    (_CARD_RUN, CARD, _card_span),
    (_CERTAIN, PHONE, _whole_span),
    (_LIKELY, PHONE, _likely_span),
    (_DIALLED_NUMBER, PHONE, _dialled_span),
)
