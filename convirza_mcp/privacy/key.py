"""The key that aliases are made with: 32 random bytes beside the credentials, made when they are first needed."""

import secrets
from pathlib import Path

from convirza_mcp.errors import ConvirzaError, PrivacyKeyError
from convirza_mcp.files import PrivateFolder, private_folder
from convirza_mcp.privacy.aliases import KEY_BYTES

KEY_FILE = "privacy.key"
_LOCK_FILE = "privacy.key.lock"
_LONGEST_WAIT = 5.0
_PRIVATE_FILE = 0o600


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
        reason, remedy = "", "Keep convirza-mcp's private folder on a disk of this machine, and let it be written to."
        if isinstance(error, ConvirzaError):
            reason, remedy = f" {error.message}", error.remedy
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY has no key that it may use, so nothing was read.{reason}", remedy=remedy
        ) from None
    if len(key) != KEY_BYTES:
        raise PrivacyKeyError(
            f"CONVIRZA_PRIVACY needs its key, and the file {KEY_FILE} in convirza-mcp's private folder holds "
            "none, so nothing was read.",
            remedy="Put the right one back, or delete it, which changes every alias.",
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
