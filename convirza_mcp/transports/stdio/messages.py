"""JSON-RPC messages on lines, for the SDK's server."""

from typing import Self

from mcp.shared.message import SessionMessage

from convirza_mcp.transports.json_rpc import read_message
from convirza_mcp.transports.stdio.wire import LinesIn, LinesOut


class MessagesIn:
    """Messages of lines. A line that is not a message is answered on `out`, and the next one is read."""

    def __init__(self, lines: LinesIn, out: LinesOut) -> None:
        self._lines = aiter(lines)
        self._out = out

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        while True:
            message = read_message(await anext(self._lines))
            if not isinstance(message, list):
                return SessionMessage(message)
            for answer in message:
                self._out.put(answer)

    receive = __anext__

    async def aclose(self) -> None:
        """Do nothing: the descriptor stays open until the process ends."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class MessagesOut:
    """Writes messages as lines."""

    def __init__(self, out: LinesOut) -> None:
        self._out = out

    async def send(self, item: SessionMessage, /) -> None:
        self._out.put(item.message.model_dump_json(by_alias=True, exclude_unset=True))

    async def aclose(self) -> None:
        self._out.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
