"""Probe how far a connection to a Convirza host gets: one GET without a token, step by step."""

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


@dataclass(slots=True)
class Probe:
    """Result of a probe of `host`.

    `obstacle` is None if the host answered, with any status. `ahead` is how far this machine's clock is ahead of the
    host's, negative if behind; None if the answer had no time.
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
    """Request `url` as the client would, in at most `seconds`.

    Raises:
        SettingsError: the proxy or certificate settings of the environment are invalid.
    """
    address = httpx2.URL(url)
    handshake = HandshakeCleanup()
    # At each step, record the obstacle that a failure there means.
    made = Probe(address.host, Obstacle.NO_CONNECTION)

    async def step(event: str, info: dict[str, Any]) -> None:
        await handshake.trace(event, info)
        match event.partition(".")[2]:
            case "connect_tcp.started":
                made.proxied = info["host"] != address.host
                made.obstacle = Obstacle.PROXY if made.proxied else Obstacle.UNKNOWN_NAME
                # Resolve the name separately first, because this look-up can be abandoned.
                await run_in_daemon_thread(partial(resolve, info["host"], info["port"]))
                made.obstacle = Obstacle.PROXY if made.proxied else Obstacle.NO_CONNECTION
            case "connect_tcp.complete" if not made.proxied and address.scheme == "http":
                made.obstacle = Obstacle.NO_ANSWER
            case "start_tls.started":
                made.obstacle = Obstacle.NO_TLS
            case "start_tls.complete":
                made.obstacle = Obstacle.NO_ANSWER

    with our_request(), anyio.move_on_after(seconds):
        async with http_client(address) as http:
            request = http.build_request("GET", address, extensions={"trace": step})
            try:
                async with aclosing(await http.send(request, stream=True)) as response:
                    # The host answered; an endless body does not matter here.
                    at, made.obstacle = now(), None
                    made.ahead = _ahead(response, at)
                    if made.ahead is None:
                        # Convirza sets the envelope's time; a gateway may send no usable Date.
                        there = read_timestamp(envelope_of(await error_body(response)))
                        made.ahead = None if there is None else at - there
            except (*NETWORK_FAULTS, OSError) as error:
                cause = certificate_error(error)
                made.obstacle = made.obstacle if cause is None else certificate_obstacle(cause)
    return made


def _ahead(response: httpx2.Response, now: datetime) -> timedelta | None:
    try:
        there = parsedate_to_datetime(response.headers.get("date", ""))
        # A cache on the way sends the original date, and its age.
        age = timedelta(seconds=int(response.headers.get("age", "0")))
        return now - (there.replace(tzinfo=there.tzinfo or UTC) + age)
    except (ValueError, OverflowError):
        return None
