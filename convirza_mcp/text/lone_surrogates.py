"""JSON that holds half of an emoji.

Whoever cuts a text in the middle of an emoji, as JavaScript does, writes half of a surrogate pair as an escape:
valid JSON, and no text. Parsers refuse the whole document for it.
"""

import re

# Pairs and every other escape are kept.
_ESCAPES = re.compile(
    r"(?P<kept>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F]).)"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def without_half_pairs(json_text: str) -> str:
    """The same document with U+FFFD for every lone half."""
    if "\\ud" not in json_text and "\\uD" not in json_text:
        return json_text
    return _ESCAPES.sub(lambda found: found["kept"] or r"\ufffd", json_text)
