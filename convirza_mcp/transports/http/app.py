"""The ASGI application: the server of `build_server` behind the guard, with an account lent to each call."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings

from convirza_mcp.accounts.account import Account
from convirza_mcp.accounts.registry import Accounts, OpenClient, Principal
from convirza_mcp.api.http.connection import SharedConnections
from convirza_mcp.errors import ConvirzaError, StoreUnavailableError
from convirza_mcp.server.build import INSTRUCTIONS, account_of, build_server
from convirza_mcp.server.subscriptions import A_MINUTE, SubscriptionHandler
from convirza_mcp.settings import Settings
from convirza_mcp.single_flight import background_tasks
from convirza_mcp.transports.http.authentication.bearer import Authentication, TokenIssuer
from convirza_mcp.transports.http.authentication.keys import KeyFile
from convirza_mcp.transports.http.documents import documents
from convirza_mcp.transports.http.guard import BODY_SECONDS, MAX_BODY_BYTES, Addresses, Guard
from convirza_mcp.transports.http.metrics import Metrics
from convirza_mcp.transports.http.principals import ForThePrincipal
from convirza_mcp.transports.http.settings import HttpSettings

if TYPE_CHECKING:
    from convirza_mcp.store.agreement import Agreement
    from convirza_mcp.transports.http.login.mode import LoginMode

_SHARED_LOGIN = (
    "\n\n{} share one Convirza login. assignedToYou means that login's user, not the person you "
    "talk to: use agent for one person's conversations."
)
_SECONDS_BETWEEN_KEY_CHECKS = 0.5
_SECONDS_BETWEEN_GRANT_CHECKS = 2.0
_SECONDS_BETWEEN_RELEASES = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApp:
    """An application that can be served: call `stop` before its lifespan ends."""

    guard: Guard
    listening: SubscriptionHandler
    accounts: Accounts
    metrics: Metrics | None
    ready: list[bool]

    def stop(self) -> None:
        """Take no new calls, and end listen streams with their last message."""
        self.ready.clear()
        self.listening.close()


def http_app(
    settings: Settings,
    http: HttpSettings,
    *,
    url: str,
    open_client: OpenClient,
    connections: SharedConnections | None = None,
    loopback_port: int | None = None,
    issuer: TokenIssuer | None = None,
    login: "LoginMode | None" = None,
    agreement: "Agreement | None" = None,
    authentication: Authentication | None = None,
    poll_seconds: float = A_MINUTE,
    body_seconds: float = BODY_SECONDS,
    accounts: Accounts | None = None,
) -> HttpApp:
    """Return the application for these settings.

    `url` is the public address. `loopback_port` is the port if the server is bound to this computer. `login` has the
    parts of the mode `login`, if it is on; `agreement` compares the settings of replicas. `connections` are those of
    the accounts' clients, closed at the end. The other parameters are for tests: authentication and intervals.
    """
    keys = KeyFile(http.http_keys_file) if http.allows("keys") else None
    accounts = accounts or Accounts(open_client, settings, read_key=None if login is None else login.alias_key)
    listening = SubscriptionHandler(account_of, poll_seconds)
    principals = ForThePrincipal(accounts, listening)
    ready: list[bool] = []
    metrics = None
    if http.http_metrics is not None:
        metrics = Metrics(
            {
                "convirza_rows_held": ("Rows in memory.", lambda: float(accounts.rows_held)),
                "convirza_accounts_open": ("Accounts that are open.", lambda: float(accounts.open_accounts)),
                "convirza_listeners": ("Clients that listen for changes.", lambda: float(listening.listeners)),
            }
        )

    @asynccontextmanager
    async def lifespan(_: Server[Account]) -> AsyncIterator[Account]:
        async with AsyncExitStack() as stack:
            if metrics is not None:
                stack.enter_context(metrics)
            if login is not None:
                stack.push_async_callback(login.store.aclose)
            if agreement is not None:
                stack.push_async_callback(agreement.aclose)
            if connections is not None:
                stack.push_async_callback(connections.aclose_all)
            await stack.enter_async_context(accounts)
            tasks = await stack.enter_async_context(background_tasks())
            if keys is not None:
                tasks.start_soon(_end_listeners_of_removed_keys, keys, principals)
            if agreement is not None:
                await agreement.check()
                tasks.start_soon(agreement.keep)
            if login is not None:
                tasks.start_soon(_end_listeners_of_ended_grants, login, principals)
                tasks.start_soon(_release_unused_logins, login)
            ready.append(True)
            # No handler sees this: a call gets its principal's account.
            yield cast("Account", None)

    async def is_ready() -> bool:
        is_agreed = agreement is None or agreement.is_reached
        return bool(ready) and is_agreed and _can_read(keys) and (login is None or await login.is_ready())

    server = build_server(
        settings,
        lifespan=lifespan,
        listening=listening,
        instructions=INSTRUCTIONS + _about_logins(http),
    )
    server.middleware.append(principals)
    # Without it each call would run the whole list of tools first; no parameter of ours is mirrored to a header.
    server.get_tool_input_schema = lambda _: None
    addresses = Addresses.of(url, loopback_port, http.http_origins)
    app: Any = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        # A closed stream cancels its call only without it.
        json_response=False,
        max_request_body_size=MAX_BODY_BYTES,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[*addresses.hosts],
            allowed_origins=[*addresses.origins],
        ),
        host="0.0.0.0",  # noqa: S104 - binds nothing: only loopback would switch on rules of the SDK's own
    )
    guard = Guard(
        app=app,
        # Not through the app's routes and error pages: the guard has both.
        endpoint=server.session_manager.handle_request,
        addresses=addresses,
        authentication=authentication or Authentication(url, http, keys, login or issuer),
        documents=documents(url, http) if login is None else {**documents(url, http), **login.documents},
        is_ready=is_ready,
        open_endpoints=None if login is None else login.endpoints,
        on_refusal=lambda status: None if metrics is None else metrics.refused(status),
        body_seconds=body_seconds,
    )
    return HttpApp(guard=guard, listening=listening, accounts=accounts, metrics=metrics, ready=ready)


def _about_logins(http: HttpSettings) -> str:
    if http.http_auth in (None, "login"):
        return ""
    return _SHARED_LOGIN.format("Users with an access key" if http.allows("login") else "All users of this server")


def _can_read(keys: KeyFile | None) -> bool:
    try:
        return keys is None or keys.read() is not None
    except ConvirzaError:
        return False


async def _end_listeners_of_removed_keys(keys: KeyFile, principals: ForThePrincipal) -> None:
    def is_admitted(principal: Principal) -> bool:
        return not principal.subject.startswith("key:") or principal.subject in admitted

    while True:
        await anyio.sleep(_SECONDS_BETWEEN_KEY_CHECKS)
        try:
            found = keys.read()
        except ConvirzaError:
            # A key file that cannot be read admits no call either.
            found = ()
        # Also if the file is the same: the body of a subscription may have come after the key was removed.
        if principals.listeners:
            admitted = {each.principal.subject for each in found if not each.is_expired}
            principals.end_listeners(is_admitted)


async def _release_unused_logins(login: "LoginMode") -> None:
    while True:
        await anyio.sleep(_SECONDS_BETWEEN_RELEASES)
        # Otherwise at the next time.
        with suppress(ConvirzaError):
            await login.people.release_unused()


async def _end_listeners_of_ended_grants(login: "LoginMode", principals: ForThePrincipal) -> None:
    while True:
        await anyio.sleep(_SECONDS_BETWEEN_GRANT_CHECKS)
        await _end_if_grant_ended(login, principals)


async def _end_if_grant_ended(login: "LoginMode", principals: ForThePrincipal) -> None:
    ended = set()
    with suppress(StoreUnavailableError):
        for each in principals.listeners:
            if each.grant is not None and await login.grants.read(each.grant) is None:
                ended.add(each)
    principals.end_listeners(lambda principal: principal not in ended)
