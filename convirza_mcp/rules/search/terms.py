"""Terms of a search query: words, phrases, amounts and telephone numbers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from convirza_mcp.rules.search.index import Searched
from convirza_mcp.text.fold import Span
from convirza_mcp.text.graphemes import compiled
from convirza_mcp.text.phone import as_digits, digits_of, is_number_or_part, is_written_as_number, number_pattern

_FEWEST_DIGITS = 3
"""With fewer, nearly every phone number would be a hit."""

_WHOLE_NUMBER = range(7, 16)
"""Number of digits of a telephone number; adjacent words with so many digits in total may be one."""

_FRACTION = re.compile(r"(?<=[0-9]{7})\.0+\Z")

# Scripts up to those of South Asia separate words by spaces. From Thai on most do not, so a phrase has no word edges to
# check there.
_DIVIDED = r"(?=[^\W_])[\0-\u0dff]"

# Amounts of money and other numbers with separators: `3753` finds "$3,753", and `1,943.50` finds "1943.50".
_CURRENCIES = {
    "$": r"\$|usd|dollars?|bucks",
    "€": "€|eur|euros?",
    "£": "£|gbp|pounds?",
    "¥": "¥|jpy|yen",
    "₹": "₹|inr|rupees?",
}
_SIGNS = "".join(_CURRENCIES)
_ANY_CURRENCY = "|".join(_CURRENCIES.values())
_GROUPED = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+|(?:'[0-9]{3})+)"
_IN_LAKHS = "[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"
_AMOUNT = (
    rf"(?P<sign>[{_SIGNS}])?(?P<whole>{_GROUPED}|{_IN_LAKHS}|[0-9]+)(?:[.,](?P<cents>[0-9]{{1,2}}))?"
    rf"(?P<sign_after>[{_SIGNS}])?"
)
_NUMBER = rf"(?:{_GROUPED}|[0-9]+)(?:[.,][0-9]+)?"
_SEPARATOR = r"(?:[,.'](?=[0-9]{3}(?![0-9])))?"
_FEWEST_WITHOUT_SIGN = 3
"""Minimum digits of an amount to find without a currency beside it: `$50` does not find "room 50"."""


class Term(Protocol):
    """Term of a query: words of text to find."""

    @property
    def clue(self) -> str:
        """A part of every text that has it; if the part is digits, then with anything between them."""

    @property
    def is_its_clue(self) -> bool:
        """Whether each text with the clue has it."""

    def is_in(self, row: Searched) -> bool: ...

    def spans(self, folded: str) -> Iterator[Span]:
        """Return its spans in a folded text."""


@dataclass(frozen=True, slots=True)
class Word:
    """Word, which also matches parts of words: "refund" finds "refunded"."""

    clue: str

    @property
    def is_its_clue(self) -> bool:
        return not self.clue.isdecimal()

    def is_in(self, row: Searched) -> bool:
        # A few digits are in nearly every number.
        texts = row.texts if self.is_its_clue else (row.message, row.name)
        return any(self.clue in text for text in texts)

    def spans(self, folded: str) -> Iterator[Span]:
        return _places(self.clue, folded)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words, the first and the last of them whole."""

    clue: str
    """The longest word."""
    pattern: re.Pattern[str]

    is_its_clue: ClassVar = False

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        # Check the character before the phrase after its first character, so that `re` can skip to that one.
        first = re.escape(words[0][0])
        before = rf"{first}(?<!{_DIVIDED}{first})" if re.match(_DIVIDED, words[0]) else first
        after = rf"(?!{_DIVIDED})" if re.match(_DIVIDED, words[-1][-1]) else ""
        return cls(
            max(words, key=len), re.compile(before + r"\s+".join(map(re.escape, (words[0][1:], *words[1:]))) + after)
        )

    def is_in(self, row: Searched) -> bool:
        return any(map(self.pattern.search, row.texts))

    def spans(self, folded: str) -> Iterator[Span]:
        return (found.span() for found in self.pattern.finditer(folded))


@dataclass(frozen=True, slots=True)
class Amount:
    """Amount as typed, or the same amount with other separators."""

    typed: str
    digits: str
    """Its digits before the cents."""
    pattern: re.Pattern[str]
    others: tuple[tuple[str, re.Pattern[str]], ...]
    """Writings that are an amount only as a whole: a part that each has, with its pattern."""
    is_exact: bool
    """Whether it has separators, cents or a currency, so that it cannot be a telephone number."""

    is_its_clue: ClassVar = False

    @classmethod
    def read(cls, word: str) -> Self | None:
        """Return the folded word as an amount; None if it is not one."""
        found = compiled(_AMOUNT).fullmatch(word)
        if found is None:
            return None
        digits = re.sub("[^0-9]", "", found["whole"])
        number, cents, after = _SEPARATOR.join(digits), found["cents"], ""
        if cents:
            rest = cents.rstrip("0")
            after = (rf"[.,]{rest}0?" if rest else r"(?:[.,]0{1,2})?(?![.,][0-9])") + "(?![0-9])"
            number += after
        sign = found["sign"] or found["sign_after"]
        others = _other_writings(digits, after or r"(?:[.,][0-9]{1,2})?", _CURRENCIES[sign] if sign else _ANY_CURRENCY)
        if sign:
            names = _CURRENCIES[sign]
            alone = rf"|(?<![0-9.,]){number}(?![.,]?[0-9])" if len(digits) >= _FEWEST_WITHOUT_SIGN else ""
            number = rf"(?:{names})\s?{number}|{number}\s?(?:{names})(?!\w){alone}"
        is_exact = bool(sign or cents) or "," in word or "'" in word
        return cls(word, digits, re.compile(number), others, is_exact)

    @property
    def clue(self) -> str:
        return self.digits

    def is_in(self, row: Searched) -> bool:
        return self.typed in row.message or self.typed in row.name or next(self._written(row.message), None) is not None

    def spans(self, folded: str) -> Iterator[Span]:
        yield from _places(self.typed, folded)
        yield from self._written(folded)

    def _written(self, folded: str) -> Iterator[Span]:
        for found in self.pattern.finditer(folded):
            if not any(each in found[0] for each in ",.'") or _is_one_number(folded, *found.span()):
                yield found.span()
        for part, pattern in self.others:
            if part in folded:
                yield from (found.span() for found in pattern.finditer(folded))


@dataclass(frozen=True, slots=True)
class Number:
    """Digits, which match a number in any format, or the typed words literally."""

    digits: str
    clue: str
    typed: tuple[Term, ...]
    written: re.Pattern[str] | None
    """Pattern that finds it in a message, if it can be a whole telephone number."""

    is_its_clue: ClassVar = False

    @classmethod
    def of(cls, digits: str, last: str, *typed: Term) -> Self:
        return cls(digits, _end(last), typed, number_pattern(digits) if len(digits) in _WHOLE_NUMBER else None)

    def is_in(self, row: Searched) -> bool:
        if is_number_or_part(self.digits, row.source) or is_number_or_part(self.digits, row.line):
            return True
        if self.written is not None and self.written.search(row.message) is not None:
            return True
        return all(term.is_in(row) for term in self.typed)

    def spans(self, folded: str) -> Iterator[Span]:
        if self.written is not None:
            yield from (found.span() for found in self.written.finditer(folded))
        for term in self.typed:
            yield from term.spans(folded)


def quoted_term(words: Sequence[str]) -> Term:
    phrase = Phrase.of(words)
    digits = as_digits(words) if all(map(is_written_as_number, words)) else ""
    return Number.of(digits, words[-1], phrase) if len(digits) >= _FEWEST_DIGITS else phrase


def word_terms(words: Sequence[str]) -> Iterator[Term]:
    """Return the terms of unquoted words; adjacent words of digits may be one number."""
    numbers: list[str] = []
    for word in _with_signs(words):
        # A program may write a number with a fraction: 13805550112.0.
        word = _FRACTION.sub("", word)
        if is_written_as_number(word):
            numbers.append(word)
            continue
        yield from _number_terms(numbers)
        numbers = []
        yield Amount.read(word) or Word(word)
    yield from _number_terms(numbers)


def _with_signs(words: Sequence[str]) -> Iterator[str]:
    """Return the words with a currency beside an amount as its sign: `3753 dollars` and `USD 3753` find "$3,753"."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        for amount, currency in ((word, rest[:1]), (rest[0] if rest else "", [word])):
            sign = _sign_of(currency[0]) if currency else None
            if sign and compiled(_AMOUNT).fullmatch(amount) and amount.strip(_SIGNS) == amount:
                del rest[0]
                word = sign + amount
                break
        else:
            glued = re.fullmatch(r"([a-z]{3})([0-9].*)", word)
            if glued and (sign := _sign_of(glued[1])) and compiled(_AMOUNT).fullmatch(glued[2]):
                word = sign + glued[2]
        yield word


def _sign_of(word: str) -> str | None:
    return next((sign for sign, names in _CURRENCIES.items() if word != sign and re.fullmatch(names, word)), None)


def _other_writings(digits: str, cents: str, currency: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return patterns for "3 753 €", which needs its currency, and "1,00,000"."""
    found: list[tuple[str, re.Pattern[str]]] = []
    if len(digits) > 3:
        spaced = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+\Z)", " ", digits)
        written = rf"(?<![0-9.,])(?<![0-9] ){spaced}(?! ?[0-9]){cents}"
        found.append((spaced, re.compile(rf"(?:{currency})\s?{written}|{written}\s?(?:{currency})(?!\w)")))
    if len(digits) > 5:
        lakhs = re.sub(r"(?<=[0-9])(?=(?:[0-9]{2})+\Z)", ",", digits[:-3]) + "," + digits[-3:]
        found.append((lakhs, re.compile(rf"(?<![0-9.,]){lakhs}(?!,?[0-9]){cents}")))
    return tuple(found)


def _number_terms(words: Sequence[str]) -> Iterator[Term]:
    singles = tuple(map(_single_term, words))
    digits = as_digits(words)
    if len(words) > 1 and len(digits) in _WHOLE_NUMBER:
        yield Number.of(digits, words[-1], *singles)
    else:
        yield from singles


def _end(word: str) -> str:
    """Return the last digits of a word of a number, which a text with the number has in any format."""
    if any(each.isdecimal() and not each.isascii() for each in word):
        return ""
    amount = Amount.read(word)
    return (digits_of(word.rpartition("(0)")[2]) if amount is None else amount.digits)[-_FEWEST_DIGITS:]


def _single_term(word: str) -> Term:
    digits, amount = as_digits([word]), Amount.read(word)
    if amount is not None and (amount.is_exact or len(digits) < _FEWEST_DIGITS):
        return amount if amount.is_exact else Word(word)
    return Number.of(digits, word, amount or Word(word)) if len(digits) >= _FEWEST_DIGITS else Word(word)


def _is_one_number(text: str, first: int, after: int) -> bool:
    """Return whether the separators of a hit are a number's own: "rooms 1,2,345" holds no 2345."""
    while not text[first].isdecimal():
        first += 1
    while not text[after - 1].isdecimal():
        after -= 1
    while first and (text[first - 1].isdecimal() or text[first - 1] in ",.'"):
        first -= 1
    while after < len(text) and (text[after].isdecimal() or text[after] in ",.'"):
        after += 1
    return compiled(_NUMBER).fullmatch(text[first:after].strip(",.'")) is not None


def _places(part: str, folded: str) -> Iterator[Span]:
    return (found.span() for found in re.finditer(re.escape(part), folded))
