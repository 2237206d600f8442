"""Stable pseudonyms for contacts. With the key an alias can be computed from a number or name, and never the reverse.

`contact-` and ten letters stand for a number, `person-` and ten letters for a name: no digits, so that nothing takes
an alias for a number. The same contact has the same alias wherever the same key is, in every result and after every
start. How a number or name is written makes no difference (`number_key`, `name_key`). The key is 32 random bytes beside
the credentials, made when they are first needed.
"""

import hmac
import re
import secrets
from collections import OrderedDict
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

from convirza_mcp.errors import ConvirzaError, PrivacyKeyError
from convirza_mcp.files import PrivateFolder, private_folder
from convirza_mcp.text.fold import name_key
from convirza_mcp.text.phone import number_digits, number_key

KEY_BYTES = 32
KEY_FILE = "privacy.key"
_LOCK_FILE = "privacy.key.lock"
_LONGEST_WAIT = 5.0
_PRIVATE_FILE = 0o600

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


def alias_key(folder: Path | None = None) -> bytes:
    """The key of this machine's account; of several processes that need one for the first time, one makes it for all.

    Raises:
        PrivacyKeyError: it cannot be read or kept, so that aliases would be others after the next start.
    """
    private = PrivateFolder(private_folder() if folder is None else folder)
    try:
        key = private.read(KEY_FILE)
        if key is None:
            key = _made(private)
    except (ConvirzaError, OSError, NotImplementedError) as error:
        # The last is filelock's, of a file system without locks.
        reason, remedy = "", "Keep convirza-mcp's private folder on a local disk, and make it writable."
        if isinstance(error, ConvirzaError):
            reason, remedy = f" {error.message}", error.remedy
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY has no usable key, so nothing was read.{reason}", remedy=remedy
        ) from None
    if len(key) != KEY_BYTES:
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY needs its key, and the file {KEY_FILE} in convirza-mcp's private folder holds "
            "none, so nothing was read.",
            remedy="Restore the key, or delete the file, which changes every alias.",
        )
    return key


def _made(private: PrivateFolder) -> bytes:
    # Imported here: needed once in the life of an account.
    import filelock

    private.make()
    lock = filelock.FileLock(private.path / _LOCK_FILE, _LONGEST_WAIT, mode=_PRIVATE_FILE, fallback_to_soft=False)
    with lock:
        key = private.read(KEY_FILE)
        if key is None:
            key = secrets.token_bytes(KEY_BYTES)
            private.write(KEY_FILE, key)
    return key
