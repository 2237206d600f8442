"""Closes the connection of a TLS handshake that was cancelled.

httpcore2 closes a stream whose handshake fails, but not one whose handshake is cancelled, as a deadline or a
client that has gone away does: the socket would stay open until it is collected.
"""

from typing import Any

import anyio


class UnfinishedHandshake:
    """Follows one request's connection; `close` is for httpx2's `trace` extension."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def close(self, event: str, info: dict[str, Any]) -> None:
        """Called at each step of the connection; acts when its handshake did not come to an end."""
        if event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif event == "connection.start_tls.failed" and self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
