"""Texts written so that everything in them can be seen: what is not plain ASCII as an escape, long repetitions counted.

`«buy now ×125000»` is that piece so many times; every other non-ASCII character is an escape, so that the notation can
stand in no text.
"""

import re

_REPEATED = re.compile(r"(?s)(.{1,8}?)\1{8,}")
_COUNTED = re.compile(r"«(.*?)×([0-9]+)»")
_ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(\\))")


def visible(text: str) -> str:
    """The text in that notation, on one line without tabs, and without blanks at its ends, which editors drop."""
    parts: list[str] = []
    place = 0
    for found in _REPEATED.finditer(text):
        parts.append(_escaped(text[place : found.start()]))
        parts.append(f"«{_escaped(found[1])}×{len(found[0]) // len(found[1])}»")
        place = found.end()
    written = "".join([*parts, _escaped(text[place:])])
    inner = written.strip(" ")
    first = written.find(inner)
    return "\\x20" * first + inner + "\\x20" * (len(written) - first - len(inner))


def read_visible(written: str) -> str:
    """The text that is written so; lone surrogates included."""
    parts: list[str] = []
    place = 0
    for found in _COUNTED.finditer(written):
        parts.append(_plain(written[place : found.start()]))
        parts.append(_plain(found[1]) * int(found[2]))
        place = found.end()
    return "".join([*parts, _plain(written[place:])])


def _escaped(text: str) -> str:
    return "".join(map(_escape, text))


def _escape(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0x20 <= code < 0x7F:
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _plain(written: str) -> str:
    return _ESCAPED.sub(lambda found: found[4] or chr(int(found[1] or found[2] or found[3], 16)), written)
