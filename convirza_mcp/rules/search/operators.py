"""Operators of other searches, which this search does not have.

They are refused: read as a word, `-charged` would find exactly what was to be left out. Quoted text is only text.
"""

import re

from convirza_mcp.errors import InvalidArgumentError

_QUOTED = re.compile(r'"[^"]*"')
_AND = re.compile(r'("[^"]*")|(?<=\S)\s+(?:AND|&&)(?=\s+\S)')
_EXCLUDED = re.compile(r'\(*(?:[-–−]+[\w"($€£]|!+[\w"(])')
_FIELD = re.compile(
    r"[-(]*(?:(?:from|to|cc|bcc|subject|body|text|message|name|sender|source|contact|agent|phone|phone_number|number|in|is|"
    r"has|label|status|type|date|since|until|before|after|older|newer|older_than|newer_than|start|end|category):.|"
    r"(?:from|subject):\Z)",
    re.IGNORECASE,
)
_WILDCARD = re.compile(r"\w[*?]\w")

_HINTS = {
    "exclude": "It cannot exclude words.",
    "alternative": "Search once for each alternative.",
    "field": "Give the word alone; `agent`, `phone_number`, `start` and `end` are arguments.",
    "wildcard": "Leave wildcards out: parts of words count.",
}


def without_and(query: str) -> str:
    """Return the query without AND between words: all of them must occur as it is."""
    return _AND.sub(lambda found: found[1] or "", query)


def refuse_operators(query: str) -> None:
    """Check that a query asks for words, numbers and quoted phrases only.

    Raises:
        InvalidArgumentError: a part of it is an operator elsewhere.
    """
    words = _QUOTED.sub('""', query).split()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        kind = _operator(before, word, after)
        if kind is not None:
            raise InvalidArgumentError(
                "query", f'`query` has no operators. {_HINTS[kind]} To find such text itself, put it in "quotes".'
            )


def operator_note(query: str) -> str | None:
    """Return what to say of a lower-case "or" or "and", which may be meant as an operator or as a word."""
    words = _QUOTED.sub('""', query).split()[1:-1]
    if "or" in words:
        return 'All words must occur, "or" too. For alternatives, search once for each.'
    return 'All words must occur, "and" too; it can be left out.' if "and" in words else None


def _operator(before: str, word: str, after: str) -> str | None:
    bare = word.strip("()")
    if "|" in word or (bare in ("OR", "XOR", "NEAR") and before and after):
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
