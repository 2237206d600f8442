"""The typed client: all of Convirza's HTTP happens here, and nowhere else."""

import ssl
from contextlib import AsyncExitStack, aclosing
from hashlib import sha256
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import anyio
import httpx2

from convirza_mcp.api.credentials import BearerAuth, Credential, GivenToken, credential_from
from convirza_mcp.api.handshake import UnfinishedHandshake
from convirza_mcp.api.models import ConversationPage
from convirza_mcp.api.query import ConversationQuery
from convirza_mcp.api.quiet_logs import our_request, quiet_request_logs
from convirza_mcp.api.reading import read_page
from convirza_mcp.api.refusals import refusal
from convirza_mcp.api.retry import Backoff, RetryBudget
from convirza_mcp.api.slots import RequestSlots
from convirza_mcp.config import PRODUCTION_BASE_URL, Settings, checked_base_url
from convirza_mcp.errors import (
    CertificateRefused,
    ConvirzaError,
    DeadlineExceeded,
    NothingThere,
    SettingsError,
    UnexpectedAnswer,
    Unreachable,
)

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Of a decoded body. 200 rows are about 120 kB; more than this is a fault or an attack."""

_MAX_ERROR_BYTES = 16 * 1024
_REQUESTS_AT_ONCE = 8
_REQUESTS_WAITING = 64
_TIMEOUTS = httpx2.Timeout(connect=5.0, read=10.0, write=5.0, pool=5.0)
_CONVERSATIONS = "/conversations/sms"


class ConvirzaClient:
    """Reads Convirza's V3 API. One pooled connection set for its life; GET only.

    >>> async with ConvirzaClient(token) as client:
    ...     page = await client.list_sms_conversations(ConversationQuery(type="unassigned", limit=50))

    `timeout` is in seconds and holds for a whole call, all attempts included. `transport` replaces the network,
    for tests and for programs with a transport of their own.

    Raises:
        SettingsError: the token or the base URL cannot be used.
    """

    def __init__(
        self,
        credential: Credential | str,
        *,
        base_url: str = PRODUCTION_BASE_URL,
        timeout: float = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = httpx2.URL(checked_base_url(base_url))
        self._timeout = timeout
        self._budget = RetryBudget()
        self._slots = RequestSlots(_REQUESTS_AT_ONCE, _REQUESTS_WAITING)
        self._open = AsyncExitStack()
        over_tls = self._base_url.scheme == "https"
        self._credential = GivenToken(credential) if isinstance(credential, str) else credential
        self._http = _http_client(
            auth=BearerAuth(self._credential, self._base_url),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "convirza-mcp"},
            # No domain may set a cookie: a shared client would carry it from one user to the next.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=_TIMEOUTS,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=_REQUESTS_AT_ONCE, max_keepalive_connections=_REQUESTS_AT_ONCE),
            # A proxy from the environment would be handed plain-http requests to this machine, token and all.
            trust_env=over_tls,
            # Loading the system's certificates takes longer than a call, and plain http needs none.
            verify=True if over_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            transport=transport,
        )

    @classmethod
    def from_settings(cls, settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None) -> Self:
        """The client that the settings describe."""
        return cls(credential_from(settings), base_url=settings.base_url, timeout=settings.timeout, transport=transport)

    async def __aenter__(self) -> Self:
        self._open.enter_context(quiet_request_logs())
        await self._open.enter_async_context(self._http)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._open.__aexit__(exc_type, exc_value, traceback)

    async def credential_fingerprint(self) -> str:
        """Tells one account's data from another's in memory, without being the token.

        Raises:
            CredentialMissing: there is no token.
        """
        return sha256((await self._credential.bearer_token()).encode()).hexdigest()

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        """One page of one view, in Convirza's order.

        An offset beyond the end is an empty page, whichever way Convirza says so: whether it answers 404 there
        is undocumented.

        Raises:
            CredentialMissing, TooBusy: no request was made.
            NoAnswer, AnswerRefused, UnexpectedAnswer: as `convirza_mcp.errors` describes them.
        """
        query = ConversationQuery() if query is None else query
        try:
            body = await self._get(_CONVERSATIONS, query.parameters())
        except NothingThere as error:
            # A wrong base URL answers 404 as well, but not in Convirza's words.
            if query.offset == 0 or (error.request_id is None and error.upstream_words is None):
                raise
            return ConversationPage(conversations=(), total=None, request_id=error.request_id)
        return read_page(body)

    async def _get(self, path: str, parameters: dict[str, str]) -> bytes:
        host = self._base_url.host
        url = f"{self._base_url}{path}?{urlencode(parameters)}"
        with anyio.move_on_after(self._timeout) as scope, our_request():
            async with self._slots.one():
                backoff = Backoff(self._budget, scope.deadline)
                try:
                    body = await self._attempt(url)
                except ConvirzaError as error:
                    body = await self._try_again(url, error, backoff)
                backoff.succeeded()
                return body
        raise DeadlineExceeded(
            f"{host} did not answer within {self._timeout:g} seconds; try again, or raise CONVIRZA_TIMEOUT."
        )

    async def _try_again(self, url: str, failure: ConvirzaError, backoff: Backoff) -> bytes:
        # Nearly every request succeeds at once: the machinery of retries is only loaded and set up after a failure,
        # which is then handed to it as its first.
        import stamina

        unheard: ConvirzaError | None = failure
        async for attempt in stamina.retry_context(on=backoff, attempts=None, timeout=None):
            with attempt:
                if unheard is not None:
                    first, unheard = unheard, None
                    raise first
                return await self._attempt(url)
        raise failure

    def _watched(self) -> dict[str, Any] | None:
        return {"trace": UnfinishedHandshake().close} if self._base_url.scheme == "https" else None

    async def _attempt(self, url: str) -> bytes:
        host = self._base_url.host
        try:
            request = self._http.build_request("GET", url, extensions=self._watched())
            response = await self._http.send(request, stream=True)
            async with aclosing(response):
                return await _read(response)
        except httpx2.TimeoutException:
            raise Unreachable(f"{host} did not answer in time; try again in a minute.") from None
        except httpx2.TransportError as error:
            if _is_about_a_certificate(error):
                raise CertificateRefused(
                    f"The certificate of {host} was not accepted, so nothing was sent: something between here and "
                    "Convirza intercepts the connection, or SSL_CERT_FILE lacks its certificate authority."
                ) from None
            raise Unreachable(
                f"{host} could not be reached, or broke off its answer; check the network and try again."
            ) from None
        except httpx2.DecodingError:
            raise UnexpectedAnswer(f"The answer of {host} could not be decompressed; try again.") from None


def _http_client(**options: Any) -> httpx2.AsyncClient:
    try:
        return httpx2.AsyncClient(**options)
    except (ValueError, OSError):
        # The fault's own text may hold the proxy's password.
        raise SettingsError(
            "The connection cannot be set up: HTTPS_PROXY or ALL_PROXY takes an http or https address, SSL_CERT_FILE "
            "or SSL_CERT_DIR an existing file or folder of certificates."
        ) from None


async def _read(response: httpx2.Response) -> bytes:
    status = response.status_code
    if status >= 400:
        try:
            body, _ = await _first_bytes(response, _MAX_ERROR_BYTES)
        except (httpx2.TransportError, httpx2.DecodingError):
            # The status is the answer; its words would only have been a help.
            body = b""
        token = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
        raise refusal(status, response.headers, body, token=token)
    if status != 200:
        raise UnexpectedAnswer(
            f"{response.url.host} answered with status {status} instead of conversations, and redirects are not "
            "followed; check that CONVIRZA_BASE_URL is the V3 business API."
        )
    if not _is_json(response.headers.get("content-type", "")):
        raise UnexpectedAnswer(
            f"{response.url.host} answered with something other than JSON, as a sign-in page of a network does; "
            "check the network and CONVIRZA_BASE_URL."
        )
    body, whole = await _first_bytes(response, MAX_BODY_BYTES)
    if not whole:
        raise UnexpectedAnswer(
            f"The answer of {response.url.host} is larger than {MAX_BODY_BYTES // 1024**2} MiB; "
            "ask for a smaller `limit`."
        )
    return body


async def _first_bytes(response: httpx2.Response, most: int) -> tuple[bytes, bool]:
    """Up to `most` decoded bytes of the body, and whether that is all of it."""
    pieces: list[bytes] = []
    room = most
    async for piece in response.aiter_bytes():
        if len(piece) > room:
            pieces.append(piece[:room])
            return b"".join(pieces), False
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces), True


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _is_about_a_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
