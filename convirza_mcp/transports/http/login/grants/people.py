"""The people who have logged in: one Convirza login each, encrypted in the store, for all clients of that person."""

import hmac
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from hashlib import sha256
from typing import TypeVar

import httpx2

from convirza_mcp.api.login.oauth import OAuthService, TokenPair
from convirza_mcp.api.login.shared_pair import SharedPair
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.errors import (
    ConvirzaError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
)
from convirza_mcp.settings import Settings
from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.login.grants.grants import Grants
from convirza_mcp.transports.http.login.grants.tokens import ACCOUNT_BYTES, account_in
from convirza_mcp.transports.http.login.pending import PendingLogin

T = TypeVar("T")

_PAIR = "pair:"
_LOCK_SECONDS = 30.0
_LOCK_WAIT_SECONDS = 10.0
_REVOKE_SECONDS = 5.0


class People:
    """The Convirza logins behind the grants. `transport` replaces the network, for tests."""

    def __init__(
        self, store: Store, grants: Grants, settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._store = store
        self._grants = grants
        self._cipher = settings.store_cipher()
        self._key = re.split(r"[,\s]+", (settings.store_keys or settings.store_keys_file or "").strip())[0].encode()
        self._oauth_url = settings.oauth_url
        self._transport = transport
        grants.on_end = self.release

    async def log_in(self, email: str, password: str) -> TokenPair:
        """Return the Convirza login of a person; raise as `OAuthService.log_in`. The password is not stored."""
        async with OAuthService(self._oauth_url, transport=self._transport) as service:
            return await service.log_in(email, password)

    def account_of(self, email: str) -> str:
        """Return the name of a new account for a person: an HMAC, so that the store does not say who uses the server.

        A person keeps an account as long as it has a grant, so another first key of the store changes nothing.
        """
        return hmac.digest(self._key, b"account\0" + _folded(email), "sha256")[:ACCOUNT_BYTES].hex()

    async def grants_of(self, email: str) -> list[str]:
        """Return the names of a person's grants."""
        person = _person(email)
        found = {each: await self._grants.read(each) for each in await self._grants.names()}
        return [each for each, grant in found.items() if grant is not None and grant.person == person]

    async def admit(self, pair: TokenPair, email: str, request: PendingLogin) -> str:
        """Keep a person's new login in place of the one before, begin a grant for the client, and return its code."""
        account = self.account_of(email)
        if not await self._grants.names(account):
            account = next((account_in(each) for each in await self.grants_of(email)), account)
        async with self._locked(account):
            await self.pair(account).write(StoredCredential(pair, account, self._oauth_url))
            return await self._grants.begin(request, account, _person(email))

    async def release(self, account: str) -> None:
        """Delete a login that no grant uses any more, and revoke it at Convirza, if Convirza answers."""
        async with self._locked(account):
            if await self._grants.names(account):
                return
            stored = None
            with suppress(CredentialUnusableError):
                stored = await self.pair(account).read()
            await self.pair(account).delete()
        if stored is None:
            return
        with suppress(ConvirzaError):
            async with OAuthService(stored.oauth_url, transport=self._transport, timeout=_REVOKE_SECONDS) as service:
                if stored.pair.refresh_token is not None:
                    await service.revoke(stored.pair.refresh_token, "refresh")
                await service.revoke(stored.pair.access_token, "access")

    async def release_unused(self) -> None:
        """Release the logins whose last grant has expired, or whose client never came for its code."""
        pairs = {each.removeprefix(_PAIR) for each in await self._store.names(_PAIR)}
        for account in pairs - {account_in(each) for each in await self._grants.names()}:
            await self.release(account)

    async def end_login(self, account: str, token: str | None) -> bool:
        """Delete a login that Convirza has ended, and its grants; return False if `token` is not its token any more."""
        async with self._locked(account):
            storage = self.pair(account)
            stored = await storage.read()
            if stored is not None and token != stored.pair.access_token:
                return False
            await storage.delete()
            names = await self._grants.names(account)
        await self._grants.end_named(names)
        return True

    def credential(self, account: str) -> "PersonalCredential":
        """Return the source of the account's bearer token."""
        ended = partial(self.end_login, account)
        return PersonalCredential(self.pair(account), ended, oauth_url=self._oauth_url, transport=self._transport)

    def pair(self, account: str) -> SharedPair:
        """Return the place of an account's login."""
        return SharedPair(self._store, f"{_PAIR}{account}", self._cipher)

    def _locked(self, account: str) -> AbstractAsyncContextManager[None]:
        return self._store.lock(f"account:{account}", seconds=_LOCK_SECONDS, wait=_LOCK_WAIT_SECONDS)


def _folded(email: str) -> bytes:
    # Only ASCII: other addresses that look or fold alike may be two people's, and an account must never serve two.
    return "".join(each.lower() if each.isascii() else each for each in email.strip()).encode()


def _person(email: str) -> str:
    return sha256(b"person\0" + _folded(email)).hexdigest()


class PersonalCredential(StoredToken):
    """The bearer token of one person. When Convirza has ended the login, `end_login` ends the person's grants with it.

    Then the client's next call is answered with 401, and the client sends its user to the login page.
    """

    def __init__(
        self,
        pair: SharedPair,
        end_login: Callable[[str | None], Awaitable[bool]],
        *,
        oauth_url: str,
        transport: httpx2.AsyncBaseTransport | None,
    ) -> None:
        super().__init__(pair, oauth_url=oauth_url, transport=transport)
        self._end_login = end_login

    async def bearer_token(self) -> str:
        return await self._unless_ended(super().bearer_token)

    async def try_refresh(self, refused: str) -> bool:
        return await self._unless_ended(partial(super().try_refresh, refused))

    async def fingerprint(self) -> str:
        return await self._unless_ended(super().fingerprint)

    async def _unless_ended(self, use: Callable[[], Awaitable[T]]) -> T:
        # Before the use: a login that is made meanwhile must not be taken for the one that has ended.
        token = await self.known_token()
        try:
            return await use()
        except LoginRefreshError:
            # Only for now.
            raise
        except MissingCredentialError:
            if not await self._end_login(token):
                raise LoginRefreshError(
                    "Your Convirza login was replaced during this call.", remedy="Try again."
                ) from None
            raise LoginExpiredError(
                "Your Convirza login has ended.", remedy="Connect this server again in your client, and log in."
            ) from None
