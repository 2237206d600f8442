"""Stable pseudonyms for contacts. The key computes an alias from a number or name; the reverse is impossible.

`contact-` and ten letters stand for a number, `person-` and ten letters for a name. They have no digits, so an alias is
never taken for a number. With the same key, a contact has the same alias in every result and after every start, in any
format of the number or name (`number_key`, `name_key`).
"""

import hmac
import re
import secrets
from collections import OrderedDict
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

from convirza_mcp.errors import ConvirzaError, PrivacyKeyError
from convirza_mcp.files import PrivateFolder, file_lock, private_folder
from convirza_mcp.text.fold import name_key
from convirza_mcp.text.phone import number_digits, number_key
from convirza_mcp.text.typed import plain

KEY_BYTES = 32
KEY_FILE = "privacy.key"
_LOCK_FILE = "privacy.key.lock"
_LONGEST_WAIT = 5.0

MAX_REMEMBERED = 240_000
"""Maximum number of aliases with known originals: the numbers and names of 120,000 conversations."""

_CONTACT, _PERSON = "contact-", "person-"
_LETTERS = 10
_ALIAS = re.compile(rf"(?:{_CONTACT}|{_PERSON})[a-z]{{{_LETTERS}}}")
_ALL_ALIASES = 26**_LETTERS
_LONGEST_REMEMBERED = 255
"""Longest text that Convirza's search takes. Real names and numbers are much shorter."""


def parse_alias(text: str | None) -> str | None:
    """Return the alias that a caller passed, in lower case; None if the text is not an alias."""
    typed = plain(text or "").lower()
    return typed if _ALIAS.fullmatch(typed) else None


def is_alias(text: str | None) -> bool:
    """Return whether the text is an alias as shown in answers."""
    return text is not None and _ALIAS.fullmatch(text) is not None


def is_person(alias: str) -> bool:
    """Return whether the alias stands for a name, which several contacts may share, instead of a number."""
    return alias.startswith(_PERSON)


class Contact(NamedTuple):
    """Alias of a number, the number's key, and its digits if any."""

    alias: str | None
    key: str
    digits: str


class Aliases:
    """Computes aliases with one key, and remembers the originals of the latest `remembered` aliases."""

    def __init__(self, key: bytes, *, remembered: int = MAX_REMEMBERED) -> None:
        self._key = key
        self._numbers = _Remembered(remembered // 2)
        self._names = _Remembered(remembered // 2)

    def contact(self, number: str | None) -> Contact:
        """Return the contact with this number; its alias is None for None and for a number with nothing visible."""
        key = number_key(number)
        return Contact(self._alias(_CONTACT, key, number or "", self._numbers), key, number_digits(number).lstrip("0"))

    def of_number(self, number: str | None) -> str | None:
        """Return the alias of a contact's number; None for None and for a number with nothing visible."""
        return self.contact(number).alias

    def of_name(self, name: str | None) -> str | None:
        """Return the alias of a contact's name; None for None and for a name with nothing visible."""
        return None if name is None else self._alias(_PERSON, name_key(name), name, self._names)

    def original(self, alias: str) -> str | None:
        """Return the number or name behind the alias, as Convirza wrote it; None where it has not been seen."""
        return (self._names if is_person(alias) else self._numbers).originals.get(alias)

    def _alias(self, kind: str, key: str, original: str, remembered: "_Remembered") -> str | None:
        if not key:
            return None
        alias = remembered.aliases.get(key)
        if alias is None:
            # The expensive part, once per contact.
            digest = hmac.digest(self._key, f"{kind}{key}".encode("utf-8", "surrogatepass"), "sha256")
            alias = kind + _in_letters(int.from_bytes(digest) % _ALL_ALIASES)
        remembered.add(key, alias, original)
        return alias


class _Remembered:
    """Aliases by key and originals by alias; evicts the oldest when full."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.aliases: OrderedDict[str, str] = OrderedDict()
        self.originals: dict[str, str] = {}

    def add(self, key: str, alias: str, original: str) -> None:
        known = self.originals.get(alias)
        if known is None:
            if len(self.aliases) >= self._room:
                del self.originals[self.aliases.popitem(last=False)[1]]
            # A text this long is not a name: compute its alias again instead of storing it.
            self.aliases[key if len(key) <= _LONGEST_REMEMBERED else alias] = alias
        # Keep the shorter format of a number: Convirza's search matches parts, so it finds the longer one too.
        if known is None or len(original) < len(known):
            self.originals[alias] = original[:_LONGEST_REMEMBERED]


def _in_letters(number: int) -> str:
    return "".join(ascii_lowercase[number // 26**place % 26] for place in range(_LETTERS))


def alias_key(folder: Path | None = None) -> bytes:
    """Return the key, 32 random bytes beside the credentials; raise PrivacyKeyError if it is unreadable or not stored.

    If several processes need the first key, one creates it for all.
    """
    private = PrivateFolder(private_folder() if folder is None else folder)
    try:
        key = private.read(KEY_FILE) or _made(private)
    except ConvirzaError as error:
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY has no usable key, so nothing was read. {error.message}", remedy=error.remedy
        ) from None
    if len(key) != KEY_BYTES:
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY needs its key, and the file {KEY_FILE} in convirza-mcp's private folder holds "
            "none, so nothing was read.",
            remedy="Restore the key, or delete the file, which changes every alias.",
        )
    return key


def _made(private: PrivateFolder) -> bytes:
    private.make()
    with file_lock(private.path / _LOCK_FILE, _LONGEST_WAIT, "Another program is making the key."):
        key = private.read(KEY_FILE)
        if key is None:
            key = secrets.token_bytes(KEY_BYTES)
            private.write(KEY_FILE, key)
    return key
