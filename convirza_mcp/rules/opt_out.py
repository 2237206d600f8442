"""Messages that ask the business to stop texting."""

import re

from convirza_mcp.privacy.number_forms import PHONE
from convirza_mcp.rules.opt_out_phrases import KEYWORDS, pattern
from convirza_mcp.rules.reactions import is_reaction
from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold

ASKED = "asked to stop"
"""The whole message is an opt-out keyword, or a request to stop and nothing else."""

MAY_HAVE_ASKED = "may have asked to stop"
"""A part of the message asks to stop, or a keyword stands beside a courtesy that gives it a second meaning."""

_LONGEST = 1_000
"""Characters that are read of a message, apart from what surrounds its words."""

_SIGNATURE = re.compile(
    r"\b(?:sent (?:from|via|using) (?:my |the )?(?:\w+ )?(?:iphone|ipad|android|galaxy|samsung|mobile|phone|cell|"
    r"device|tablet|outlook|mail|yahoo|aol|gmail|verizon|t-mobile|at&t)|get outlook for|"
    r"enviado (?:desde|de) (?:mi|outlook|yahoo)|envoye de mon)\b.*",
    re.DOTALL,
)
_SPACES = re.compile(r"[^\S\n]+")
_BETWEEN_CLAUSES = re.compile(r"\s-+\s|[^\w\s'&-]+|\n+")
_NOT_IN_WORDS = re.compile(r"[\W_]+")


def stop_request(message: str | None) -> str | None:
    """Return `ASKED`, `MAY_HAVE_ASKED`, or None for a message that asks for neither.

    Case, accents, punctuation, emoji and signature lines do not matter. A reaction that quotes an opt-out hint asks
    for nothing. None says nothing about the messages before the latest.
    """
    text = _SPACES.sub(" ", message or "").strip()
    if len(text) > _LONGEST:
        text = _without_edges(text)
    if not text or is_reaction(text):
        return None
    is_whole = len(text) <= _LONGEST
    text = _SIGNATURE.sub("", fold(clean(text[:_LONGEST])))
    if is_whole and _NOT_IN_WORDS.sub("", text) in KEYWORDS:
        return ASKED
    # The latest message may be the business's own: "Reply STOP to opt out".
    text = pattern("hint").sub(" . ", text).replace(PHONE, "phone")
    clauses = [_words(each) for each in _BETWEEN_CLAUSES.split(text)]
    if not is_whole:
        # Cut off, it may have lost what it says.
        clauses.pop()
    others = [each for each in clauses if not _asks(each)]
    if len(others) < len(clauses):
        return ASKED if is_whole and set(others) <= {"", "no"} else MAY_HAVE_ASKED
    whole = " ".join(filter(None, clauses))
    if is_whole and pattern("weak").fullmatch(whole):
        return MAY_HAVE_ASKED
    asks_of_calls = pattern("calls").search(whole) and not pattern("texts").search(whole)
    return MAY_HAVE_ASKED if asks_of_calls else None


def _words(clause: str) -> str:
    """Return the words with single spaces, without apostrophes, hyphens, and courtesies at either end."""
    words = " ".join(clause.replace("'", "").replace("-", " ").split())
    return pattern("courtesy").sub("", f" {words} ").strip()


def _asks(clause: str) -> bool:
    if pattern("keyword").fullmatch(clause):
        return True
    found = pattern("requests").search(clause)
    return found is not None and not pattern("not a request").search(clause[: found.start()])


def _without_edges(text: str) -> str:
    """Return the text from its first letter or digit to its last."""
    first, after = 0, len(text)
    while first < after and not text[first].isalnum():
        first += 1
    while first < after and not text[after - 1].isalnum():
        after -= 1
    return text[first:after]
