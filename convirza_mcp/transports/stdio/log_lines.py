"""Stderr logging: our own records in full, third-party records as logger name and location only.

Other packages log their data: URLs with search text, unreadable messages, fault texts. Any release may change which, so
none of their text passes.
"""

import logging
import os
import select
import sys
import threading
from collections.abc import Callable
from pathlib import PurePath
from types import TracebackType
from typing import Any

from pydantic_core import to_json

from convirza_mcp.transports.stdio.lines import can_be_polled

OUR_LOGGER = "convirza_mcp"
_STDERR = 2
# A writable pipe guarantees this much space; our lines are much shorter.
_LONGEST_LINE = getattr(select, "PIPE_BUF", 512)


class LogLines(logging.Handler):
    """Writes a record's message as a line to a descriptor, and never waits for it.

    A host that does not read stderr must not stop the server: if the pipe is full, the line is dropped, and the next
    line states how many were dropped. On Windows the free space of a pipe is unknown, and a write waits.
    """

    def __init__(self, descriptor: int = _STDERR) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._has_room = _room_in(descriptor)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        lines = f"{self.format(record)}\n"
        if self._lost:
            lines = f'{{"lines_lost":{self._lost}}}\n{lines}'
        try:
            if self._has_room():
                os.write(self._descriptor, lines.encode("utf-8", errors="replace")[:_LONGEST_LINE])
                self._lost = 0
                return
        except OSError:
            # Closed, or the disk is full.
            pass
        self._lost += 1


def log_without_texts() -> None:
    """Set up logging for a process that is a server, and nothing else.

    It stays in force until the process ends, for loggers and handlers of every package and at every level.
    """
    logging.setLogRecordFactory(_without_words(logging.getLogRecordFactory()))
    logging.captureWarnings(True)
    handler = LogLines()
    ours = logging.getLogger(OUR_LOGGER)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    ours.addHandler(handler)
    # Does nothing if the root logger is already configured.
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    sys.excepthook = _log_fault
    threading.excepthook = lambda uncaught: _log_fault(*uncaught[:3])
    sys.unraisablehook = lambda uncaught: _log_fault(uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)


def _room_in(descriptor: int) -> Callable[[], object]:
    try:
        pollable = can_be_polled(descriptor)
    except OSError:
        return lambda: False
    if not pollable:
        return lambda: True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return lambda: any(event & select.POLLOUT for _, event in poll.poll(0))


def _without_words(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_record(
        name: str, level: int, path: str, line: int, msg: object, args: Any, exc_info: Any, *rest: Any, **more: Any
    ) -> logging.LogRecord:
        if name == OUR_LOGGER:
            return make(name, level, path, line, msg, args, exc_info, *rest, **more)
        said = {"level": logging.getLevelName(level), "logger": name, "at": f"{PurePath(path).name}:{line}"}
        if exc_info and exc_info[0]:
            said["fault"] = exc_info[0].__name__
        return make(name, level, path, line, to_json(said).decode(), (), None)

    return make_record


def _log_fault(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
        kind, trace = type(fault), fault.__traceback__
    said = {"level": "CRITICAL", "fault": kind.__name__}
    while trace is not None:
        # The last one is where it happened.
        said["at"] = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    logging.getLogger(OUR_LOGGER).critical(to_json(said).decode())
