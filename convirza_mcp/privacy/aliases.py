"""Stable pseudonyms for contacts. With the key an alias can be computed from a number or name, and never the reverse.

`contact-` and ten letters stand for a number, `person-` and ten letters for a name: no digits, so that nothing takes
an alias for a number. The same contact has the same alias wherever the same key is, in every result and after every
start. How a number or name is written makes no difference (`number_key`, `name_key`).
"""

import hmac
import re
from collections import OrderedDict
from string import ascii_lowercase
from typing import NamedTuple

from convirza_mcp.text.compare import name_key
from convirza_mcp.text.phone import number_digits, number_key

KEY_BYTES = 32

MOST_REMEMBERED = 240_000
"""Aliases whose originals are known, at most: those of the numbers and names of 120,000 conversations."""

_CONTACT, _PERSON = "contact-", "person-"
_LETTERS = 10
_ALIAS = re.compile(rf"(?:{_CONTACT}|{_PERSON})[a-z]{{{_LETTERS}}}")
_ALL_ALIASES = len(ascii_lowercase) ** _LETTERS
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


class Contact(NamedTuple):
    """A number's alias, the key that tells it from others, and its digits where it has any."""

    alias: str | None
    key: str
    digits: str


class Aliases:
    """Makes aliases with one key, and remembers what the latest of them stand for: `remembered` of them at most."""

    def __init__(self, key: bytes, *, remembered: int = MOST_REMEMBERED) -> None:
        self._key = key
        self._numbers = _Remembered(remembered // 2)
        self._names = _Remembered(remembered // 2)

    def contact(self, number: str | None) -> Contact:
        """Return the contact with this number; its alias is None for None and for what has nothing to show."""
        key = number_key(number)
        return Contact(self._alias(_CONTACT, key, number or "", self._numbers), key, number_digits(number).lstrip("0"))

    def of_number(self, number: str | None) -> str | None:
        """Return the alias of a contact's number, None for None and for what has nothing to show."""
        return self.contact(number).alias

    def of_name(self, name: str | None) -> str | None:
        """Return the alias of a contact's name, None for None and for what has nothing to show."""
        return None if name is None else self._alias(_PERSON, name_key(name), name, self._names)

    def original(self, alias: str) -> str | None:
        """Return the number or name behind the alias, as Convirza wrote it; None where it has not been seen."""
        return (self._names if is_person(alias) else self._numbers).originals.get(alias)

    def _alias(self, kind: str, key: str, original: str, remembered: "_Remembered") -> str | None:
        if not key:
            return None
        alias = remembered.aliases.get(key)
        if alias is None:
            # The costly part, once for each contact.
            digest = hmac.digest(self._key, f"{kind}{key}".encode("utf-8", "surrogatepass"), "sha256")
            alias = kind + _in_letters(int.from_bytes(digest) % _ALL_ALIASES)
        remembered.add(key, alias, original)
        return alias


class _Remembered:
    """Aliases by key and originals by alias; the oldest goes when there is no room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.aliases: OrderedDict[str, str] = OrderedDict()
        self.originals: dict[str, str] = {}

    def add(self, key: str, alias: str, original: str) -> None:
        known = self.originals.get(alias)
        if known is None:
            if len(self.aliases) >= self._room:
                del self.originals[self.aliases.popitem(last=False)[1]]
            # One that long is no name, and is worked out again rather than kept.
            self.aliases[key if len(key) <= _LONGEST_REMEMBERED else alias] = alias
        # Of two ways to write a number the shorter finds the longer, too: Convirza's search takes parts.
        if known is None or len(original) < len(known):
            self.originals[alias] = original[:_LONGEST_REMEMBERED]


def _in_letters(number: int) -> str:
    letters = []
    for _ in range(_LETTERS):
        number, letter = divmod(number, len(ascii_lowercase))
        letters.append(ascii_lowercase[letter])
    return "".join(letters)
