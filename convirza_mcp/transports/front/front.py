"""Answer until the real server is built, then hand over to it."""

from __future__ import annotations

import json
import os
import signal
import sys
from threading import Event, Thread

from convirza_mcp.transports.front.answers import Answers
from convirza_mcp.transports.stdio.lines import LONGEST_WRITE, LineReader, has_room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Lines that come this soon are answered before the import begins.
_SECONDS_BEFORE_THE_IMPORT = 0.05
# The process must exit within two seconds after the end of input.
_SECONDS_AFTER_THE_END = 1.2
# How soon an import that holds the interpreter lets the front have it.
_SWITCH_SECONDS, _USUAL_SWITCH_SECONDS = 0.0005, 0.005


class Front:
    """Answers from a snapshot, in a thread, while `build` makes the real server.

    The import stays in the main thread: another one's memory grows in small steps, which takes a tenth longer.
    """

    def __init__(self, answers: Answers, reader: LineReader, wire_out: int, build: Callable[[], Any]) -> None:
        self._answers, self._reader, self._wire_out, self._build = answers, reader, wire_out, build
        self._begin, self._built = Event(), Event()
        self._kept: list[bytes] = []
        self._writing = self._asked_to_leave = False
        # The rest of an answer for which stdout had no room, and how the real server's second answer begins.
        self.unsent, self.dropped = b"", b""

    def run(self) -> Any:
        """Return the real server. Lines that only it can answer are back in the reader."""
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._leave)
        sys.setswitchinterval(_SWITCH_SECONDS)
        (thread := Thread(target=self._answer, daemon=True)).start()
        self._begin.wait(_SECONDS_BEFORE_THE_IMPORT)
        server = self._build()
        self._built.set()
        self._reader.wake()
        thread.join()
        sys.setswitchinterval(_USUAL_SWITCH_SECONDS)
        self._hand_over()
        return server

    def _answer(self) -> None:
        while not self._reader.ended and not (self._built.is_set() and self._is_real_server_wanted()):
            self._reader.wait()
            self._answer_lines()
        if not self._built.wait(_SECONDS_AFTER_THE_END if self._begin.is_set() else None):
            self._close()

    def _is_real_server_wanted(self) -> bool:
        # After a probe only the front can answer `initialize`.
        return self._answers.settled or (bool(self._kept) and not self._answers.probed)

    def _answer_lines(self) -> None:
        while self._reader.lines:
            line = self._reader.lines.popleft()
            if self.unsent or (answer := self._answers.answer(line)) is None:
                self._kept.append(line)
            else:
                self._write(answer)
            if not self._reader.lines:
                self._begin.set()

    def _hand_over(self) -> None:
        if self._answers.opening is not None:
            # An id that no client uses, to recognize its answer.
            request_id = f"convirza-mcp-front-{os.urandom(8).hex()}"
            self.dropped = f'{{"jsonrpc":"2.0","id":"{request_id}",'.encode()
            self._kept.insert(0, json.dumps(self._answers.opening | {"id": request_id}).encode())
        self._reader.lines.extendleft(reversed(self._kept))

    def _write(self, data: bytes) -> None:
        self._writing = True
        try:
            while data and has_room(self._wire_out):
                data = data[os.write(self._wire_out, data[:LONGEST_WRITE]) :]
        except OSError:
            # The client has closed its end.
            os._exit(0)
        self.unsent, self._writing = data, False
        if self._asked_to_leave:
            os._exit(0)

    def _leave(self, *_: object) -> None:
        # Never in the middle of a line, because that would corrupt it.
        self._asked_to_leave = True
        if not self._writing:
            os._exit(0)

    def _close(self) -> None:
        """End the process as the SDK does: a request that is open is answered with an error."""
        # Imported here, because few processes end so early.
        from convirza_mcp.transports.request_ids import id_owed

        error = json.dumps({"code": -32000, "message": "Connection closed"}).encode()
        for line in self._kept:
            if (told := id_owed(line)) is not None:
                self._write(b'{"jsonrpc":"2.0","id":%b,"error":%b}\n' % (told.encode(), error))
        os._exit(0)
