"""One request and the means to answer it, well or badly."""

import asyncio
import socket
import struct

from faults.recording import Connection, Request

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Exchange:
    """What an answer works with. A client that hangs up ends the answer with a `ConnectionError`."""

    def __init__(
        self, request: Request, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.request = request
        self._connection = connection
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send, and wait until the socket has taken most of it: no answer is ever held in memory."""
        if self._writer.is_closing():
            raise ConnectionResetError
        self._writer.write(data)
        await self._writer.drain()

    async def hung_up(self) -> None:
        """Wait until the client closes the connection; what it still sends is recorded."""
        while more := await self._reader.read(65_536):
            self._connection.received += more

    async def pause(self, seconds: float) -> None:
        """Wait, but only for as long as the client does."""
        try:
            await asyncio.wait_for(self.hung_up(), seconds)
        except TimeoutError:
            return
        raise ConnectionResetError

    def close(self) -> None:
        """End the connection in the ordinary way, after what was sent."""
        self._writer.close()

    def reset(self) -> None:
        """End the connection at once, with a reset instead of an ordinary end."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()
