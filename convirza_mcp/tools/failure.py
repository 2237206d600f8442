"""Convert an exception to text for a model. No other module does this."""

import re
from typing import NamedTuple

from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import on_one_line

_LONGEST_WORDS = 200
_MASK = "…"
# A phone number in any format, and any text long enough to be a secret.
_SEVEN_DIGITS = re.compile(r"\d(?:[\s().+-]{0,3}\d){6,}")
_SECRET_LIKE = re.compile(r"[A-Za-z0-9_\-.~+/=]{20,}")


class Failure(NamedTuple):
    """An error result: its displayable message, and the error's code."""

    sentences: str
    code: str

    @property
    def text(self) -> str:
        """Return the text for a client. It includes the code, because programs that call tools see only text."""
        return f"{self.sentences} [{self.code}]"


def sentences_for(error: ConvirzaError, *, has_callers_text: bool) -> str:
    """Return the error's text; for a rejected request also Convirza's words, if they are safe to show.

    Convirza's words help only with a 400, where they name the parameter. They are untrusted: cleaned, cut, and stripped
    of numbers and secrets. If the arguments contain a name or text of the caller, they are not shown at all, because
    the upstream may repeat that text in a modified form.
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
