"""The typed client for Convirza's HTTP API. No other module sends API requests."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlencode

import anyio
import httpx2
from anyio.abc import TaskGroup

from convirza_mcp.api.http.connection import (
    HEADERS,
    TIMEOUTS,
    error_body,
    first_bytes,
    own_connections,
    response_to,
)
from convirza_mcp.api.http.envelope import envelope_of, stated_status, status_error
from convirza_mcp.api.http.observation import count_attempt, note_request_id, note_status, our_request
from convirza_mcp.api.http.queue import RequestQueue
from convirza_mcp.api.http.retry import Backoff, RetryBudget
from convirza_mcp.api.login.credentials import BackgroundCredential, Credential, FixedToken, TokenFile, bearer_of
from convirza_mcp.api.models import ConversationPage, ConversationQuery
from convirza_mcp.api.parse import read_envelope, read_page
from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.errors import (
    APITimeoutError,
    AuthenticationError,
    ConvirzaError,
    InvalidResponseError,
    NotFoundError,
    SettingsError,
)
from convirza_mcp.settings import PRODUCTION_BASE_URL, Settings
from convirza_mcp.single_flight import background_tasks
from convirza_mcp.text.address import checked_address

if TYPE_CHECKING:
    from convirza_mcp.api.users import UserPage, UserStatus

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Limit of a decoded body. 200 rows are about 120 kB; more than this is a fault or an attack."""

_SECONDS_WITHOUT_REFRESH = 60.0
_EXTENSIONS = {"timeout": TIMEOUTS.as_dict()}


Result = TypeVar("Result")


class ConvirzaClient:
    """Client for Convirza's V3 API, with one connection pool; GET only.

    >>> async with ConvirzaClient(token) as client:
    ...     page = await client.list_sms_conversations(ConversationQuery(type="unassigned", limit=50))

    `timeout` is in seconds, for a whole call including retries. `transport` replaces the network, for tests and for
    programs with their own transport. With `tasks`, background work runs in that group, so one task may open the client
    and another close it.

    Raises:
        SettingsError: the token or the base URL is invalid.
    """

    def __init__(
        self,
        credential: Credential | str,
        *,
        base_url: str = PRODUCTION_BASE_URL,
        timeout: float = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        tasks: TaskGroup | None = None,
    ) -> None:
        self._base_url = httpx2.URL(checked_address(base_url, "base_url", PRODUCTION_BASE_URL))
        self._timeout = timeout
        self._budget = RetryBudget()
        self._queue = RequestQueue()
        self._open = AsyncExitStack()
        self._tasks = tasks
        self._credential = FixedToken(credential) if isinstance(credential, str) else credential
        self._no_renewal_before = -inf
        # Requests go to the transport as they are: no cookies, and no redirects that the token could follow.
        self._transport = transport or own_connections(self._base_url)

    @classmethod
    def from_settings(
        cls, settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None, tasks: TaskGroup | None = None
    ) -> Self:
        """Return the client that the settings describe."""
        return cls(
            credential_from(settings),
            base_url=settings.base_url,
            timeout=settings.timeout,
            transport=transport,
            tasks=tasks,
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return the client that the `CONVIRZA_*` variables describe.

        Raises:
            SettingsError: a variable's value cannot be used, or they ask for the demo, which only `Inbox` opens.
        """
        settings = Settings.from_environment(environ)
        if settings.demo:
            raise SettingsError("CONVIRZA_DEMO works with Inbox, servers and commands. Unset it to use ConvirzaClient.")
        return cls.from_settings(settings)

    async def __aenter__(self) -> Self:
        if isinstance(self._credential, BackgroundCredential):
            tasks = self._tasks
            if tasks is None:
                tasks = await self._open.enter_async_context(background_tasks())
            self._credential.open(tasks)
            self._open.push_async_callback(self._credential.aclose)
        await self._open.enter_async_context(self._transport)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def aclose(self) -> None:
        """Close the connections of a client that is not used as a context manager."""
        await self._open.aclose()
        await self._transport.aclose()

    async def credential_fingerprint(self) -> str:
        """Return a hash of the token that identifies the account's data in memory.

        Raises:
            MissingCredentialError, CredentialUnusableError: there is no token.
        """
        return await self._credential.fingerprint()

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        """Return one page of one view, in Convirza's order.

        An offset beyond the end gives an empty page, also if Convirza answers 404, which is undocumented.

        Raises:
            MissingCredentialError, CredentialUnusableError, OverloadedError: no request was made, or only ones that
                Convirza refused for their token.
            APIConnectionError, APIStatusError, InvalidResponseError: as `convirza_mcp.errors` describes them.
        """
        query = ConversationQuery() if query is None else query
        try:
            page = await self._get(query.parameters(), lambda envelope: read_page(envelope, query.offset))
        except NotFoundError as error:
            # A wrong base URL also gives 404, but without Convirza's envelope.
            if query.offset == 0 or (error.request_id is None and error.upstream_words is None):
                raise
            return ConversationPage(conversations=(), total=None, request_id=error.request_id)
        note_request_id(page.request_id)
        return page

    async def list_users(self, status: "UserStatus" = "active", *, offset: int = 0) -> "UserPage":
        """Return one page of the account's users of this status, with the groups that they belong to.

        Raises:
            PermissionDeniedError: this login may not list users. Which roles may is undocumented.
            APIConnectionError, APIStatusError, InvalidResponseError: as `convirza_mcp.errors` describes.
        """
        from convirza_mcp.api.users import MAX_USERS, read_users

        parameters = {"user_status": status, "limit": str(MAX_USERS), "offset": str(offset)}
        # A 401 may mean here that the role is out of scope. Refresh tokens are single-use: spend none on that.
        return await self._get(parameters, read_users, "users/list", renews=False)

    async def _get(
        self,
        parameters: dict[str, str],
        read: Callable[[dict[str, Any]], Result],
        path: str = "conversations/sms",
        *,
        renews: bool = True,
    ) -> Result:
        url = f"{self._base_url}/{path}?{urlencode(parameters)}"
        with anyio.move_on_after(self._timeout) as scope, our_request():
            backoff = Backoff(self._budget, scope.deadline)
            return await self._queue.run(url, lambda: self._retry(url, read, backoff, renews=renews))
        raise APITimeoutError(
            f"{self._base_url.host} did not answer within {seconds_text(self._timeout)}.",
            remedy="Try again, or raise CONVIRZA_TIMEOUT.",
        )

    async def _retry(
        self, url: str, read: Callable[[dict[str, Any]], Result], backoff: Backoff, *, renews: bool
    ) -> Result:
        while True:
            try:
                envelope = await self._attempt(url, backoff, renews=renews)
            except ConvirzaError as error:
                wait = backoff.wait_after(error)
                if wait is None:
                    raise
            else:
                backoff.succeeded()
                return read(envelope)
            await anyio.sleep(wait)

    async def _attempt(self, url: str, backoff: Backoff, *, renews: bool) -> dict[str, Any]:
        request = await self._request(url)
        try:
            return await response_to(request, self._send, _read)
        except AuthenticationError:
            may_renew = renews and backoff.may_replay() and anyio.current_time() >= self._no_renewal_before
            if not may_renew or not await self._credential.try_refresh(bearer_of(request)):
                raise
        try:
            return await response_to(await self._request(url), self._send, _read)
        except AuthenticationError:
            # The token is not the cause, so another refresh would not help.
            self._no_renewal_before = anyio.current_time() + _SECONDS_WITHOUT_REFRESH
            raise

    async def _request(self, url: str) -> httpx2.Request:
        headers = {**HEADERS, "Authorization": f"Bearer {await self._credential.bearer_token()}"}
        return httpx2.Request("GET", _parsed(url), headers=headers, extensions=_EXTENSIONS)

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        count_attempt()
        response = await self._transport.handle_async_request(request)
        note_status(response.status_code)
        return response


@lru_cache(maxsize=16)
def _parsed(url: str) -> httpx2.URL:
    # The default window's pages have the same address at every call.
    return httpx2.URL(url)


async def _read(response: httpx2.Response) -> dict[str, Any]:
    host, status = response.url.host, response.status_code
    if status >= 400:
        body = await error_body(response)
        raise status_error(status, response.headers, body, token=bearer_of(response.request))
    body, whole = await first_bytes(response, MAX_BODY_BYTES)
    if status != 200:
        # The body decides also against another success, or a redirect to a login page.
        stated = stated_status(envelope_of(body)) or status
        if stated >= 400:
            raise status_error(stated, response.headers, body, token=bearer_of(response.request))
        if stated != 200 or status >= 300:
            raise _no_page(host, status)
    if not whole:
        raise InvalidResponseError(
            f"The answer from {host} is larger than {MAX_BODY_BYTES // 1024**2} MiB.",
            remedy="Use a smaller `limit`.",
        )
    try:
        envelope = read_envelope(body)
    except InvalidResponseError:
        if _is_web_page(response.headers.get("content-type", ""), body):
            raise InvalidResponseError(
                f"{host} did not return JSON: a network's sign-in page may have answered.",
                remedy="Check the network and CONVIRZA_BASE_URL.",
            ) from None
        raise
    stated = stated_status(envelope) or status
    if stated >= 400:
        raise status_error(stated, response.headers, body, token=bearer_of(response.request))
    if not 200 <= stated < 300:
        raise _no_page(host, stated)
    return envelope


def _no_page(host: str, status: int) -> InvalidResponseError:
    return InvalidResponseError(
        f"{host} answered with status {status} instead of conversations, and redirects are not followed.",
        remedy="Check that CONVIRZA_BASE_URL is the V3 business API.",
    )


def _is_web_page(content_type: str, body: bytes) -> bool:
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    media_type = content_type.partition(";")[0].strip().lower()
    is_json_type = media_type in ("application/json", "text/json") or media_type.endswith("+json")
    return start == b"<" or (start not in (b"{", b"[") and not is_json_type)


def credential_from(settings: Settings) -> Credential:
    """Return the credential: `CONVIRZA_TOKEN`, else `CONVIRZA_TOKEN_FILE`, else the stored login.

    A login may be stored later; until then, each use raises an error that says what to do.
    """
    if settings.token is not None:
        return FixedToken(settings.token)
    if settings.token_file is not None:
        return TokenFile(settings.token_file)
    # Imported here, because with a configured token nothing is stored or refreshed.
    from convirza_mcp.api.login.storage import login_storage
    from convirza_mcp.api.login.stored_token import StoredToken

    return StoredToken(login_storage(settings), oauth_url=settings.oauth_url)
