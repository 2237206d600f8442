"""JSON with lone surrogates.

Software that cuts a text in the middle of an emoji, as JavaScript does, writes one half of a surrogate pair as an
escape: valid JSON, and no text. Parsers refuse the whole document for it.
"""

import re

# Pairs and every other escape are kept.
_ESCAPES = re.compile(
    r"(?P<kept>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F]).)"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def without_lone_surrogates(json_text: str) -> str:
    """Return the same document with U+FFFD for every lone surrogate."""
    if "\\ud" not in json_text and "\\uD" not in json_text:
        return json_text
    return _ESCAPES.sub(lambda found: found["kept"] or r"\ufffd", json_text)
