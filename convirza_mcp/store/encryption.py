"""Encryption of secrets before they go into the store."""

import re

from convirza_mcp.errors import CredentialUnusableError, SettingsError

_KEYS = re.compile(r"[A-Za-z0-9_-]{43}=([,\s]+[A-Za-z0-9_-]{43}=)*", re.ASCII)


class Cipher:
    """Authenticated encryption with the Fernet keys of CONVIRZA_STORE_KEYS: the first encrypts, all decrypt.

    Each value is bound to its name, so that exchanging two values in the store has no use.
    """

    def __init__(self, keys: str, variable: str = "CONVIRZA_STORE_KEYS") -> None:
        # Imported here, because it takes longer than everything else in this folder.
        from cryptography.fernet import Fernet, MultiFernet

        # Fernet itself skips characters that are not base64.
        if not _KEYS.fullmatch(keys):
            raise SettingsError(
                f"{variable} takes Fernet keys of 44 characters with commas between them.",
                remedy="Make one with `openssl rand -base64 32 | tr +/ -_`.",
            )
        self._fernet = MultiFernet([Fernet(key) for key in re.split(r"[,\s]+", keys)])

    def encrypt(self, name: str, value: bytes) -> bytes:
        """Return the value encrypted, to be stored under `name`."""
        return self._fernet.encrypt(b"%s\0%s" % (name.encode(), value))

    def decrypt(self, name: str, encrypted: bytes) -> bytes:
        """Return the value stored under `name`; raise CredentialUnusableError if no key decrypts it under this name."""
        from cryptography.fernet import InvalidToken

        try:
            stored_name, _, value = self._fernet.decrypt(encrypted).partition(b"\0")
        except InvalidToken:
            stored_name = value = b""
        if stored_name != name.encode():
            raise CredentialUnusableError(
                "No key of CONVIRZA_STORE_KEYS decrypts the login in the store.",
                remedy="Add the key that encrypted it after the first one, or log in again.",
            )
        return value
