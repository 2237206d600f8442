"""The one place where an exception becomes words for a model."""

import re
from dataclasses import dataclass

from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import on_one_line

_LONGEST_WORDS = 200
_MASK = "…"
# A phone number however it is written, and anything long enough to be a secret.
_SEVEN_DIGITS = re.compile(r"\d(?:[\s().+-]{0,3}\d){6,}")
_SECRET_LIKE = re.compile(r"[A-Za-z0-9_\-.~+/=]{20,}")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: sentences that may be shown, and the code of the error."""

    sentences: str
    code: str

    @property
    def text(self) -> str:
        """What a client gets. The code stands in it: programs that call tools see only text."""
        return f"{self.sentences} [{self.code}]"


def sentences_for(error: ConvirzaError, *, has_callers_text: bool) -> str:
    """Return the error's own text; for a rejected request also what Convirza said, where that may be shown.

    Convirza's words help with a 400 alone, where they name the parameter. They are another party's text: cleaned,
    cut, and without numbers and secrets. With a name or words of the caller's among the arguments they are not shown
    at all: repeated, escaped or cut by the upstream, the caller's text cannot be told from theirs.
    """
    if isinstance(error, BadRequestError) and error.upstream_words is not None and not has_callers_text:
        words = _shown(error.upstream_words)
        if words:
            return f'{error} Convirza said: "{words}"'
    return str(error)


def _shown(upstream_words: str) -> str:
    words = on_one_line(upstream_words).replace('"', "'")
    # Secrets first: with its digits masked, the rest of one would look harmless.
    words = _SEVEN_DIGITS.sub(_MASK, _SECRET_LIKE.sub(_MASK, words))
    return clip(words, _LONGEST_WORDS)
