"""Search what Convirza cannot: the words of each conversation's latest message, with its contact and numbers.

Operators of other search engines are refused: as a word, `-charged` would find exactly what the user wants to exclude.
Quoted text is literal.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.place import sort_key
from convirza_mcp.rules.search.index import SearchedTexts
from convirza_mcp.rules.search.terms import Number, Term, quoted_term, word_terms
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import ELLIPSIS, clean, clip
from convirza_mcp.text.fold import Span, fold, folded_with_places, on_one_line, place_of, whole_graphemes
from convirza_mcp.text.graphemes import next_boundary
from convirza_mcp.text.phone import digits_of, is_number_or_part, without_scheme

SNIPPET_LENGTH = 100
"""Length in characters. It fits a search row of at most 60 tokens."""

_LOOKED_AT = 10_000
"""Characters of a message that are searched for a hit to show: six times the longest text message."""

_QUOTED = re.compile(r'"([^"]*)"')
_STRAIGHT = str.maketrans("“”„", '"""')
_AND = re.compile(r'("[^"]*")|(?<=\S)\s+(?:AND|&&)(?=\s+\S)')
_EXCLUDED = re.compile(r'\(*(?:[-–−]+[\w"($€£]|!+[\w"(])')
_FIELD = re.compile(
    r"[-(]*(?:(?:from|to|cc|bcc|subject|body|text|message|name|sender|source|contact|agent|phone|phone_number|number|in|is|"
    r"has|label|status|type|date|since|until|before|after|older|newer|older_than|newer_than|start|end|category):.|"
    r"(?:from|subject):\Z)",
    re.IGNORECASE,
)
_WILDCARD = re.compile(r"\w[*?]\w|[^\W\d_]%[^\W\d_]|\w[~^][0-9.]*\Z")
_NEAR = re.compile(
    r"(?:NEAR|ADJ|AROUND|WITHIN|XOR|OR)(?:/[0-9]+|\([0-9]+\))?|(?i:[wnp]/[0-9]+|(?:near|around|adj)(?:/|\()[0-9]+\)?)"
)
_LIKE_FIELD = re.compile(r"[a-z_]{3,20}(?::(?!//)|[=<>]=?)[\w\"]", re.IGNORECASE)

_HINTS = {
    "exclude": "It cannot exclude words.",
    "alternative": "Search once for each alternative.",
    "field": "Give the word alone; `agent`, `phone_number`, `start` and `end` are arguments.",
    "wildcard": "Leave wildcards out: parts of words count.",
}


class Excerpt(NamedTuple):
    """Clean one-line text with the span of its hit in whole graphemes; None without a hit."""

    text: str
    hit: Span | None

    def cut(self, length: int = SNIPPET_LENGTH) -> str:
        """Return at most `length` characters around the hit, with `…` at cuts; without a hit, the start.

        A hit longer than about half of `length` may lose its end.
        """
        text = self.text
        if len(text) <= length or self.hit is None or self.hit[1] < length:
            return clip(text, length)
        first, after = self.hit
        room = length - 2 * len(ELLIPSIS) - (after - first)
        # A third of the length before the hit, more if the text ends soon after it.
        begin = max(0, min(first - max(room, 0) // 3, len(text) - length + len(ELLIPSIS)))
        begin = min(first, next_boundary(text, begin))
        space = text.find(" ", begin, first)
        if space >= 0:
            begin = space + 1
        # What stood before the cut may have been what gave an invisible character its meaning.
        return ELLIPSIS + clip(clean(text[begin:]), length - len(ELLIPSIS))


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query: every term must occur."""

    terms: tuple[Term, ...]
    note: str | None = None
    """Hint if the caller may have meant something else."""

    @classmethod
    def read(cls, query: str) -> Self:
        """Read the words and the `"quoted phrases"` of a query; an unclosed quote is literal.

        Raise `InvalidArgumentError` for punctuation alone, and for an operator of other searches.
        """
        query = without_scheme(clean(query).translate(_STRAIGHT))
        _refuse_operators(query)
        # AND between words changes nothing: all of them must occur as it is.
        folded = fold(_AND.sub(lambda found: found[1] or "", query))
        phrases = [words for quoted in _QUOTED.findall(folded) if (words := quoted.split()) and _bare(quoted)]
        words = [bare for word in _QUOTED.sub(" ", folded).replace('"', " ").split() if (bare := _bare(word))]
        terms = (*map(quoted_term, phrases), *word_terms(words))
        if not terms:
            takes = '`query` takes words, numbers or a "quoted phrase", not punctuation alone.'
            raise InvalidArgumentError("query", takes)
        return cls(terms, _operator_note(query))

    def hits(self, text: str) -> list[Span]:
        """Return the spans of the terms in a clean text, in order, in whole graphemes; they may overlap."""
        folded, places = folded_with_places(text)
        spans = {span for term in self.terms for span in term.spans(folded)}
        return sorted(whole_graphemes(text, places[first], places[after - 1]) for first, after in spans)

    def is_number(self, number: str | None) -> bool:
        """Return whether one of the terms is this number, or a part of it."""
        digits = digits_of(number)
        return any(isinstance(term, Number) and is_number_or_part(term.digits, digits) for term in self.terms)

    def excerpt(self, message: str) -> Excerpt:
        """Return the message, clean and on one line, with its first hit; a very long one is cut."""
        text = on_one_line(message[:_LOOKED_AT])
        folded = fold(text)
        hit = min((span for term in self.terms for span in term.spans(folded)), default=None)
        if hit is not None:
            hit = whole_graphemes(text, place_of(text, hit[0]), place_of(text, hit[1] - 1))
        return Excerpt(text + ELLIPSIS if len(message) > _LOOKED_AT else text, hit)


EVERYTHING = TextQuery(())
"""Query without words: it matches every conversation, and has no hits."""


def found(seen: Sequence[Seen], query: TextQuery, texts: SearchedTexts) -> list[Seen]:
    """Return the matching conversations, in the given order."""
    if not seen:
        return []
    block = texts.of(seen)
    places = set(range(len(seen))).intersection(*(block.places(term.clue) for term in query.terms))
    unsure = [term for term in query.terms if not term.is_its_clue]
    if unsure:
        places = {place for place, row in block.rows(places) if all(term.is_in(row) for term in unsure)}
    return [seen[place] for place in sorted(places)]


def newest_first(seen: Iterable[Seen]) -> list[Seen]:
    """Sort by the latest message's time, newest first; without one last."""
    return sorted(seen, key=lambda each: sort_key(each.conversation), reverse=True)


def _bare(word: str) -> str:
    """Return the word without surrounding punctuation."""
    return word.strip("".join(filter(_is_punctuation, set(word))))


def _is_punctuation(character: str) -> bool:
    kind = unicodedata.category(character)
    # Search emoji and currency signs; treat ASCII's other symbols as punctuation.
    return kind[0] == "P" or (character.isascii() and kind in ("Sm", "Sk"))


def _refuse_operators(query: str) -> None:
    """Raise `InvalidArgumentError` if a part of the query is an operator in other search engines."""
    words = _QUOTED.sub('""', query).split()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if kind := _operator(before, word, after):
            hint = f'{_HINTS[kind]} To find such text itself, put it in "quotes".'
            raise InvalidArgumentError("query", f"`query` has no operators. {hint}")


def _operator_note(query: str) -> str | None:
    """Return what to say of text that may be meant as an operator or as a word: "or", "and", "not", `title:x`."""
    words = _QUOTED.sub('""', query).split()
    # A capital AND was left out.
    between = {each.lower() for each in words[1:-1] if each != "AND"}
    if "or" in between:
        return 'All words must occur, "or" too. For alternatives, search once for each.'
    if "not" in map(str.lower, words[:-1]):
        return 'All words must occur, "not" too: it excludes nothing.'
    if any(map(_LIKE_FIELD.match, words)):
        return "There are no fields: a word with : or = is searched as it is."
    return 'All words must occur, "and" too; it can be left out.' if "and" in between else None


def _operator(before: str, word: str, after: str) -> str | None:
    bare = word.strip("()")
    if "|" in word or (before and after and _NEAR.fullmatch(bare or word)):
        return "alternative"
    if bare == "NOT" and after:
        return "exclude"
    # A number may be written in groups: "801 -555 -0143".
    if _EXCLUDED.match(word) and not (before[-1:].isdigit() and word.lstrip("-–−")[:1].isdigit()):
        return "exclude"
    if _FIELD.match(word):
        return "field"
    # "f**k" and an address with "?" are text.
    is_wildcard = _WILDCARD.search(word) and "**" not in word and "/" not in word
    return "wildcard" if is_wildcard else None
