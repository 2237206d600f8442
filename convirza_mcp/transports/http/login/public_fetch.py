"""Fetch a document from an address that a stranger chose, without reaching the server's own network.

A name is resolved once, and the connection goes to an address that was checked: a name that resolves differently a
moment later gains nothing. No redirect is followed, no proxy used, and no compressed body read.
"""

import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

import anyio
import httpx2

from convirza_mcp.api.http.connection import response_to
from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread
from convirza_mcp.errors import ConvirzaError

FETCH_SECONDS = 3.0
"""Limit for everything: the name, the connections, the answer."""

MAX_DOCUMENT_BYTES = 64 * 1024
_MAX_ADDRESSES = 3
_MAX_AT_ONCE = 8

# Global by name, but with a meaning in the local network, or an IPv4 address inside. Azure's hosts answer on the last.
_NOT_PUBLIC_V4 = ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")
_NOT_PUBLIC_V6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
_NOT_PUBLIC = tuple(map(ip_network, (*_NOT_PUBLIC_V4, *_NOT_PUBLIC_V6)))
_UNICAST_V6 = ip_network("2000::/3")

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


class FetchError(Exception):
    """The document cannot be fetched: no public address, no answer in time, or an answer without a document."""


class Fetched(NamedTuple):
    """The body of an answer with status 200, and its Cache-Control."""

    body: bytes
    cache_control: str


Fetch = Callable[[str], Awaitable[Fetched]]


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet, and to one host of it."""
    # Not the mapped, translated (NAT64) and tunnelled addresses of IPv6, which carry any IPv4 address.
    is_one_host = address in _UNICAST_V6 if address.version == 6 else not (address.is_multicast or address.is_reserved)
    return is_one_host and address.is_global and not any(address in each for each in _NOT_PUBLIC)


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a name, in the system's order. Blocks."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class PublicFetch:
    """Fetches documents. `is_allowed`, `resolve` and `tls` replace the rule, the names and the trust, for tests."""

    def __init__(
        self,
        *,
        is_allowed: Callable[[Address], bool] = is_public,
        resolve: Resolve = resolved,
        tls: ssl.SSLContext | None = None,
        seconds: float = FETCH_SECONDS,
    ) -> None:
        self._is_allowed = is_allowed
        self._resolve = resolve
        self._tls = tls
        self._seconds = seconds
        # A look-up that is given up still holds a thread: strangers decide how long.
        self._at_once = anyio.CapacityLimiter(_MAX_AT_ONCE)

    async def __call__(self, url: str) -> Fetched:
        """Return the JSON document at an https `url`; raise FetchError if it cannot be fetched."""
        with anyio.move_on_after(self._seconds):
            async with self._at_once:
                return await self._fetch(httpx2.URL(url))
        raise FetchError("The host did not answer in time.")

    async def _fetch(self, url: httpx2.URL) -> Fetched:
        if url.scheme != "https":
            raise FetchError("Only https is fetched.")
        for address in await self._addresses(url.host, url.port or 443):
            try:
                return await self._document(url, address)
            except ConvirzaError:
                # The next address may answer.
                continue
        raise FetchError("The host could not be reached.")

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await run_in_daemon_thread(partial(self._resolve, host, port))
            allowed = [each for each in dict.fromkeys(found) if self._is_allowed(ip_address(each))]
        except (OSError, ValueError):
            raise FetchError("The host's name has no address.") from None
        if not allowed:
            raise FetchError("The host is not on the public internet.")
        return allowed[:_MAX_ADDRESSES]

    async def _document(self, url: httpx2.URL, address: str) -> Fetched:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()
        # One client for each request: a kept connection to the same address may have been made for another name.
        async with httpx2.AsyncClient(
            verify=self._tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self._seconds, connect=self._seconds / _MAX_ADDRESSES),
        ) as http:
            request = http.build_request(
                "GET",
                url.copy_with(host=address),
                headers={
                    "Host": url.netloc.decode("ascii"),
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "User-Agent": "convirza-mcp",
                },
                # The certificate has to be the name's.
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            )
            return await response_to(request, partial(http.send, stream=True), _read)


async def _read(response: httpx2.Response) -> Fetched:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    if response.status_code != 200 or not is_json or "content-encoding" in response.headers:
        raise FetchError("The host did not answer with a JSON document.")
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_DOCUMENT_BYTES:
            raise FetchError("The document is too large.")
    return Fetched(bytes(body), response.headers.get("cache-control", ""))
