"""The one place where an exception becomes words for a model."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from convirza_mcp.errors import AnswerRefused, ConvirzaError, RequestRejected
from convirza_mcp.inbox.safe_text import clean, clip

_LONGEST_WORDS = 200
_MASK = "…"
_SHORTEST_PRIVATE_TEXT = 3
# A phone number however it is written, and anything long enough to be a secret.
_SEVEN_DIGITS = re.compile(r"\d(?:[\s().+-]{0,3}\d){6,}")
_SECRET_LIKE = re.compile(r"[A-Za-z0-9_\-.~+/=]{20,}")


def sentence_for(error: ConvirzaError, given: Mapping[str, Any]) -> str:
    """The error's own sentence; for a rejected request also what Convirza said, where that may be shown.

    Convirza's words help with a 400 alone, where they name the parameter. They are another party's text: cleaned,
    cut, and without numbers, secrets or what the caller had typed.
    """
    if isinstance(error, RequestRejected) and error.upstream_words is not None:
        words = _shown(error, [value for value in given.values() if isinstance(value, str)])
        if words:
            return f'{error} Convirza said: "{words}"'
    return str(error)


def _shown(error: AnswerRefused, caller_texts: list[str]) -> str:
    words = " ".join(clean(error.upstream_words or "").split()).replace('"', "'")
    for text in caller_texts:
        typed = " ".join(clean(text).split())
        if len(typed) >= _SHORTEST_PRIVATE_TEXT:
            # As it was typed, and as it stood in the query string.
            for form in (typed, quote(typed), quote_plus(typed)):
                words = re.sub(re.escape(form), _MASK, words, flags=re.IGNORECASE)
    # Secrets first: with its digits masked, the rest of one would look harmless.
    words = _SEVEN_DIGITS.sub(_MASK, _SECRET_LIKE.sub(_MASK, words))
    return clip(words, _LONGEST_WORDS)
