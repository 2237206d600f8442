"""Stable stand-ins for contacts: who knows the key can tell an alias from a number or name, and nobody the way back.

`contact-` and ten letters stand for a number, `person-` and ten letters for a name: no digits, so that nothing takes
an alias for a number. The same contact has the same alias wherever the same key is, in every result and after every
start. How a number or name is written does not matter: case, accents, spaces, the signs between digits, and the 1
before a North American number make no other contact.
"""

import hmac
import re
from string import ascii_lowercase
from typing import NamedTuple

from convirza_mcp.text.compare import on_one_line
from convirza_mcp.text.fold import fold
from convirza_mcp.text.phone import digits_of

KEY_BYTES = 32

MOST_REMEMBERED = 240_000
"""Aliases whose originals are known, at most: those of the numbers and names of 60,000 conversations, twice."""

_CONTACT, _PERSON = "contact-", "person-"
_LETTERS = 10
_ALIAS = re.compile(rf"(?:{_CONTACT}|{_PERSON})[a-z]{{{_LETTERS}}}")
_ALL_ALIASES = len(ascii_lowercase) ** _LETTERS
_FEWEST_DIGITS = 7
"""Of what is a telephone number whatever letters stand with it, such as the name of a channel before it."""
_LONGEST_REMEMBERED = 255
"""What Convirza's search takes. Real names and numbers are far shorter."""


def as_alias(text: str | None) -> str | None:
    """The alias that a caller gave, whatever its case; None where it is none."""
    typed = (text or "").strip().lower()
    return typed if _ALIAS.fullmatch(typed) else None


def is_alias(text: str | None) -> bool:
    """Whether the text is an alias as answers show them."""
    return text is not None and _ALIAS.fullmatch(text) is not None


def is_person(alias: str) -> bool:
    """Whether it stands for a name, which several contacts may share, and not for a number."""
    return alias.startswith(_PERSON)


def number_form(number: str | None) -> str:
    """What tells one number from another: its digits, or its folded text; empty where there is nothing in it."""
    digits = digits_of(number).lstrip("0")
    if digits and (len(digits) >= _FEWEST_DIGITS or not any(map(str.isalpha, number or ""))):
        return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return fold(on_one_line(number))


class Contact(NamedTuple):
    """A number's alias, and the form that tells it from others."""

    alias: str | None
    form: str


class Aliases:
    """Makes aliases with one key, and remembers what the latest of them stand for: `remembered` of them at most."""

    def __init__(self, key: bytes, *, remembered: int = MOST_REMEMBERED) -> None:
        self._key = key
        # Numbers and names, and of each two generations.
        self._numbers = _Made(remembered // 4)
        self._names = _Made(remembered // 4)

    def contact(self, number: str | None) -> Contact:
        """The contact with this number; its alias is None for None and for what has nothing to show."""
        form = number_form(number)
        return Contact(self._alias(_CONTACT, form, number or "", self._numbers), form)

    def of_number(self, number: str | None) -> str | None:
        """The alias of a contact's number, None for None and for what has nothing to show."""
        return self.contact(number).alias

    def of_name(self, name: str | None) -> str | None:
        """The alias of a contact's name, None for None and for what has nothing to show."""
        return None if name is None else self._alias(_PERSON, fold(on_one_line(name)), name, self._names)

    def original(self, alias: str) -> str | None:
        """The number or name that the alias stands for, as Convirza wrote it; None where it has not been seen."""
        return (self._names if is_person(alias) else self._numbers).original(alias)

    def _alias(self, kind: str, form: str, original: str, made: "_Made") -> str | None:
        if not form:
            return None
        alias = made.alias(form)
        if alias is None:
            # The costly part, once for each contact.
            digest = hmac.digest(self._key, f"{kind}{form}".encode("utf-8", "surrogatepass"), "sha256")
            alias = kind + _in_letters(int.from_bytes(digest) % _ALL_ALIASES)
        made.remember(form, alias, original)
        return alias


def _in_letters(number: int) -> str:
    letters = []
    for _ in range(_LETTERS):
        number, letter = divmod(number, len(ascii_lowercase))
        letters.append(ascii_lowercase[letter])
    return "".join(letters)


class _Made:
    """Aliases by form and originals by alias, in two generations: the older goes when the younger is full."""

    def __init__(self, generation: int) -> None:
        self._generation = generation
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}
        self._young_originals: dict[str, str] = {}
        self._old_originals: dict[str, str] = {}

    def alias(self, form: str) -> str | None:
        return self._young.get(form) or self._old.get(form)

    def original(self, alias: str) -> str | None:
        return self._young_originals.get(alias) or self._old_originals.get(alias)

    def remember(self, form: str, alias: str, original: str) -> None:
        known = self._young_originals.get(alias)
        if known is None:
            if len(self._young) >= self._generation:
                self._old, self._young = self._young, {}
                self._old_originals, self._young_originals = self._young_originals, {}
            known = self._old_originals.get(alias)
            # One that long is no name, and is worked out again rather than kept.
            self._young[form if len(form) <= _LONGEST_REMEMBERED else alias] = alias
        elif len(known) <= len(original):
            return
        # Of two ways to write a number the shorter finds the longer, too: Convirza's search takes parts.
        if known is None or len(original) < len(known):
            known = original[:_LONGEST_REMEMBERED]
        self._young_originals[alias] = known
