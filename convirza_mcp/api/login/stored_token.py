"""The stored login as a credential, refreshed before it ends by one task of one process.

A refresh token is good for one use. So a process runs one refresh at a time, in a task that a cancelled call does not
cancel, and all processes together run one at a time, under the storage's lock: read again, decide, refresh, write.
"""

import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import httpx2
from anyio.abc import TaskGroup

from convirza_mcp.api.login.oauth import OAuthService, TokenPair
from convirza_mcp.api.login.refresh_guard import Cooldown, check_not_in_flight, refresh
from convirza_mcp.api.login.storage import LoginStorage
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.errors import (
    ConvirzaError,
    CredentialLockedError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
    StoreUnavailableError,
)
from convirza_mcp.settings import PRODUCTION_OAUTH_URL
from convirza_mcp.single_flight import FlightCancelledError, SingleFlight, copy_error
from convirza_mcp.text.address import checked_address

_SHARE_OF_LIFE_LEFT = 0.2
_SHORTEST_LIFE = timedelta(minutes=5)
"""An earlier end suggests a wrong clock instead of an expiring token: then refresh only after a 401."""

_LOCK_SECONDS = 15.0
_POLL_SECONDS = (0.02, 0.06)
_SLOWEST_POLL = 8.0
_PATIENCE_SECONDS = 5.0
"""Seconds that a call waits for a new token while the old one is valid."""

_SECONDS_TO_FINISH = 0.75
"""Seconds for a running refresh when the client closes: the process must exit within two seconds."""


class StoredToken:
    """Access token of the stored login. It refreshes between `open` and `aclose`.

    A login that another program creates, refreshes or deletes applies from the next call on. The refresh token is sent
    to the service that issued it, which must be the one at `oauth_url`. `transport`, `now`, `monotonic` and `uniform`
    replace the network, the clocks and randomness, for tests.
    """

    def __init__(
        self,
        storage: LoginStorage,
        *,
        oauth_url: str = PRODUCTION_OAUTH_URL,
        transport: httpx2.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._storage = storage
        self._oauth_url = checked_address(oauth_url, "oauth_url", PRODUCTION_OAUTH_URL)
        self._transport = transport
        self._now = now
        self._monotonic = monotonic
        self._uniform = uniform
        # Drawn once, so that programs that share a login do not refresh at the same moment.
        self._share = _SHARE_OF_LIFE_LEFT * uniform(0.9, 1.1)
        self._read: StoredCredential | None = None
        self._due_at: datetime | None = None
        self._flight: SingleFlight[None] | None = None
        self._patience_ends = 0.0
        self._alive = False
        """Whether the access token is still valid, for all calls that wait for the refresh."""
        self._is_sent = False
        """Whether the refresh token may have been sent, so that its answer is worth waiting for."""
        self._cooldown: Cooldown | None = None
        self._unsaved: tuple[TokenPair, StoredCredential] | None = None
        self._tasks: TaskGroup | None = None

    def open(self, tasks: TaskGroup) -> None:
        """Start refreshing in `tasks`, which must outlive `aclose`."""
        self._tasks = tasks

    async def aclose(self) -> None:
        """Stop a running refresh. Any task may call it."""
        self._tasks = None
        if self._flight is not None and self._flight.is_running:
            self._flight.scope.deadline = anyio.current_time() + (_SECONDS_TO_FINISH if self._is_sent else 0.0)
            with anyio.CancelScope(shield=True), suppress(Exception):
                await self._flight.result()
        await self._storage.aclose()

    async def bearer_token(self) -> str:
        """Return the token to send now, refreshed first if less than a fifth of its life is left.

        Raises:
            LoginExpiredError: the login cannot be refreshed; only a new one helps.
            LoginRefreshError: the access token has expired, and could not be refreshed now.
            ConvirzaError: as for `Credential`.
        """
        stored = await self._login()
        if self._due_at is not None and self._now() >= self._due_at:
            await self._refresh_in_time(stored)
            stored = await self._login()
        return stored.pair.access_token

    async def try_refresh(self, refused: str) -> bool:
        stored = await self._login()
        if stored.pair.access_token == refused:
            await self._shared_refresh(stored, alive=False)
            stored = await self._login()
        return stored.pair.access_token != refused

    async def fingerprint(self) -> str:
        """Return the account's fingerprint, which is stable across refreshes."""
        return f"account {(await self._login()).account}"

    async def known_token(self) -> str | None:
        """Return the stored access token as it is; None without one."""
        stored = await self._current()
        return None if stored is None else stored.pair.access_token

    async def _login(self) -> StoredCredential:
        if (stored := await self._current()) is None:
            raise MissingCredentialError(
                "No Convirza token is configured.",
                remedy=(
                    "Run `convirza-mcp login` once, or set CONVIRZA_TOKEN in this server's environment and restart it. "
                    "Without an account, run `convirza-mcp demo`, or add `--demo` to a command."
                ),
            )
        return stored

    async def _current(self) -> StoredCredential | None:
        current = await self._storage.current()
        if current is not self._read:
            self._read = self._due_at = None
            if current is not None:
                current.check_is_from(self._oauth_url)
                self._due_at = self._when_due(current.pair)
            self._read = current
        return current

    def _when_due(self, pair: TokenPair) -> datetime | None:
        if pair.expires_at is None or pair.refresh_token is None:
            return None
        life = pair.expires_at - pair.obtained_at
        return None if life < _SHORTEST_LIFE else pair.expires_at - life * self._share

    async def _refresh_in_time(self, stored: StoredCredential) -> None:
        """Refresh a token that is due; ignore failures until it has expired."""
        ends = stored.pair.expires_at
        if ends is None or self._now() >= ends:
            await self._shared_refresh(stored, alive=False)
            return
        try:
            now = anyio.current_time()
            is_running = self._flight is not None and self._flight.is_running
            patience = self._patience_ends - now if is_running else _PATIENCE_SECONDS
            # The call itself needs time as well.
            with anyio.move_on_after(min(patience, (anyio.current_effective_deadline() - now) / 2)):
                await self._shared_refresh(stored, alive=True)
        except LoginExpiredError:
            # Report it now, while a person is there to log in, instead of when the token expires.
            raise
        except (MissingCredentialError, CredentialUnusableError, StoreUnavailableError):
            return

    async def _shared_refresh(self, stored: StoredCredential, *, alive: bool) -> None:
        if self._flight is None or not self._flight.is_running:
            if self._cooldown is not None and self._unsaved is None:
                self._cooldown.check(stored.pair, alive=alive, now=self._monotonic())
            if self._tasks is None:
                raise RuntimeError("a StoredToken refreshes between `open` and `aclose` only")
            self._patience_ends = anyio.current_time() + _PATIENCE_SECONDS
            self._alive, self._is_sent = True, False
            self._flight = SingleFlight(self._tasks, partial(self._run, stored), shield=True)
        self._alive = self._alive and alive
        try:
            await self._flight.result()
        except FlightCancelledError:
            raise LoginRefreshError(
                "The program ended while it refreshed the login.", remedy="Start it again."
            ) from None

    async def _run(self, stored: StoredCredential) -> None:
        try:
            await self._refresh(stored)
        except ConvirzaError as error:
            self._cooldown = Cooldown.after(error, stored.pair, now=self._monotonic())
            raise copy_error(self._cooldown.error) from None

    async def _refresh(self, seen: StoredCredential) -> None:
        async with AsyncExitStack() as held:
            if not await self._locked(held, seen):
                return
            stored = await self._storage.read()
            if stored is None or stored.pair.access_token != seen.pair.access_token:
                # Another program refreshed it, logged in again or logged out.
                return
            stored.check_is_from(self._oauth_url)
            if await self._save_again():
                return
            if stored.pair.refresh_token is None:
                raise LoginExpiredError(
                    "The Convirza login has ended, and no refresh token is stored.",
                    remedy="Log in again with `convirza-mcp login`.",
                )
            check_not_in_flight(stored, alive=self._alive, now=self._now())
            await self._storage.prove_writable()
            async with OAuthService(stored.oauth_url, transport=self._transport, now=self._now) as service:
                self._is_sent = True
                pair = await refresh(self._storage, service, stored, stored.pair.refresh_token, now=self._now)
                # Nothing may interrupt from here to the disk: the old refresh token is used up.
                with anyio.CancelScope(shield=True):
                    self._unsaved = stored.pair, _successor(pair, stored)
                    await self._save_again()

    async def _save_again(self) -> bool:
        """Write a pair whose write failed before, if it still succeeds the stored one."""
        if self._unsaved is None:
            return False
        is_saved = await self._storage.replace(*self._unsaved)
        self._unsaved = None
        return is_saved

    async def _locked(self, held: AsyncExitStack, seen: StoredCredential) -> bool:
        """Take the storage's lock into `held`; return false if another program refreshed the login meanwhile."""
        until = anyio.current_time() + _LOCK_SECONDS
        slower = 1.0
        while True:
            try:
                # Poll, because waiting would block a thread that cancellation cannot end.
                await held.enter_async_context(self._storage.lock(0))
            except CredentialLockedError:
                if anyio.current_time() >= until:
                    raise
            else:
                return True
            await anyio.sleep(slower * self._uniform(*_POLL_SECONDS))
            # Or the polls of many logins that are due at once would keep the store busy.
            slower = min(2 * slower, _SLOWEST_POLL)
            current = await self._current()
            if current is None or current.pair.access_token != seen.pair.access_token:
                return False


def _successor(pair: TokenPair, spent: StoredCredential) -> StoredCredential:
    if pair.refresh_token is None:
        # RFC 6749, section 6: without a new refresh token the old one stays.
        old = spent.pair
        pair = replace(pair, refresh_token=old.refresh_token, refresh_expires_at=old.refresh_expires_at)
    return StoredCredential(pair, spent.account, spent.oauth_url)
