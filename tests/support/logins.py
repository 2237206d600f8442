"""A login in a store, an OAuth service to renew it, and a clock for both: what renewals are tested with."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.single_flight import background_tasks

OAUTH_URL = "https://oauth.example"
A_MINUTE = timedelta(seconds=60)
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)
FIRST, SECOND = "CNVZ-AT-1", "CNVZ-AT-2"


class Clock:
    """Stands still until it is moved."""

    def __init__(self, time: datetime = datetime(2026, 4, 3, 12, 0, tzinfo=UTC)) -> None:
        self.time = time
        self.seconds = 1_000.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, time: timedelta) -> None:
        self.time += time
        self.seconds += time.total_seconds()


class Service(httpx2.AsyncBaseTransport):
    """Renews CNVZ-RT-1 to CNVZ-AT-2 and CNVZ-RT-2, and so on; a refresh token that comes twice ends the login.

    `faults` are answered, or raised, before that, one a request; with `hold` no answer comes until `let_through`.
    """

    def __init__(self, clock: Clock, *, hold: bool = False) -> None:
        self.clock = clock
        self.asked: list[str] = []
        self.urls: set[str] = set()
        self.faults: list[httpx2.Response | Exception] = []
        self.changes: dict[str, Any] = {}
        self.on_request: Callable[[], None] = lambda: None
        self.reached = anyio.Event()
        self._gate = anyio.Event()
        self._next = 2
        if not hold:
            self._gate.set()

    def let_through(self) -> None:
        self._gate.set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = json.loads(await request.aread())
        self.asked.append(content["refresh_token"])
        self.urls.add(str(request.url))
        self.on_request()
        self.reached.set()
        await self._gate.wait()
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault
        if content["refresh_token"] != f"CNVZ-RT-{self._next - 1}":
            return httpx2.Response(401, json={"error": "invalid_grant"})
        answer = {
            "access_token": f"CNVZ-AT-{self._next}",
            "refresh_token": f"CNVZ-RT-{self._next}",
            "expires_in": (self.clock.time + A_WEEK).isoformat(),
            **self.changes,
        }
        self._next += 1
        return httpx2.Response(200, json=answer)


def login(clock: Clock, *, left: timedelta = A_WEEK, oauth_url: str = OAUTH_URL, **changes: Any) -> StoredCredential:
    """The first pair of a login, with that much of its week left."""
    pair = TokenPair(
        **{
            "access_token": FIRST,
            "refresh_token": "CNVZ-RT-1",
            "expires_at": clock.time + left,
            "refresh_expires_at": None,
            "obtained_at": clock.time + left - A_WEEK,
            **changes,
        }
    )
    return StoredCredential(pair, account="5ad0c0", oauth_url=oauth_url)


def stored(folder: Path, credential: StoredCredential) -> CredentialStore:
    store = CredentialStore(folder)
    store.write(credential)
    return store


def the_middle(least: float, most: float) -> float:
    return (least + most) / 2


def stored_token(
    store: CredentialStore, service: Service, *, uniform: Callable[[float, float], float] = the_middle, **options: Any
) -> StoredToken:
    """As another process would have it: with a store object of its own."""
    return StoredToken(
        FileLogin(CredentialStore(store.path.parent)),
        oauth_url=options.pop("oauth_url", OAUTH_URL),
        transport=service,
        now=service.clock.now,
        monotonic=service.clock.monotonic,
        uniform=uniform,
        **options,
    )


@asynccontextmanager
async def opened(credential: StoredToken) -> AsyncIterator[StoredToken]:
    """Open it for the block, as a client does."""
    async with background_tasks() as tasks:
        credential.open(tasks)
        try:
            yield credential
        finally:
            await credential.aclose()


def opened_token(store: CredentialStore, service: Service, **options: Any) -> AbstractAsyncContextManager[StoredToken]:
    return opened(stored_token(store, service, **options))
