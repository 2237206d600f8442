"""Searching what Convirza cannot: the words of each conversation's latest message, with its contact and numbers."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.search.excerpts import SNIPPET_LENGTH, Excerpt
from convirza_mcp.rules.search.index import Searched, SearchedTexts
from convirza_mcp.scan.seen import Seen
from convirza_mcp.text.clean import ELLIPSIS, clean
from convirza_mcp.text.fold import Span, fold, folded_with_places, place_of, whole_graphemes
from convirza_mcp.text.phone import as_digits, digits_of, is_written_as_number, same_number, written_number

_FEWEST_DIGITS = 3
"""With fewer, nearly every phone number would be a hit."""

_WHOLE_NUMBER = range(7, 16)
"""How many digits a telephone number has: words of digits that come to so many together may be one."""

_LOOKED_AT = 10_000
"""How many characters of a message are shown a hit from: six times the longest text message."""

_QUOTED = re.compile(r'"([^"]*)"')
# Words are divided by spaces up to the scripts of South Asia; from Thai on mostly not at all, so that there a run of
# words has no edges to look for.
_DIVIDED = r"(?=[^\W_])[\0-\u0dff]"


_NEVER = -math.inf


class _Term(Protocol):
    """One of the things that a query asks for."""

    def is_in(self, searched: Searched) -> bool: ...

    def spans(self, folded: str) -> Iterator[Span]:
        """Where it stands in a folded text."""

    def first(self, folded: str) -> Span | None:
        """Where it stands first."""


@dataclass(frozen=True, slots=True)
class _Word:
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
class _Phrase:
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
class _Number:
    """Digits, which match a number however either is written, or else what was typed, word for word."""

    digits: str
    typed: tuple[_Term, ...]
    written: re.Pattern[str] | None
    """Finds it in a message, where it may be a whole telephone number."""

    @classmethod
    def of(cls, digits: str, *typed: _Term) -> Self:
        # A number's last group is its longest, and so the one that most texts lack.
        return cls(digits, typed[::-1], written_number(digits) if len(digits) in _WHOLE_NUMBER else None)

    def is_in(self, searched: Searched) -> bool:
        source, line = searched.source, searched.line
        end, last = self.digits[-_FEWEST_DIGITS:], self.digits[-1]
        if end in source or end in line:
            if same_number(self.digits, source) or same_number(self.digits, line):
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
        return _first([None if found is None else found.span(), *(term.first(folded) for term in self.typed)])


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What is searched for: every term must occur."""

    terms: tuple[_Term, ...]

    @classmethod
    def read(cls, query: str) -> Self:
        """The words and the `"quoted phrases"` of a query; an unclosed quote is no quote.

        Raises:
            InvalidArgumentError: there is nothing in it but punctuation.
        """
        folded = fold(clean(query))
        phrases = [words for quoted in _QUOTED.findall(folded) if (words := quoted.split()) and _bare(quoted)]
        words = [bare for word in _QUOTED.sub(" ", folded).replace('"', " ").split() if (bare := _bare(word))]
        terms = (*map(_quoted_term, phrases), *_word_terms(words))
        if not terms:
            raise InvalidArgumentError(
                "query", '`query` takes words, numbers or a "quoted phrase", not punctuation alone.'
            )
        return cls(terms)

    def matches(self, conversation: Conversation) -> bool:
        return self.finds(SearchedTexts().of(conversation))

    def finds(self, searched: Searched) -> bool:
        for term in self.terms:  # noqa: SIM110 - a generator for each of 50,000 conversations would take a third longer
            if not term.is_in(searched):
                return False
        return True

    def hits(self, text: str) -> list[Span]:
        """Where the terms stand in a clean text, first things first, in whole graphemes; they may overlap."""
        folded, places = folded_with_places(text)
        spans = {span for term in self.terms for span in term.spans(folded)}
        return sorted(whole_graphemes(text, places[first], places[after - 1]) for first, after in spans)

    def is_number(self, number: str | None) -> bool:
        """Whether one of the terms is this number, or a part of it."""
        digits = digits_of(number)
        return any(isinstance(term, _Number) and same_number(term.digits, digits) for term in self.terms)

    def excerpt(self, message: str) -> Excerpt:
        """The message, clean and on one line, with its first hit; of an endless one the beginning."""
        text = " ".join(clean(message[:_LOOKED_AT]).split())
        folded = fold(text)
        hit = _first(term.first(folded) for term in self.terms)
        if hit is not None:
            hit = whole_graphemes(text, place_of(text, hit[0]), place_of(text, hit[1] - 1))
        return Excerpt(text + ELLIPSIS if len(message) > _LOOKED_AT else text, hit)

    def snippet(self, message: str | None, length: int = SNIPPET_LENGTH) -> str | None:
        """The message, clean and on one line, cut around its first hit; from its start where it has none."""
        return None if message is None else self.excerpt(message).cut(length)


def found(seen: Iterable[Seen], query: TextQuery, texts: SearchedTexts) -> list[Seen]:
    """The conversations that match, in the order given."""
    return [each for each in seen if query.finds(texts.of(each.conversation))]


def newest_first(seen: Iterable[Seen]) -> list[Seen]:
    """By the latest message's time, those without one last."""
    return sorted(seen, key=_age, reverse=True)


def _age(seen: Seen) -> tuple[float, int]:
    # As numbers: two aware times ask their zones each time that they are compared.
    updated = seen.conversation.conversation_updated
    return _NEVER if updated is None else updated.timestamp(), seen.conversation.conversation_id


def _first(spans: Iterable[Span | None]) -> Span | None:
    return min((span for span in spans if span is not None), default=None)


def _bare(word: str) -> str:
    """The word without the punctuation around it."""
    first, after = 0, len(word)
    while first < after and _is_punctuation(word[first]):
        first += 1
    while first < after and _is_punctuation(word[after - 1]):
        after -= 1
    return word[first:after]


def _is_punctuation(character: str) -> bool:
    kind = unicodedata.category(character)
    # Emoji and currency signs are worth searching; ASCII's other symbols are punctuation to who types them.
    return kind[0] == "P" or (character.isascii() and kind in ("Sm", "Sk"))


def _quoted_term(words: Sequence[str]) -> _Term:
    phrase = _Phrase.of(words)
    digits = as_digits(words) if all(map(is_written_as_number, words)) else ""
    return _Number.of(digits, phrase) if len(digits) >= _FEWEST_DIGITS else phrase


def _word_terms(words: Sequence[str]) -> Iterator[_Term]:
    """The terms of unquoted words: those written like numbers that stand together may be one number."""
    numbers: list[str] = []
    for word in words:
        if is_written_as_number(word):
            numbers.append(word)
            continue
        yield from _number_terms(numbers)
        numbers = []
        yield _Word(word)
    yield from _number_terms(numbers)


def _number_terms(words: Sequence[str]) -> Iterator[_Term]:
    singles = tuple(map(_single_term, words))
    digits = as_digits(words)
    if len(words) > 1 and len(digits) in _WHOLE_NUMBER:
        # The longest first, as it is the likeliest to be missing.
        yield _Number.of(
            digits, *(term for _, term in sorted(zip(words, singles, strict=True), key=lambda each: -len(each[0])))
        )
    else:
        yield from singles


def _single_term(word: str) -> _Term:
    digits = as_digits([word])
    return _Number.of(digits, _Word(word)) if len(digits) >= _FEWEST_DIGITS else _Word(word)
