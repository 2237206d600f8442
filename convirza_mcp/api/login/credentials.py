"""Sources of the bearer token."""

from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Protocol, runtime_checkable

import anyio
from anyio.abc import TaskGroup
from httpx2 import Request

from convirza_mcp.api.http.daemon_thread import DaemonThread
from convirza_mcp.errors import SettingsError, TokenFileError
from convirza_mcp.files import read_text_file
from convirza_mcp.secret_values import token_from

_READ_SECONDS = 10.0


class Credential(Protocol):
    """A source of the current bearer token.

    Raises, in each method:
        MissingCredentialError: there is none; `LoginExpiredError` and `LoginRefreshError` say why.
        CredentialUnusableError: there is one that must not be used, or that could not be stored after a refresh.
        StoreUnavailableError: the store that holds it does not answer.
    """

    async def bearer_token(self) -> str:
        """Return the token to send now."""

    async def try_refresh(self, refused: str) -> bool:
        """Return whether another token is available after Convirza refused `refused`."""

    async def fingerprint(self) -> str:
        """Return a hash that identifies the account's data in memory, and does not reveal the token."""


@runtime_checkable
class BackgroundCredential(Credential, Protocol):
    """A credential that runs background tasks in a given task group."""

    def open(self, tasks: TaskGroup) -> None: ...

    async def aclose(self) -> None: ...


class FixedToken:
    """A token from the settings, used unchanged."""

    def __init__(self, token: str) -> None:
        self._token = token_from(token, "token")
        self._own_fingerprint = _fingerprint(self._token)

    async def bearer_token(self) -> str:
        return self._token

    async def try_refresh(self, refused: str) -> bool:
        return False

    async def fingerprint(self) -> str:
        return self._own_fingerprint


class TokenFile:
    """A token in a file that another program updates, such as a mounted secret.

    The file is read again when it changes; a pipe is read once, and again when its token is refused. Reading never
    blocks the event loop: one thread at a time reads for all waiting callers. After `_READ_SECONDS` they continue with
    the previous token, if there is one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._token = ""
        self._is_refused = False
        self._reading: DaemonThread[None] | None = None

    async def bearer_token(self) -> str:
        try:
            with anyio.fail_after(_READ_SECONDS):
                await self._look()
        except (TimeoutError, OSError, UnicodeDecodeError, SettingsError):
            # Another program may be writing the file. Keep the previous token until Convirza refuses it.
            if not self._token:
                raise TokenFileError(
                    "The file that CONVIRZA_TOKEN_FILE names cannot be read or holds no bearer token.",
                    remedy="Put only the token in it.",
                ) from None
        return self._token

    async def try_refresh(self, refused: str) -> bool:
        # Ignore the timestamp: two tokens may be written within one tick of a file system's clock.
        self._is_refused = True
        return await self.bearer_token() != refused

    async def fingerprint(self) -> str:
        return _fingerprint(await self.bearer_token())

    async def _look(self) -> None:
        earlier = self._reading
        if earlier is not None:
            # That read may have started before the file was replaced: each caller gets one started after its call.
            await earlier.done()
        if self._reading is None or self._reading is earlier:
            self._reading = DaemonThread(self._read)
        await self._reading.result()

    def _read(self) -> None:
        is_refused, self._is_refused = self._is_refused, False
        status = self._path.stat()
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if not S_ISREG(status.st_mode):
            seen = (0, 0, status.st_ino)
        if is_refused or seen != self._seen:
            self._token = read_token_file(self._path)
            self._seen = seen


def read_token_file(path: Path) -> str:
    """Return the token in a file as `token_from` reads it; raise OSError, UnicodeDecodeError or SettingsError."""
    return token_from(read_text_file(path), "The file")


def _fingerprint(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def bearer_of(request: Request) -> str:
    """Return the token in `request`; empty without one."""
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
