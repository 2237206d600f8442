"""Everything that the mode `login` adds to a server: tokens, endpoints, documents, and a Convirza login each."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx2
from anyio.abc import TaskGroup

from convirza_mcp.accounts.registry import OpenClient, Principal
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.errors import StoreUnavailableError
from convirza_mcp.privacy.aliases import alias_key
from convirza_mcp.settings import Settings
from convirza_mcp.store.protocol import Store
from convirza_mcp.store.sealed import SealedStore
from convirza_mcp.transports.http.authentication.bearer import RejectedTokenError
from convirza_mcp.transports.http.documents import root_of
from convirza_mcp.transports.http.login.clients import Clients
from convirza_mcp.transports.http.login.endpoints import Endpoints, metadata
from convirza_mcp.transports.http.login.grants.grants import Grants
from convirza_mcp.transports.http.login.grants.people import People
from convirza_mcp.transports.http.login.grants.tokens import LABEL_DIGITS, digest
from convirza_mcp.transports.http.login.page import LoginPage
from convirza_mcp.transports.http.login.provider import Provider
from convirza_mcp.transports.http.login.public_fetch import Fetch

_PREFIX = "login:"
_SECONDS_WITHOUT_STORE = 60.0
_MAX_REMEMBERED = 10_000
_SECONDS_BETWEEN_WRITES = 5.0


class LoginMode:
    """The mode's parts for one server.

    `transport`, `fetch`, `now` and `monotonic` replace Convirza, the network and the clocks, for tests.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        url: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        fetch: Fetch | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        cipher = settings.store_cipher()
        # Or a program that can only write to the store could give itself access.
        sealed = SealedStore(store, cipher)
        self.grants = Grants(sealed, now)
        self._settings = settings
        self._transport = transport
        self.people = People(store, self.grants, settings, transport=transport)
        self._url = url
        self._now = now
        self._monotonic = monotonic
        self._write_at = 0.0
        self._remembered: OrderedDict[str, tuple[Principal, float]] = OrderedDict()
        clients = Clients(sealed, fetch=fetch, now=now)
        provider = Provider(store=sealed, clients=clients, grants=self.grants, people=self.people, url=url)
        issuer, account_of = root_of(url), self.people.account_of
        page = LoginPage(sealed, self.people.log_in, provider.finish, account_of=account_of, issuer=issuer)
        self.endpoints = Endpoints(provider, page, url)
        self.documents = {"/.well-known/oauth-authorization-server": metadata(issuer)}

    async def principal(self, token: str) -> Principal:
        """Return the principal of an access token; for a minute from memory if the store does not answer."""
        now, key = self._monotonic(), digest(token)
        try:
            access = await self.grants.of_access_token(token)
        except StoreUnavailableError:
            principal, seen_at = self._remembered.get(key, (None, 0.0))
            if principal is None or now - seen_at >= _SECONDS_WITHOUT_STORE:
                raise
            if (principal.expires_at or 0.0) <= self._now():
                raise RejectedTokenError from None
            return principal
        # Servers with different addresses may share a store.
        if access is None or access.resource != self._url:
            self._remembered.pop(key, None)
            raise RejectedTokenError
        name = f"{_PREFIX}{access.account}"
        principal = Principal(name, access.account[:LABEL_DIGITS], access.expires_at, name, access.grant)
        self._remembered[key] = principal, now
        self._remembered.move_to_end(key)
        if len(self._remembered) > _MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return principal

    def open_client(self, shared: OpenClient, connections: httpx2.AsyncBaseTransport | None = None) -> OpenClient:
        """Return how to open an account's client over `connections`; `shared` opens that of callers with a key."""

        def open_account(name: str, tasks: TaskGroup) -> AbstractAsyncContextManager[ConversationReader]:
            if not name.startswith(_PREFIX):
                return shared(name, tasks)
            return ConvirzaClient(
                self.people.credential(name.removeprefix(_PREFIX)),
                base_url=self._settings.base_url,
                timeout=self._settings.timeout,
                transport=self._transport or connections,
                tasks=tasks,
            )

        return open_account

    def alias_key(self, name: str) -> bytes:
        """Return an account's key of aliases: with one key for all, two people could compare contacts by alias."""
        key = self._settings.alias_key or alias_key()
        return hmac.digest(key, name.encode(), "sha256") if name.startswith(_PREFIX) else key

    async def is_ready(self) -> bool:
        """Return whether the store answers, and takes a write, such as on a disk that is not full."""
        try:
            if self._monotonic() < self._write_at:
                await self.store.get("ready")
            else:
                await self.store.put("ready", b"", seconds=_SECONDS_BETWEEN_WRITES)
                self._write_at = self._monotonic() + _SECONDS_BETWEEN_WRITES
        except StoreUnavailableError:
            return False
        return True
