"""Read the secrets of settings: tokens, keys, files that hold them, and the store's address with its password."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from convirza_mcp.errors import SettingsError
from convirza_mcp.text.typed import refuse_remains, strip_wrapping

_SCHEME = re.compile(r"\A(?:authorization\s*:\s*)?bearer(?:\s+|\Z)", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}", re.ASCII)
_ALIAS_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?", re.ASCII)
_STORES = ("sqlite:", "redis://", "rediss://")

Key = TypeVar("Key")


def token_from(text: str, source: str) -> str:
    """Return the bearer token in `text`, without a leading `Bearer`, a pair of quotes and white space around it.

    Raises:
        SettingsError: it is empty, a placeholder, or no text for an HTTP header; the sentence names `source`.
    """
    token = strip_wrapping(_SCHEME.sub("", strip_wrapping(text)))
    refuse_remains(token, source)
    if not token:
        raise SettingsError(f"{source} is empty.", remedy="Set it to the bearer token, or unset it.")
    if not _TOKEN.fullmatch(token):
        raise SettingsError(f"{source} takes one bearer token: printable ASCII without spaces or line breaks.")
    return token


def token_file(text: str, variable: str) -> Path:
    """Return the path of a file with a token."""
    try:
        path = Path(text).expanduser()
        # Password managers and shells pass secrets in pipes.
        if path.is_file() or path.is_fifo():
            return path
    except (OSError, RuntimeError, ValueError):
        # The path is too long, for example a token, or names the home folder of an unknown user.
        pass
    raise SettingsError(f"{variable} takes the path of a file that holds the bearer token.")


def alias_key_in(text: str, variable: str) -> bytes:
    """Return the key of the aliases."""
    if not _ALIAS_KEY.fullmatch(text):
        raise SettingsError(f"{variable} takes 32 random bytes in base64url: 43 characters.")
    return urlsafe_b64decode(text.rstrip("=") + "=")


def alias_key_in_file(text: str, variable: str) -> bytes:
    """Return the key of the aliases in the file at this path."""
    return _in_file(alias_key_in, text, variable, "32 random bytes in base64url: 43 characters")


def store_keys_in(text: str, variable: str) -> str:
    """Return the keys of the store if each is well-formed."""
    from convirza_mcp.store.encryption import Cipher

    Cipher(text, variable)
    return text


def store_keys_in_file(text: str, variable: str) -> str:
    """Return the keys of the store in the file at this path."""
    return _in_file(store_keys_in, text, variable, "Fernet keys")


def store_address(text: str, variable: str) -> str:
    """Return the address of a store. Opening it checks the rest."""
    if not text.startswith(_STORES):
        raise SettingsError(f"{variable} takes sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT.")
    return text


def _in_file(read: Callable[[str, str], Key], text: str, variable: str, what: str) -> Key:
    # Imported here, because few programs have such a file.
    from convirza_mcp.files import read_text_file

    try:
        return read(strip_wrapping(read_text_file(Path(text).expanduser())), variable)
    except (OSError, ValueError, RuntimeError, SettingsError):
        raise SettingsError(f"{variable} takes the path of a file that holds {what}.") from None
