"""Decode HTML entities, such as `&#39;` and `&amp;`, to the characters they stand for."""

import re

# Only with a semicolon at the end: "AT&T", "R&D" and "?a=1&copy=2" are literal.
_ENTITY = re.compile(
    r"&#(?P<high>5[56][0-9]{3});&#(?P<low>5[67][0-9]{3});|"
    r"&(?:#[0-9]{1,9}|#[xX][0-9A-Fa-f]{1,8}|(?P<name>[A-Za-z][A-Za-z0-9]{1,30}));"
)


def decoded(text: str) -> str:
    """Return the text with its entities decoded once: a typed `&lt;` arrives as `&amp;lt;`.

    The result must be cleaned like any other text: an entity may stand for a control or direction character.
    """
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    # Imported at the first entity, because its table is large and most inboxes have none.
    from html import unescape
    from html.entities import html5

    if entity["high"]:
        # Languages with 16-bit characters write an emoji as two halves.
        halves = int(entity["high"]), int(entity["low"])
        if 0xD800 <= halves[0] < 0xDC00 <= halves[1] < 0xE000:
            return chr(0x10000 + (halves[0] - 0xD800) * 0x400 + halves[1] - 0xDC00)
    return unescape(entity[0]) if entity["name"] is None or f"{entity['name']};" in html5 else entity[0]
