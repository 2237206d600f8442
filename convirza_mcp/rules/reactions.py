"""Reactions (tapbacks) that phones send as texts: Liked “See you at 3”."""

import re
from functools import cache

from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold

REACTION = "only a reaction"

_LONGEST = 4_000
"""Characters that are read; a quote cut off there still counts as quoted."""

_VERBS = (
    # iPhones in English.
    r"loved|liked|disliked|laughed at|emphasi[sz]ed|questioned|removed an? (?:heart|like|dislike|laugh|exclamation|"
    r"emphasis|question mark|sticker)(?: reaction)? from|reacted with an? sticker to|"
    # Spanish.
    r"(?:no )?(?:le|me) (?:gusto|gusta|encanto|encanta)|le dio risa|le hizo gracia|se (?:rio|rie) (?:de|con)|"
    r"(?:exclamo|pregunto|se rio) por|dudo (?:sobre|de)|(?:ha )?(?:enfatiz|destac|resalt|cuestion)(?:o|ado)|"
    r"(?:quito|elimino|retiro) [\w ]{1,40} (?:de|a)|"
    # Portuguese and French.
    r"(?:nao )?(?:gostou|riu) de|amou|adorou|curtiu|enfatizou|questionou|"
    r"(?:n'a pas|a) (?:aime|adore|ri de|ri a|souligne|mis l'accent sur|pose une question sur)"
)
# An emoji in place of the verb, as Google Messages writes it, or beside one.
_EMOJI = (
    r"(?:reacted (?:with )?|removed (?:an? )?|(?:reacciono|reagiu) (?:con |com )?|(?:quito|elimino) (?:un )?|"
    r"a reagi avec )?(?=[^\0-\x7f])[^\w\s\"'⟨⟩]{1,12}(?: reaction)?(?: removed)? (?:to|from|a|de|para|sur)"
)
_THINGS = (
    r"(?:an?|una?|\d{1,3}) (?:image|photo|picture|video|movie|message|audio message|voice message|attachment|file|link|"
    r"gif|sticker|contact|location|imagen(?:es)?|foto|mensaje|mensaje de audio|archivo|archivo adjunto|enlace)s?"
)
_QUOTES = str.maketrans("“”«»", "⟨⟩⟨⟩")
"""Folding makes curly quotes straight; which of them open and close has to be known."""


def is_reaction(message: str | None) -> bool:
    """Return whether the whole message is a phone's wording of a reaction to a quoted text, or to a picture."""
    if not message:
        return False
    text = fold(clean(message[:_LONGEST]).translate(_QUOTES)).strip()
    head = _pattern().match(text)
    return head is not None and (head["quote"] is None or _is_one_quote(text, head.start("quote")))


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


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:{_VERBS}|{_EMOJI})\s+(?:(?P<quote>[⟨\"'])|{_THINGS}\Z)")
