"""The server over HTTP on loopback, which is all that the conformance suite speaks. The product itself has stdio."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings

from convirza_mcp.sandbox.http.port import listening_socket

_HOST = "127.0.0.1"


class _Announced(uvicorn.Server):
    """Says when it answers, or when it never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.announced = threading.Event()

    def run(self, sockets: Any = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.announced.set()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.announced.set()


@contextmanager
def over_http(server: Server[Any]) -> Iterator[str]:
    """The address of the SDK's own HTTP application around `server`, for as long as the block lasts."""
    with listening_socket(_HOST, 0) as listening:
        here = f"{_HOST}:{listening.getsockname()[1]}"
        app = server.streamable_http_app(
            transport_security=TransportSecuritySettings(
                enable_dns_rebinding_protection=True, allowed_hosts=[here], allowed_origins=[f"http://{here}"]
            )
        )
        config = uvicorn.Config(app, log_config=None, log_level="warning", ws="none", timeout_graceful_shutdown=1)
        running = _Announced(config)
        thread = threading.Thread(target=running.run, args=([listening],), name="server over HTTP", daemon=True)
        thread.start()
        try:
            running.announced.wait()
            assert running.started
            yield f"http://{here}/mcp"
        finally:
            running.should_exit = True
            thread.join()
