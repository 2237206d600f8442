"""The one place where an exception becomes words for a model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.text.clean import clean, clip

_LONGEST_WORDS = 200
_MASK = "…"
_FREE_TEXT = {"search", "query", "agent", "phone_number"}
# A phone number however it is written, and anything long enough to be a secret.
_SEVEN_DIGITS = re.compile(r"\d(?:[\s().+-]{0,3}\d){6,}")
_SECRET_LIKE = re.compile(r"[A-Za-z0-9_\-.~+/=]{20,}")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: one sentence that may be shown, and the class of the error."""

    sentence: str
    kind: type[Exception]


def sentence_for(error: ConvirzaError, given: Mapping[str, Any]) -> str:
    """The error's own sentence; for a rejected request also what Convirza said, where that may be shown.

    Convirza's words help with a 400 alone, where they name the parameter. They are another party's text: cleaned,
    cut, and without numbers and secrets. Where the caller had typed a name or words of his own they are not shown at
    all: repeated, escaped or cut by the upstream, his text cannot be told from theirs.
    """
    if isinstance(error, BadRequestError) and error.upstream_words is not None and not given.keys() & _FREE_TEXT:
        words = _shown(error.upstream_words)
        if words:
            return f'{error} Convirza said: "{words}"'
    return str(error)


def _shown(upstream_words: str) -> str:
    words = " ".join(clean(upstream_words).split()).replace('"', "'")
    # Secrets first: with its digits masked, the rest of one would look harmless.
    words = _SEVEN_DIGITS.sub(_MASK, _SECRET_LIKE.sub(_MASK, words))
    return clip(words, _LONGEST_WORDS)
