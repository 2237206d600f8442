"""Messages that ask not to be texted any more."""

import unicodedata

from convirza_mcp.text.clean import clean

OPT_OUT_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "alto", "parar", "baja", "arret"},
)
"""As carriers know them in English, Spanish, Portuguese and French, without their accents."""

_LONGEST = 100
"""Of a message that may still be one word, what stands around it aside: hidden characters can stand within."""


def asks_to_stop(message: str | None) -> bool:
    """Whether the whole message is one opt-out word; case, accents and what stands around it do not matter.

    True is certain of the latest message only, and False says nothing about the ones before.
    """
    word = (message or "").strip()
    if len(word) > _LONGEST:
        word = _without_edges(word)
    return len(word) <= _LONGEST and _bare(clean(word)) in OPT_OUT_WORDS


def _bare(text: str) -> str:
    """Casefolded, without accents, and without what is no letter or digit at either end."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return _without_edges("".join(each for each in parts if not unicodedata.combining(each)))


def _without_edges(text: str) -> str:
    """The text from its first letter or digit to its last."""
    first, after = 0, len(text)
    while first < after and not text[first].isalnum():
        first += 1
    while first < after and not text[after - 1].isalnum():
        after -= 1
    return text[first:after]
