"""The things that a search query asks for: words, phrases, amounts and telephone numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from convirza_mcp.rules.search.amounts import Amount
from convirza_mcp.rules.search.index import Searched
from convirza_mcp.text.fold import Span
from convirza_mcp.text.phone import as_digits, is_number_or_part, is_written_as_number, written_number

_FEWEST_DIGITS = 3
"""With fewer, nearly every phone number would be a hit."""

_WHOLE_NUMBER = range(7, 16)
"""How many digits a telephone number has: words of digits that come to so many together may be one."""

_FRACTION = re.compile(r"(?<=[0-9]{7})\.0+\Z")

# Words are divided by spaces up to the scripts of South Asia; from Thai on mostly not at all, so that there a run of
# words has no edges to look for.
_DIVIDED = r"(?=[^\W_])[\0-\u0dff]"


class Term(Protocol):
    """One of the things that a query asks for."""

    def is_in(self, searched: Searched) -> bool: ...

    def spans(self, folded: str) -> Iterator[Span]:
        """Where it stands in a folded text."""

    def first(self, folded: str) -> Span | None:
        """Where it stands first."""


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a word is enough: "refund" finds "refunded"."""

    text: str

    def is_in(self, searched: Searched) -> bool:
        text = self.text
        if text in searched.message or text in searched.name:
            return True
        senders = searched.senders
        return bool(senders) and not text.isdecimal() and any(text in sender for sender in senders)

    def spans(self, folded: str) -> Iterator[Span]:
        place = folded.find(self.text)
        while place >= 0:
            yield place, place + len(self.text)
            place = folded.find(self.text, place + len(self.text))

    def first(self, folded: str) -> Span | None:
        return next(self.spans(folded), None)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after the other, the first and the last of them whole."""

    longest: str
    """The longest of its words: where that is missing, there is no need to look closer."""
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        # What must not stand before is looked at after the first character, so that `re` can skip to that.
        first = re.escape(words[0][0])
        before = rf"{first}(?<!{_DIVIDED}{first})" if re.match(_DIVIDED, words[0]) else first
        after = rf"(?!{_DIVIDED})" if re.match(_DIVIDED, words[-1][-1]) else ""
        return cls(
            max(words, key=len), re.compile(before + r"\s+".join(map(re.escape, (words[0][1:], *words[1:]))) + after)
        )

    def is_in(self, searched: Searched) -> bool:
        if self._stands_in(searched.message) or self._stands_in(searched.name):
            return True
        senders = searched.senders
        return bool(senders) and any(map(self._stands_in, senders))

    def _stands_in(self, folded: str) -> bool:
        return self.longest in folded and self.pattern.search(folded) is not None

    def spans(self, folded: str) -> Iterator[Span]:
        return (found.span() for found in self.pattern.finditer(folded))

    def first(self, folded: str) -> Span | None:
        return next(self.spans(folded), None)


@dataclass(frozen=True, slots=True)
class Number:
    """Digits, which match a number however either is written, or else what was typed, word for word."""

    digits: str
    typed: tuple[Term, ...]
    written: re.Pattern[str] | None
    """Finds it in a message, where it may be a whole telephone number."""

    @classmethod
    def of(cls, digits: str, *typed: Term) -> Self:
        # A number's last group is its longest, and so the one that most texts lack.
        return cls(digits, typed[::-1], written_number(digits) if len(digits) in _WHOLE_NUMBER else None)

    def is_in(self, searched: Searched) -> bool:
        source, line = searched.source, searched.line
        end, last = self.digits[-_FEWEST_DIGITS:], self.digits[-1]
        if end in source or end in line:
            if is_number_or_part(self.digits, source) or is_number_or_part(self.digits, line):
                return True
        elif last not in searched.message and last not in searched.name and not searched.senders:
            # However a number is written it ends with its last digits: so most conversations are done with.
            return False
        if self.written is not None and self.written.search(searched.message) is not None:
            return True
        return all(term.is_in(searched) for term in self.typed)

    def spans(self, folded: str) -> Iterator[Span]:
        if self.written is not None:
            yield from (found.span() for found in self.written.finditer(folded))
        for term in self.typed:
            yield from term.spans(folded)

    def first(self, folded: str) -> Span | None:
        found = None if self.written is None else self.written.search(folded)
        return first_span([None if found is None else found.span(), *(term.first(folded) for term in self.typed)])


def first_span(spans: Iterable[Span | None]) -> Span | None:
    return min((span for span in spans if span is not None), default=None)


def quoted_term(words: Sequence[str]) -> Term:
    phrase = Phrase.of(words)
    digits = as_digits(words) if all(map(is_written_as_number, words)) else ""
    return Number.of(digits, phrase) if len(digits) >= _FEWEST_DIGITS else phrase


def word_terms(words: Sequence[str]) -> Iterator[Term]:
    """The terms of unquoted words: those written like numbers that stand together may be one number."""
    numbers: list[str] = []
    for word in words:
        # A program may write a number with a fraction: 13805550112.0.
        word = _FRACTION.sub("", word)
        if is_written_as_number(word):
            numbers.append(word)
            continue
        yield from _number_terms(numbers)
        numbers = []
        yield Amount.read(word) or Word(word)
    yield from _number_terms(numbers)


def _number_terms(words: Sequence[str]) -> Iterator[Term]:
    singles = tuple(map(_single_term, words))
    digits = as_digits(words)
    if len(words) > 1 and len(digits) in _WHOLE_NUMBER:
        # The longest first, as it is the likeliest to be missing.
        yield Number.of(
            digits, *(term for _, term in sorted(zip(words, singles, strict=True), key=lambda each: -len(each[0])))
        )
    else:
        yield from singles


def _single_term(word: str) -> Term:
    digits, amount = as_digits([word]), Amount.read(word)
    if amount is not None and (amount.is_exact or len(digits) < _FEWEST_DIGITS):
        return amount if amount.is_exact else Word(word)
    return Number.of(digits, amount or Word(word)) if len(digits) >= _FEWEST_DIGITS else Word(word)
