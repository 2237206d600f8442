"""The HTTP command's own stack on loopback: application, guard, connection settings. Only signals are left out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server.lowlevel import Server

from convirza_mcp import Settings
from convirza_mcp.transports.http.app import http_app
from convirza_mcp.transports.http.connections import bound_socket, configured_server
from convirza_mcp.transports.http.serve import shared_client
from convirza_mcp.transports.http.settings import HttpSettings

_HOST = "127.0.0.1"


@contextmanager
def over_http(
    settings: Settings, with_server: Callable[[Server[Any]], Server[Any]] = lambda each: each
) -> Iterator[str]:
    """The address of `serve --http` with these settings, for as long as the block lasts."""
    with bound_socket(_HOST, 0) as listening:
        port = listening.getsockname()[1]
        url = f"http://{_HOST}:{port}/mcp"
        app = http_app(
            settings,
            HttpSettings(),
            url=url,
            open_client=shared_client(settings),
            loopback_port=port,
            with_server=with_server,
        )
        started = threading.Event()
        running = configured_server(app, started.set)
        thread = threading.Thread(target=running.run, args=([listening],), name="server over HTTP", daemon=True)
        thread.start()
        try:
            assert started.wait(30)
            yield url
        finally:
            running.should_exit = True
            thread.join()
