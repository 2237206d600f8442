"""Connections: one set of safe settings, bounded answers, and network faults as our own exceptions."""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from enum import Enum, auto
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar, cast

import anyio
import httpx2
from httpx2 import AsyncByteStream

from convirza_mcp.api.http.proxy import proxy_for
from convirza_mcp.errors import (
    CertificateError,
    ConnectError,
    ConnectionBrokenError,
    ConvirzaError,
    InvalidResponseError,
    SettingsError,
)

# OpenSSL's codes, then those of macOS and Windows, which truststore passes on.
_OUT_OF_DATE = {9, 10, -67818, -67819, 0x800B0101}
_OTHER_HOST = {62, 64, -67602, 0x800B010F}
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21, -67843, 0x800B0109, 0x800B010A}
_LONGEST_REASON = 80


class Obstacle(Enum):
    """Obstacles on the way to a host, in the order in which a connection meets them."""

    UNKNOWN_NAME = auto()
    NO_CONNECTION = auto()
    PROXY = auto()
    NO_TLS = auto()
    UNKNOWN_AUTHORITY = auto()
    OUT_OF_DATE = auto()
    OTHER_HOST = auto()
    BAD_CERTIFICATE = auto()
    NO_ANSWER = auto()


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the verification error that `error` was raised from; None if it has another cause."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def certificate_obstacle(error: ssl.SSLCertVerificationError) -> Obstacle:
    # Only handshake errors have a verification code.
    code = getattr(error, "verify_code", 0)
    if code in _OUT_OF_DATE:
        return Obstacle.OUT_OF_DATE
    if code in _OTHER_HOST:
        return Obstacle.OTHER_HOST
    # Other systems have many codes; most mean that the system does not trust the chain's authority.
    if code in _UNKNOWN_AUTHORITY or not 0 < code < 1_000:
        return Obstacle.UNKNOWN_AUTHORITY
    return Obstacle.BAD_CERTIFICATE


def _certificate_failure(error: ssl.SSLCertVerificationError, host: str) -> CertificateError:
    # Name SSL_CERT_FILE only where another authority would help.
    match certificate_obstacle(error):
        case Obstacle.OUT_OF_DATE:
            reason = "it has expired, or this computer's clock is wrong"
            remedy = "Check the date and time, or use another network."
        case Obstacle.OTHER_HOST:
            reason = "it belongs to another host, so the connection is intercepted or the address is wrong"
            remedy = "Check the address, or use another network."
        case Obstacle.UNKNOWN_AUTHORITY:
            reason = "the connection is intercepted, or SSL_CERT_FILE lacks the certificate authority"
            remedy = "Set SSL_CERT_FILE to the authority's file, or use another network."
        case _:
            # OpenSSL's name of the code, such as "Missing Authority Key Identifier"; the host cannot influence it.
            reason = error.verify_message[:_LONGEST_REASON].lower()
            remedy = "Ask the network's or the host's administrator to issue another one."
    return CertificateError(
        f"The certificate of {host} was not accepted, so nothing was sent: {reason}.", remedy=remedy
    )


NETWORK_FAULTS = (httpx2.TransportError, httpx2.DecodingError)
"""The exceptions that `network_failure` translates."""

_MAX_ERROR_BYTES = 16 * 1024
"""Limit of an error's body, which holds a sentence and a request id."""

REQUESTS_AT_ONCE = 8
_IDLE_CONNECTIONS = 4 * REQUESTS_AT_ONCE
Result = TypeVar("Result")
TIMEOUTS = httpx2.Timeout(connect=5.0, read=10.0, write=5.0, pool=5.0)
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "convirza-mcp"}


def http_client(
    url: httpx2.URL,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    timeouts: httpx2.Timeout = TIMEOUTS,
) -> httpx2.AsyncClient:
    """Return an HTTP client for `url` and paths below it. `transport` replaces the network.

    Raises:
        SettingsError: the proxy or certificate settings of the environment are invalid.
    """
    return httpx2.AsyncClient(
        headers=HEADERS,
        # Refuse all cookies: a shared client would send one user's cookie for the next.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=timeouts,
        follow_redirects=False,
        trust_env=False,
        transport=transport or own_connections(url),
    )


def own_connections(url: httpx2.URL) -> httpx2.AsyncHTTPTransport:
    """Return a connection pool for one client of `url` and paths below it.

    Raises:
        SettingsError: the proxy or certificate settings of the environment are invalid.
    """
    return _connections(url, at_once=REQUESTS_AT_ONCE, idle=REQUESTS_AT_ONCE)


class SharedConnections(httpx2.AsyncBaseTransport):
    """One connection pool for the clients of many accounts, to `url` and paths below it.

    A client that closes leaves its connections to the others; `aclose_all` closes them. Each client limits its own
    requests, and has its own credential.

    Raises:
        SettingsError: the proxy or certificate settings of the environment are invalid.
    """

    def __init__(self, url: httpx2.URL) -> None:
        self._pool = _connections(url, at_once=None, idle=_IDLE_CONNECTIONS)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._pool.handle_async_request(request)

    async def aclose_all(self) -> None:
        await self._pool.aclose()


def _connections(url: httpx2.URL, *, at_once: int | None, idle: int) -> httpx2.AsyncHTTPTransport:
    over_tls = url.scheme == "https"
    # Only over TLS: a proxy would receive plain-http requests to this machine, including the token.
    proxy = proxy_for(url) if over_tls else None
    try:
        return httpx2.AsyncHTTPTransport(
            limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=idle),
            trust_env=False,
            proxy=None if proxy is None else proxy[0],
            verify=_tls_context(over_tls=over_tls),
        )
    except (ValueError, OSError, ImportError, httpx2.InvalidURL):
        if proxy is None:
            raise
        # A SOCKS proxy raises ImportError. Drop the fault's own text, which may hold the proxy's password.
        raise _not_set_up(f"{proxy[1]} takes an http or https proxy address.") from None


def _tls_context(*, over_tls: bool) -> ssl.SSLContext:
    if not over_tls:
        # Loading the system's certificates takes longer than a call, and plain http does not need them.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx2.create_ssl_context()
    except OSError:
        raise _not_set_up("SSL_CERT_FILE takes the path of a certificate file.") from None


def _not_set_up(remedy: str) -> SettingsError:
    return SettingsError("The connection cannot be set up.", remedy=remedy)


class HandshakeCleanup:
    """Close the connection of a TLS handshake that was cancelled. One per request; `trace` is for httpx2.

    httpcore2 leaves the socket open until it is collected when a deadline or a cancelled call ends the handshake. An
    earlier report of such orphaned sockets: https://github.com/encode/httpcore/pull/443; the same behind a proxy:
    https://github.com/pydantic/httpx2/pull/1226.
    """

    def __init__(self) -> None:
        self._stream: Any = None

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif event == "connection.start_tls.failed" and self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()


async def first_bytes(response: httpx2.Response, most: int) -> tuple[bytes, bool]:
    """Return up to `most` decoded bytes of the body, and whether that is the whole body."""
    pieces: list[bytes] = []
    room = most
    # The layers that decode cost as much as reading, and few answers are encoded.
    is_plain = not response.is_closed and "content-encoding" not in response.headers
    async for piece in cast("AsyncByteStream", response.stream) if is_plain else response.aiter_bytes():
        if len(piece) > room:
            pieces.append(piece[:room])
            return b"".join(pieces), False
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces), True


async def error_body(response: httpx2.Response) -> bytes:
    """Return the beginning of an error's body; empty if the connection breaks."""
    try:
        body, _ = await first_bytes(response, _MAX_ERROR_BYTES)
    except NETWORK_FAULTS:
        # The status is enough; the body is only a help.
        return b""
    return body


async def response_to(
    request: httpx2.Request,
    send: Callable[[httpx2.Request], Awaitable[httpx2.Response]],
    read: Callable[[httpx2.Response], Awaitable[Result]],
) -> Result:
    """Send `request` with `send`, and return what `read` makes of the response, whose body it streams.

    Raises:
        ConvirzaError: from `network_failure` or from `read`.
    """
    if request.url.scheme == "https":
        request.extensions["trace"] = HandshakeCleanup().trace
    try:
        async with aclosing(await send(request)) as response:
            response.request = request
            return await read(response)
    except NETWORK_FAULTS as error:
        raise network_failure(error, request.url.host) from None


def network_failure(error: httpx2.RequestError, host: str) -> ConvirzaError:
    """Return the error for one of `NETWORK_FAULTS` in a request to `host`."""
    if isinstance(error, httpx2.DecodingError):
        return InvalidResponseError(f"The answer from {host} could not be decompressed.", remedy="Try again.")
    if (cause := certificate_error(error)) is not None:
        return _certificate_failure(cause, host)
    kind = ConnectError if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout) else ConnectionBrokenError
    if isinstance(error, httpx2.TimeoutException):
        return kind(f"{host} did not answer in time.", remedy="Try again in a minute.")
    return kind(f"{host} could not be reached, or the connection broke.", remedy="Check the network and try again.")
