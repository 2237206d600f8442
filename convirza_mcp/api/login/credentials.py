"""Where the bearer token comes from, and the one class that puts it on a request."""

from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Protocol, runtime_checkable

import anyio
from anyio.abc import TaskGroup
from httpx2 import URL, Auth, Request, Response

from convirza_mcp.api.http.daemon_thread import DaemonThread
from convirza_mcp.errors import MissingCredentialError, SettingsError, TokenFileError
from convirza_mcp.files import read_text_file
from convirza_mcp.settings import token_from

_READ_SECONDS = 10.0


class Credential(Protocol):
    """Something that knows the bearer token of the moment."""

    async def bearer_token(self) -> str:
        """The token to send now.

        Raises:
            MissingCredentialError: there is none.
            CredentialUnusableError: there is one that must not be used.
        """

    async def renewed(self, refused: str) -> bool:
        """Asked when Convirza refused a token: whether there is another one now.

        Raises:
            MissingCredentialError: there is none any more; `LoginExpiredError` and `LoginRefreshError` say why.
            CredentialUnusableError: there is one that must not be used, or that could not be kept if it were renewed.
        """

    async def fingerprint(self) -> str:
        """Tells one account's data from another's in memory, without being the token.

        Raises:
            MissingCredentialError, CredentialUnusableError: as for `bearer_token`.
        """


@runtime_checkable
class BackgroundCredential(Credential, Protocol):
    """A credential that works in tasks of a group handed to it."""

    def open(self, tasks: TaskGroup) -> None: ...

    async def aclose(self) -> None: ...


class GivenToken:
    """A token that was given at the start and is used as it is."""

    def __init__(self, token: str) -> None:
        self._token = token_from(token, "token")

    async def bearer_token(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> bool:
        return False

    async def fingerprint(self) -> str:
        return _fingerprint(self._token)


class TokenFile:
    """A token in a file that another program keeps fresh, such as a mounted secret.

    The file is read again whenever it has changed; a pipe is read once, and again when its token is refused. Reading
    never blocks the event loop: one thread at a time reads for all callers that wait. After `_READ_SECONDS` they go on
    with the token of a moment ago, if there is one.
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
            # It may be in the middle of being written: what was good a moment ago serves until Convirza refuses it.
            if not self._token:
                raise TokenFileError(
                    "The file that CONVIRZA_TOKEN_FILE names cannot be read or holds no bearer token.",
                    remedy="Put the token into it, and nothing else.",
                ) from None
        return self._token

    async def renewed(self, refused: str) -> bool:
        # Whatever its time stamp says: two tokens may have been written within one tick of a file system's clock.
        self._is_refused = True
        return await self.bearer_token() != refused

    async def fingerprint(self) -> str:
        return _fingerprint(await self.bearer_token())

    async def _look(self) -> None:
        earlier = self._reading
        if earlier is not None:
            # It may have looked before the file was replaced: each caller gets a look begun after its call.
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
    """Return the bearer token in a file, whatever encoding an editor or a shell saved it in.

    One pair of quotes around the token is no part of it.

    Raises:
        OSError, UnicodeDecodeError: the file cannot be read.
        SettingsError: it holds something else.
    """
    return token_from(read_text_file(path), "The file")


class NoToken:
    """Nothing was configured: each use says what to set."""

    async def bearer_token(self) -> str:
        raise MissingCredentialError(
            "No Convirza token is configured.",
            remedy=(
                "Run `convirza-mcp login` once, or set CONVIRZA_TOKEN in this server's environment and "
                "restart it. Without an account, run `convirza-mcp demo`, or add `--demo` to a command."
            ),
        )

    async def renewed(self, refused: str) -> bool:
        return await self.bearer_token() != refused

    async def fingerprint(self) -> str:
        return await self.bearer_token()


def _fingerprint(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def bearer_of(request: Request) -> str:
    """The token that `request` carries; empty without one."""
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")


class BearerAuth(Auth):
    """Puts the token on requests to one origin, and on no other.

    With a client-wide header an absolute URL or a redirect elsewhere would go out with the token.
    """

    def __init__(self, credential: Credential, base_url: URL) -> None:
        self._credential = credential
        self._origin = base_url.origin

    async def async_auth_flow(self, request: Request) -> AsyncGenerator[Request, Response]:
        if request.url.origin == self._origin:
            request.headers["Authorization"] = f"Bearer {await self._credential.bearer_token()}"
        yield request
