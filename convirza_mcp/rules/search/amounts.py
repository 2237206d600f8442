"""Amounts of money and other numbers with separators: `3753` finds "$3,753", and `1,943.50` finds "1943.50"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from convirza_mcp.rules.search.index import Searched
from convirza_mcp.text.fold import Span

_CURRENCIES = {"$": r"\$|usd|dollars?|bucks", "€": "€|eur|euros?", "£": "£|gbp|pounds?", "¥": "¥|jpy|yen"}
_SIGNS = "".join(_CURRENCIES)
_GROUPED = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+|(?:'[0-9]{3})+)"
_AMOUNT = re.compile(
    rf"(?P<sign>[{_SIGNS}])?(?P<whole>{_GROUPED}|[0-9]+)(?:[.,](?P<cents>[0-9]{{1,2}}))?(?P<sign_after>[{_SIGNS}])?"
)
_NUMBER = re.compile(rf"(?:{_GROUPED}|[0-9]+)(?:[.,][0-9]+)?")
_SEPARATOR = r"(?:[,.'](?=[0-9]{3}(?![0-9])))?"
_FEWEST_WITHOUT_SIGN = 3
"""Digits of an amount that is found where no currency stands beside it: `$50` finds no "room 50"."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it was typed, or the same one with other separators."""

    typed: str
    pattern: re.Pattern[str]
    last: str
    """The last digit before the cents: in a text without it there is no need to look closer."""
    is_exact: bool
    """Whether it was written with separators, cents or a currency, as no telephone number is."""

    @classmethod
    def read(cls, word: str) -> Self | None:
        """Return the amount that a folded word is, or None."""
        found = _AMOUNT.fullmatch(word)
        if found is None:
            return None
        digits = re.sub("[^0-9]", "", found["whole"])
        number, cents = _SEPARATOR.join(digits), found["cents"]
        if cents:
            rest = cents.rstrip("0")
            number += (rf"[.,]{rest}0?" if rest else r"(?:[.,]0{1,2})?(?![.,][0-9])") + "(?![0-9])"
        sign = found["sign"] or found["sign_after"]
        if sign:
            names = _CURRENCIES[sign]
            alone = rf"|(?<![0-9.,]){number}(?![.,]?[0-9])" if len(digits) >= _FEWEST_WITHOUT_SIGN else ""
            number = rf"(?:{names})\s?{number}|{number}\s?(?:{names})(?!\w){alone}"
        is_exact = bool(sign or cents) or "," in word or "'" in word
        return cls(word, re.compile(number), digits[-1], is_exact)

    def is_in(self, searched: Searched) -> bool:
        if self.typed in searched.message or self.typed in searched.name:
            return True
        return self.last in searched.message and next(self._written(searched.message), None) is not None

    def spans(self, folded: str) -> Iterator[Span]:
        place = folded.find(self.typed)
        while place >= 0:
            yield place, place + len(self.typed)
            place = folded.find(self.typed, place + len(self.typed))
        yield from self._written(folded)

    def first(self, folded: str) -> Span | None:
        return min(self.spans(folded), default=None)

    def _written(self, folded: str) -> Iterator[Span]:
        for found in self.pattern.finditer(folded):
            if not any(each in found[0] for each in ",.'") or _is_one_number(folded, *found.span()):
                yield found.span()


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
    return _NUMBER.fullmatch(text[first:after].strip(",.'")) is not None
