"""A text with its digits, dashes and spaces written plainly, and the way back to where they stand.

People write numbers in full-width digits, as keycap emoji, with dashes of a dozen kinds. Patterns that look for
numbers would each have to know them all; on plain text they need to know one.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

_DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65"
_MINUS = "\u2212"


class PlainText(NamedTuple):
    """`text` in plain writing; `places` says for each of its characters where it comes from, None: where it stands."""

    text: str
    places: list[int] | None

    def place(self, index: int, length: int) -> int:
        """Where in the original, of that `length`, the plain text's `index` lies; marks belong to what they follow."""
        if self.places is None:
            return index
        return self.places[index] if index < len(self.places) else length


def plain(text: str) -> PlainText:
    """Digits of any script in ASCII, spaces and dashes as the common ones, marks on characters left out."""
    if text.isascii():
        return PlainText(text, None)
    written = {ord(each): _plainly(each) for each in set(text) if each > "\x7f"}
    plainly = text.translate(written)
    if len(plainly) == len(text):
        return PlainText(plainly, None)
    return PlainText(plainly, [place for place, each in enumerate(text) if written.get(ord(each), each)])


@lru_cache(maxsize=4096)
def _plainly(character: str) -> str:
    """One character for it, or none for a mark."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        return ""
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    if kind == "Pd" or character == _MINUS:
        return "-"
    if character in _DOTS:
        return "."
    # Full-width signs stand for ASCII ones.
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character
