"""Access keys: the file of their hashes, and the check of a key.

A key is 32 random bytes, so a plain SHA-256 of it cannot be reversed. The file is read again when it has changed.
"""

import hmac
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from convirza_mcp.accounts.registry import Principal
from convirza_mcp.errors import CredentialUnusableError, InvalidArgumentError
from convirza_mcp.files import PrivateFolder, atomic_replacement, file_lock, private_folder, read_text_file

PREFIX = "cvz_"
KEYS_FILE = "http-keys.json"
MAX_KEYS = 1_000
_MAX_BYTES = 512 * 1024
_LOCK_SECONDS = 5.0
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_KEY = re.compile(r"cvz_[A-Za-z0-9_-]{43}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_UNUSABLE = "The file of access keys"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One key as it is stored. Times are Unix times; `expires_at` None is without an end."""

    label: str
    sha256: str
    created_at: int
    expires_at: int | None = None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.time()

    @property
    def principal(self) -> Principal:
        # Includes a part of the key: a label that is removed and reused names a different caller.
        return Principal(f"key:{self.label}:{self.sha256[:12]}", self.label, self.expires_at)


class KeyFile:
    """The access keys in a file; None is the one in the private folder.

    Each method raises `CredentialUnusableError` if the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = private_folder() / KEYS_FILE if path is None else path
        self._is_own = path is None
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[AccessKey, ...] = ()

    def find(self, token: str) -> Principal | None:
        """Return the principal of a key; None for one that is unknown, removed or expired."""
        digest = sha256(token.encode("latin-1", "replace")).hexdigest()
        # Compare with all of them, so that the time of a refusal reveals nothing.
        found = [key for key in self.read() if hmac.compare_digest(key.sha256, digest)]
        return found[0].principal if found and not found[0].is_expired else None

    def read(self) -> tuple[AccessKey, ...]:
        """Return the keys, read again if the file has changed; none without a file."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        except OSError:
            raise CredentialUnusableError(f"{_UNUSABLE} cannot be read.", remedy="Check its path and rights.") from None
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            self._keys = ()
            self._keys, self._seen = self._read(status), seen
        return self._keys

    def add(self, label: str, expires_at: int | None = None) -> str:
        """Add a key and return it; only its hash is kept. Raise InvalidArgumentError for an unusable label."""
        if not _LABEL.fullmatch(label):
            raise InvalidArgumentError(
                "label", "`label` takes 1 to 63 ASCII letters, digits, dots, hyphens and underscores."
            )
        key = PREFIX + secrets.token_urlsafe(32)
        with self._changed() as keys:
            if label in keys:
                raise InvalidArgumentError(
                    "label", "`label` is taken.", remedy="Remove that key first, or choose another label."
                )
            if len(keys) >= MAX_KEYS:
                raise InvalidArgumentError("label", f"There are {MAX_KEYS:,} keys already.", remedy="Remove some.")
            keys[label] = AccessKey(label, sha256(key.encode()).hexdigest(), int(time.time()), expires_at)
        return key

    def remove(self, label: str) -> bool:
        """Remove a key; return whether there was one of this label."""
        with self._changed() as keys:
            return keys.pop(label, None) is not None

    @contextmanager
    def _changed(self) -> Iterator[dict[str, AccessKey]]:
        if self._is_own:
            PrivateFolder(self.path.parent).make()
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            with file_lock(lock, _LOCK_SECONDS, "The file of access keys is in use by another program."):
                keys = {each.label: each for each in self.read()}
                yield keys
                content = {"version": 1, "keys": [asdict(each) for each in keys.values()]}
                with atomic_replacement(self.path) as file:
                    file.write(json.dumps(content, indent=1).encode())
        except OSError:
            raise CredentialUnusableError(
                f"{_UNUSABLE} cannot be written.", remedy="Check its folder and rights."
            ) from None

    def _read(self, status: os.stat_result) -> tuple[AccessKey, ...]:
        if os.name == "posix" and (status.st_mode & _OTHERS_WRITE or status.st_uid not in (0, os.geteuid())):
            raise CredentialUnusableError(
                f"{_UNUSABLE} can be changed by other users.", remedy="Run `chmod 600` on it, and check its owner."
            )
        try:
            content = json.loads(read_text_file(self.path, at_most=_MAX_BYTES))
            return tuple(map(_checked, content["keys"]))
        except (OSError, ValueError, TypeError, KeyError):
            raise CredentialUnusableError(
                f"{_UNUSABLE} cannot be read, or convirza-mcp did not write it.", remedy="Restore or delete it."
            ) from None


def is_key(token: str) -> bool:
    """Return whether a token has the form of an access key."""
    return _KEY.fullmatch(token) is not None


def _checked(stored: Mapping[str, Any]) -> AccessKey:
    label, digest, expires_at = stored["label"], stored["sha256"], stored["expires_at"]
    if not (_LABEL.fullmatch(label) and _DIGEST.fullmatch(digest) and isinstance(expires_at, int | None)):
        raise ValueError
    return AccessKey(label, digest, int(stored["created_at"]), expires_at)
