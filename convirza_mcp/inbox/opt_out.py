"""Messages that ask not to be texted any more."""

import unicodedata

from convirza_mcp.inbox.safe_text import clean

OPT_OUT_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "alto", "parar", "baja", "arret"},
)
"""As carriers know them in English, Spanish, Portuguese and French, without their accents."""

_LONGEST = 100
"""Of a message that may still be one word with decoration around it."""


def asks_to_stop(message: str | None) -> bool:
    """Whether the whole message is one opt-out word; case, accents and what stands around it do not matter.

    True is certain of the latest message only, and False says nothing about the ones before.
    """
    if message is None or len(message) > _LONGEST:
        return False
    return _bare(clean(message)) in OPT_OUT_WORDS


def _bare(text: str) -> str:
    """Casefolded, without accents, and without what is no letter or digit at either end."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(each for each in parts if not unicodedata.combining(each))
    known = [place for place, each in enumerate(letters) if each.isalnum()]
    return letters[known[0] : known[-1] + 1] if known else ""
