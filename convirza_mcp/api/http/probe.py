"""How far one gets to a host of Convirza's: one GET without a token, step by step."""

import socket
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import anyio
import httpx2

from convirza_mcp.api.http.connection import (
    NETWORK_FAULTS,
    HandshakeCleanup,
    Obstacle,
    certificate_error,
    certificate_obstacle,
    error_body,
    http_client,
)
from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread
from convirza_mcp.api.http.envelope import envelope_of, read_timestamp
from convirza_mcp.api.http.observation import our_request


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe of `host` came to.

    `obstacle` is None where it answered, with whatever status. `ahead` is how far this machine's clock is before the
    host's, negative when behind; None where nothing said what time it is there.
    """

    host: str
    obstacle: Obstacle | None
    proxied: bool = False
    ahead: timedelta | None = None


async def probe(
    url: str,
    *,
    seconds: float,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    resolve: Callable[[str, int], Any] = socket.getaddrinfo,
) -> Probe:
    """Ask `url`, as the client would, for anything at all. It takes no longer than `seconds`.

    Raises:
        SettingsError: the proxy or the certificates that the environment names cannot be used.
    """
    address = httpx2.URL(url)
    way = _Way(address, resolve)
    obstacle: Obstacle | None = None
    ahead: timedelta | None = None
    with our_request(), anyio.move_on_after(seconds) as scope:
        async with http_client(address) as http:
            request = http.build_request("GET", address, extensions={"trace": way.step})
            try:
                async with aclosing(await http.send(request, stream=True)) as response:
                    # It answered: that its body may not come to an end is not asked here.
                    at, way.obstacle = now(), None
                    ahead = _ahead(response, at)
                    if ahead is None:
                        # Convirza writes the envelope's time itself; a gateway may send no usable Date.
                        there = read_timestamp(envelope_of(await error_body(response)))
                        ahead = None if there is None else at - there
            except (*NETWORK_FAULTS, OSError) as error:
                cause = certificate_error(error)
                obstacle = way.obstacle if cause is None else certificate_obstacle(cause)
    if scope.cancelled_caught:
        obstacle = way.obstacle
    return Probe(address.host, obstacle, way.proxied, ahead)


class _Way:
    """Follows one request; `step` is for httpx2's `trace` extension. `obstacle` is what it means to get no further."""

    def __init__(self, address: httpx2.URL, resolve: Callable[[str, int], Any]) -> None:
        self._address = address
        self._resolve = resolve
        self._handshake = HandshakeCleanup()
        self.obstacle: Obstacle | None = Obstacle.NO_CONNECTION
        self.proxied = False

    async def step(self, event: str, info: dict[str, Any]) -> None:
        await self._handshake.trace(event, info)
        match event.partition(".")[2]:
            case "connect_tcp.started":
                self.proxied = info["host"] != self._address.host
                self.obstacle = Obstacle.PROXY if self.proxied else Obstacle.UNKNOWN_NAME
                # Looked up once more before the connection, where it can be given up.
                await run_in_daemon_thread(partial(self._resolve, info["host"], info["port"]))
                self.obstacle = Obstacle.PROXY if self.proxied else Obstacle.NO_CONNECTION
            case "connect_tcp.complete" if not self.proxied and self._address.scheme == "http":
                self.obstacle = Obstacle.NO_ANSWER
            case "start_tls.started":
                self.obstacle = Obstacle.NO_TLS
            case "start_tls.complete":
                self.obstacle = Obstacle.NO_ANSWER


def _ahead(response: httpx2.Response, now: datetime) -> timedelta | None:
    try:
        there = parsedate_to_datetime(response.headers.get("date", ""))
        # A cache on the way gives the date at which it was answered, and how long ago that is.
        age = timedelta(seconds=int(response.headers.get("age", "0")))
        return now - (there.replace(tzinfo=there.tzinfo or UTC) + age)
    except (ValueError, OverflowError):
        return None
