"""Recognize requests to stop texting, and reactions (tapbacks) sent as texts. Their phrases are in `phrases.ini`."""

import re
from pathlib import Path

from convirza_mcp.privacy.number_forms import PHONE
from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold
from convirza_mcp.text.named_patterns import NamedPatterns

_PATTERNS = NamedPatterns(Path(__file__).with_name("phrases.ini"))

ASKED = "asked to stop"
"""The whole message is an opt-out keyword, or a request to stop and nothing else."""

MAY_HAVE_ASKED = "may have asked to stop"
"""A part of the message asks to stop, or a keyword comes with a courtesy that gives it a second meaning."""

REACTION = "only a reaction"

_LANGUAGES = ("REQUEST", "PETICION")
"""The requests in English and in Spanish; each is compiled when a message has one of its stems."""

_LONGEST = 1_000
"""Maximum characters of a message to read, without punctuation around its words."""

_LONGEST_WEAK = 200
"""Maximum characters of a keyword that has a second meaning, with its courtesies."""

_LONGEST_REACTION = 4_000
"""Maximum characters to read; a quote cut off there still counts as quoted."""

_QUOTES = str.maketrans("“”«»", "⟨⟩⟨⟩")
"""Folding makes curly quotes straight, which hides which of them open and close."""

_SIGNATURE = re.compile(
    r"\b(?:sent (?:from|via|using) (?:my |the )?(?:\w+ )?(?:iphone|ipad|android|galaxy|samsung|mobile|phone|cell|"
    r"device|tablet|outlook|mail|yahoo|aol|gmail|verizon|t-mobile|at&t)|get outlook for|"
    r"enviado (?:desde|de) (?:mi|outlook|yahoo)|envoye de mon)\b.*",
    re.DOTALL,
)
_WITHOUT_EDGES = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)
"""From the first letter or digit to the last."""
_SPACES = re.compile(r"[^\S\n]+")
_BETWEEN_CLAUSES = re.compile(r"\s-+\s|[^\w\s'&-]+|\n+")
_NOT_IN_WORDS = re.compile(r"[\W_]+")
_FEW_LETTERS = re.compile(r"(?:[\W_]*+[^\W_]){0,24}+[\W_]*")
"""A line that may be a keyword."""
_NUMBER_SIGN = re.compile(r"(?<=\bmy )#(?!\w)|(?<=\bthis )#(?!\w)")


def stop_request(message: str | None) -> str | None:
    """Return `ASKED`, `MAY_HAVE_ASKED`, or None for a message that asks for neither.

    Case, accents, punctuation, emoji and signature lines do not matter. A reaction that quotes an opt-out hint asks
    for nothing. None says nothing about the messages before the latest.
    """
    if not message or (len(message) <= _LONGEST and not _may_ask(fold(clean(message)))):
        return None
    text = _SPACES.sub(" ", message).strip()
    if len(text) > _LONGEST:
        found = _WITHOUT_EDGES.search(text)
        text = "" if found is None else found[0]
    if not text or is_reaction(text):
        return None
    is_whole = len(text) <= _LONGEST
    text = _SIGNATURE.sub("", fold(clean(text[:_LONGEST])))
    word = _NOT_IN_WORDS.sub("", text)
    # "STOPPP" is a keyword too.
    if is_whole and any(map(_PATTERNS["GATEWAY_KEYWORD"].fullmatch, (word, word.rstrip(word[-1:]) + word[-1:]))):
        return ASKED
    # The latest message may be from the business: "Reply STOP to opt out".
    text = _PATTERNS["HINT"].sub(" . ", text).replace(PHONE, "phone")
    clauses = _BETWEEN_CLAUSES.split(_NUMBER_SIGN.sub("number", text) if "#" in text else text)
    if not is_whole:
        # A cut message may have lost its meaning.
        clauses.pop()
    others = [each for each in clauses if not _asks(each)]
    if len(others) < len(clauses):
        return ASKED if is_whole and {*map(_words, others)} <= {"", "no"} else MAY_HAVE_ASKED
    if len(text) > _LONGEST_WEAK and "call" not in text:
        return None
    whole = " ".join(filter(None, map(_words, clauses)))
    if is_whole and _PATTERNS["WEAK"].fullmatch(whole):
        return MAY_HAVE_ASKED
    asks_of_calls = _PATTERNS["ABOUT_CALLS"].search(whole) and not _PATTERNS["ABOUT_TEXTS"].search(whole)
    return MAY_HAVE_ASKED if asks_of_calls else None


def _may_ask(text: str) -> bool:
    """Return whether the folded text may be a keyword, or has the stem of a request. Most texts do not."""
    return _FEW_LETTERS.fullmatch(text.partition("\n")[0]) is not None or _has_stem(text)


def _has_stem(text: str) -> bool:
    return _PATTERNS["STEM"].search(text.replace("'", "")) is not None


class StopRequests(dict[str | None, str | None]):
    """Cache of `stop_request` by message."""

    def __missing__(self, message: str | None) -> str | None:
        found = self[message] = stop_request(message)
        return found


def is_reaction(message: str | None) -> bool:
    """Return whether the whole message is a phone's wording of a reaction to a quoted text, or to a picture."""
    if not message:
        return False
    text = clean(message[:_LONGEST_REACTION])
    text = fold(text if text.isascii() else text.translate(_QUOTES)).strip()
    head = _PATTERNS["REACTION"].match(text)
    return head is not None and (head["quote"] is None or _is_one_quote(text, head.start("quote")))


def remarks(message: str | None) -> list[str]:
    remark = REACTION if is_reaction(message) else stop_request(message)
    return [] if remark is None else [remark]


def _words(clause: str) -> str:
    """Return the words with single spaces, without apostrophes, hyphens, and courtesies at either end."""
    words = " ".join(clause.replace("'", "").replace("-", " ").split())
    return _PATTERNS["COURTESY"].sub("", f" {words} ").strip()


def _asks(clause: str) -> bool:
    if not _has_stem(clause):
        return False
    clause = _words(clause)
    return _PATTERNS["KEYWORDS"].fullmatch(clause) is not None or any(_has(clause, each) for each in _LANGUAGES)


def _has(clause: str, request: str) -> bool:
    if not _PATTERNS[f"STEM_OF_{request}"].search(clause):
        return False
    found = _PATTERNS[request].search(clause)
    return found is not None and not _PATTERNS["NOT_A_REQUEST"].search(clause[: found.start()])


def _is_one_quote(text: str, start: int) -> bool:
    """Return whether the quote that opens at `start` closes at the end of the text, or was cut off before."""
    depth = 0
    for place in range(start, len(text)):
        character = text[place]
        if character == "⟨" or (character == text[start] != "⟨" and text[place - 1].isspace()):
            depth += 1
        elif character == "⟩" or character == text[start]:
            # An apostrophe within a word closes nothing.
            if character == "'" and text[place + 1 : place + 2].isalnum():
                continue
            depth -= 1
            if depth == 0:
                return place == len(text) - 1
    return True
