"""The stored login as a credential: renewed before it ends, once, by one task of one process.

A refresh token is good for one use, and its second use may end the login for everybody who shares it. So there is one
renewal at a time in a process, in a task of its own that no cancelled call takes along, and one at a time over all
processes, under the store's lock: read again, decide, ask, keep.
"""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import anyio
import httpx2
from anyio.abc import TaskGroup

from convirza_mcp.api.login.cooldown import Rest
from convirza_mcp.api.login.credentials import Credential, NoToken
from convirza_mcp.api.login.oauth import OAuthService
from convirza_mcp.api.login.refresh_mark import check_mark, refreshed
from convirza_mcp.api.login.store import CredentialStore, Stamp, StoredCredential
from convirza_mcp.api.login.token_pair import TokenPair
from convirza_mcp.errors import (
    ConvirzaError,
    CredentialLockedError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
)
from convirza_mcp.settings import PRODUCTION_OAUTH_URL, checked_base_url

_SHARE_OF_LIFE_LEFT = 0.2
_SHORTEST_LIFE = timedelta(minutes=5)
"""An end that comes sooner says more about the clocks than about the token: then only a 401 counts."""

_LOCK_SECONDS = 15.0
_POLL_SECONDS = (0.02, 0.06)
_PATIENCE_SECONDS = 5.0
"""How long a call waits for a new token while the old one is still good."""

_SECONDS_TO_FINISH = 0.75
"""What a renewal has left when the client closes: the process should be gone within two seconds."""


@dataclass(eq=False, slots=True)
class _Renewal:
    """One renewal under way, and the calls that wait for it."""

    patience_ends: float
    alive: bool
    """Whether the access token is still good, for all who wait."""
    scope: anyio.CancelScope = field(default_factory=lambda: anyio.CancelScope(shield=True))
    done: anyio.Event = field(default_factory=anyio.Event)
    at_stake: bool = False
    """Whether the refresh token may have been sent, so that an answer should be waited for."""
    failure: Exception | None = None


class StoredToken:
    """The access token of the stored login, as an async context manager that renewals live in.

    A login that is made, renewed or removed by another program counts from the next call on; while none is stored,
    `otherwise` answers. The refresh token is sent to the service that issued it, which must be the one at `oauth_url`.
    `transport`, `now`, `monotonic` and `uniform` replace the network, the clocks and chance, for tests.
    """

    def __init__(
        self,
        store: CredentialStore,
        *,
        oauth_url: str = PRODUCTION_OAUTH_URL,
        otherwise: Credential | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._oauth_url = checked_base_url(oauth_url, "oauth_url", PRODUCTION_OAUTH_URL)
        self._otherwise = NoToken() if otherwise is None else otherwise
        self._transport = transport
        self._now = now
        self._monotonic = monotonic
        self._uniform = uniform
        # Drawn once: programs that share a login should not all come at the same moment.
        self._share = _SHARE_OF_LIFE_LEFT * uniform(0.9, 1.1)
        self._stamp: Stamp | None = None
        self._read: StoredCredential | None = None
        self._due_at: datetime | None = None
        self._under_way: _Renewal | None = None
        self._rest: Rest | None = None
        self._unsaved: tuple[TokenPair, StoredCredential] | None = None
        self._tasks: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._tasks = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tasks, self._tasks = self._tasks, None
        if self._under_way is not None:
            left = _SECONDS_TO_FINISH if self._under_way.at_stake else 0.0
            self._under_way.scope.deadline = anyio.current_time() + left
        if tasks is not None:
            # Without the exception: it is the caller's, and a task group would wrap it into a group.
            await tasks.__aexit__(None, None, None)

    async def bearer_token(self) -> str:
        """The token to send now, renewed first when less than a fifth of its life is left.

        Raises:
            LoginExpiredError: the login cannot be renewed: only a new one helps.
            LoginRefreshError: the access token has ended, and could not be renewed just now.
            MissingCredentialError: no login is stored.
            CredentialUnusableError: what is stored must not be used, or has ended and could not be kept if it were
                renewed.
        """
        stored = self._current()
        if stored is None:
            return await self._otherwise.bearer_token()
        if self._due_at is not None and self._now() >= self._due_at:
            await self._renew_in_time(stored)
            return await self._token_now()
        return stored.pair.access_token

    async def renewed(self, refused: str) -> bool:
        """Whether there is another token than the one that was refused, renewed if need be.

        Raises:
            LoginExpiredError, LoginRefreshError, MissingCredentialError, CredentialUnusableError: as for
                `bearer_token`.
        """
        stored = self._current()
        if stored is None:
            return await self._otherwise.renewed(refused)
        if stored.pair.access_token == refused:
            await self._renew(stored, alive=False)
        return await self._token_now() != refused

    async def fingerprint(self) -> str:
        """The account's: it stays over renewals.

        Raises:
            MissingCredentialError, CredentialUnusableError: as for `bearer_token`.
        """
        stored = self._current()
        return await self._otherwise.fingerprint() if stored is None else f"account {stored.account}"

    async def _token_now(self) -> str:
        stored = self._current()
        return await self._otherwise.bearer_token() if stored is None else stored.pair.access_token

    def _current(self) -> StoredCredential | None:
        """What is stored, read again only when it has changed."""
        stamp = self._store.stamp()
        if stamp is None or stamp != self._stamp:
            self._stamp = self._due_at = None
            self._read = self._store.read()
            if self._read is not None:
                self._read.check_is_from(self._oauth_url)
                self._due_at = self._when_due(self._read.pair)
            self._stamp = stamp
        return self._read

    def _when_due(self, pair: TokenPair) -> datetime | None:
        if pair.expires_at is None or pair.refresh_token is None:
            return None
        life = pair.expires_at - pair.obtained_at
        return None if life < _SHORTEST_LIFE else pair.expires_at - life * self._share

    async def _renew_in_time(self, stored: StoredCredential) -> None:
        """Renew a token that is due; what goes wrong only matters when it has ended."""
        ends = stored.pair.expires_at
        if ends is None or self._now() >= ends:
            await self._renew(stored, alive=False)
            return
        try:
            with anyio.move_on_after(self._patience()):
                await self._renew(stored, alive=True)
        except LoginExpiredError:
            # Better now, while somebody is there to log in, than when the last token ends in the night.
            raise
        except (MissingCredentialError, CredentialUnusableError):
            return

    def _patience(self) -> float:
        now = anyio.current_time()
        ends = now + _PATIENCE_SECONDS if self._under_way is None else self._under_way.patience_ends
        # The call itself needs time as well.
        return min(ends - now, (anyio.current_effective_deadline() - now) / 2)

    async def _renew(self, stored: StoredCredential, *, alive: bool) -> None:
        """Have the token renewed, by the renewal that is under way or by a new one.

        Raises:
            LoginExpiredError, LoginRefreshError, MissingCredentialError, CredentialUnusableError: it was not.
        """
        renewal = self._under_way
        if renewal is None:
            if self._rest is not None and self._unsaved is None:
                self._rest.check(stored.pair, alive=alive, now=self._monotonic())
            if self._tasks is None:
                raise RuntimeError("a StoredToken renews inside its `async with` block only")
            renewal = self._under_way = _Renewal(anyio.current_time() + _PATIENCE_SECONDS, alive)
            self._tasks.start_soon(self._run, renewal, stored)
        renewal.alive = renewal.alive and alive
        await renewal.done.wait()
        if renewal.failure is not None:
            raise renewal.failure

    async def _run(self, renewal: _Renewal, stored: StoredCredential) -> None:
        try:
            # Whatever is raised here is the waiting calls' affair, and must not end the tasks beside this one.
            renewal.failure = LoginRefreshError(
                "The login was being renewed as the program ended.", remedy="Start it again."
            )
            with renewal.scope:
                await self._refresh(renewal, stored)
                renewal.failure = None
        except ConvirzaError as error:
            self._rest = Rest.after(error, stored.pair, now=self._monotonic())
            renewal.failure = self._rest.failure()
        except Exception as mistake:  # noqa: BLE001 - handed to the calls that wait
            renewal.failure = mistake
        finally:
            self._under_way = None
            renewal.done.set()

    async def _refresh(self, renewal: _Renewal, seen: StoredCredential) -> None:
        with ExitStack() as held:
            if not await self._locked(held, seen):
                return
            stored = await anyio.to_thread.run_sync(self._store.read)
            if stored is None or stored.pair.access_token != seen.pair.access_token:
                # Somebody else has renewed it, logged in anew or logged out.
                return
            stored.check_is_from(self._oauth_url)
            if await anyio.to_thread.run_sync(self._store.recover, stored) or await self._saved_at_last(stored):
                return
            if stored.pair.refresh_token is None:
                raise LoginExpiredError(
                    "The Convirza login has ended, and no refresh token is stored.",
                    remedy="Log in again with `convirza-mcp login`.",
                )
            check_mark(stored, alive=renewal.alive, now=self._now())
            await anyio.to_thread.run_sync(self._store.prove_writable)
            async with OAuthService(stored.oauth_url, transport=self._transport, now=self._now) as service:
                renewal.at_stake = True
                pair = await refreshed(self._store, service, stored, stored.pair.refresh_token, now=self._now)
                # From here to the disk nothing may come in between: the old refresh token is spent.
                with anyio.CancelScope(shield=True):
                    self._unsaved = stored.pair, _successor(pair, stored)
                    await self._saved_at_last(stored)

    async def _saved_at_last(self, stored: StoredCredential) -> bool:
        """Write what could not be written when it came, if it still is the next of what is stored."""
        if self._unsaved is None:
            return False
        spent, renewed = self._unsaved
        if spent == stored.pair:
            await anyio.to_thread.run_sync(self._store.write, renewed)
        self._unsaved = None
        return spent == stored.pair

    async def _locked(self, held: ExitStack, seen: StoredCredential) -> bool:
        """Take the store's lock into `held`; false when meanwhile somebody else has renewed what was seen."""
        until = anyio.current_time() + _LOCK_SECONDS
        while True:
            try:
                # Tried again and again rather than waited for: that would hold a thread, and no cancelling ends it.
                held.enter_context(self._store.lock(0))
            except CredentialLockedError:
                if anyio.current_time() >= until:
                    raise
            else:
                return True
            await anyio.sleep(self._uniform(*_POLL_SECONDS))
            current = self._current()
            if current is None or current.pair.access_token != seen.pair.access_token:
                return False


def _successor(pair: TokenPair, spent: StoredCredential) -> StoredCredential:
    if pair.refresh_token is None:
        # RFC 6749, section 6: without a new refresh token the old one stays.
        old = spent.pair
        pair = replace(pair, refresh_token=old.refresh_token, refresh_expires_at=old.refresh_expires_at)
    return StoredCredential(pair, spent.account, spent.oauth_url)
