"""Start a server as its client would: handshake, list its tools, optionally read one row, and stop it."""

import errno
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from os import SEEK_END
from typing import IO, TextIO, cast

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import TextContent

from convirza_mcp.setup.clients.launch import PACKAGE
from convirza_mcp.text.fold import on_one_line

_OURS = f"{PACKAGE}: "
_NO_MODULE = re.compile(r"No module named '?([A-Za-z0-9_.]{1,60})")
_CODED = re.compile(r"(?P<sentences>.*) \[(?P<code>[a-z_]{1,40})\]", re.DOTALL)
_LONGEST_TEXT = 400
_MAX_OF_A_LOG = 64 * 1024


class StartFault(Enum):
    """Reasons why a server did not list its tools."""

    GONE = auto()
    """The program does not exist, or a script's interpreter does not."""
    NOT_RUN = auto()
    """The system cannot run it."""
    MODULE_MISSING = auto()
    """Its Python lacks a module, which `Started.words` names."""
    ENDED = auto()
    """It exited; `Started.words` are the last line of our own server, if any."""
    TOO_LATE = auto()
    NO_TOOLS = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Message and code of a tool's error; the code is empty for a server version without codes."""

    sentences: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """Result of a start. `refusal` is the error of our own server instead of a row."""

    fault: StartFault | None = None
    words: str | None = None
    tools: int = 0
    was_asked: bool = False
    refusal: Refusal | None = None


async def start(parameters: StdioServerParameters, *, seconds: float, to_answer: float | None = None) -> Started:
    """Start the server and give it `seconds` to list its tools.

    With `to_answer`, our own server then has so many seconds to return the first row of the inbox. The row is
    discarded, and output of another program is never repeated.
    """
    tools, was_asked, refusal = 0, False, None
    # A list from the front would not show that the real server starts.
    parameters = parameters.model_copy(update={"env": {"CONVIRZA_FRONT": "off"} | (parameters.env or {})})
    with tempfile.TemporaryFile() as log:
        try:
            with anyio.fail_after(seconds) as scope:
                async with Client(stdio_client(parameters, errlog=cast("TextIO", log)), mode="legacy") as client:
                    tools = len((await client.list_tools()).tools)
                    server = client.server_info
                    if to_answer is not None and tools and server is not None and server.name == PACKAGE:
                        scope.deadline = anyio.current_time() + to_answer
                        was_asked = True
                        refusal = await _refusal(client)
        except TimeoutError:
            if not was_asked:
                return Started(StartFault.TOO_LATE)
            refusal = Refusal(f"It did not answer within {to_answer:g} seconds. Try again in a minute.")
        except Exception as error:  # noqa: BLE001 - however it fails, it does not work
            if not was_asked:
                return _ended(error, log)
            refusal = Refusal("It ended before it answered.")
    if not tools:
        return Started(StartFault.NO_TOOLS)
    return Started(tools=tools, was_asked=was_asked, refusal=refusal)


async def _refusal(client: Client) -> Refusal | None:
    result = await client.call_tool("list_sms_conversations", {"limit": 1})
    if not result.is_error:
        return None
    text = on_one_line(" ".join(each.text for each in result.content if isinstance(each, TextContent)))
    coded = _CODED.fullmatch(text)
    sentences, code = (text, "") if coded is None else (coded["sentences"], coded["code"])
    return Refusal(sentences[:_LONGEST_TEXT], code)


def _ended(error: BaseException, log: IO[bytes]) -> Started:
    for each in _inner(error):
        match each:
            case FileNotFoundError() | NotADirectoryError():
                return Started(StartFault.GONE)
            case OSError(errno=errno.EACCES | errno.EPERM | errno.ENOEXEC):
                return Started(StartFault.NOT_RUN)
    lines = _last_lines(log)
    ours = [line.strip() for line in lines if line.startswith(_OURS)]
    if ours:
        return Started(StartFault.ENDED, on_one_line(ours[-1].removeprefix(_OURS))[:_LONGEST_TEXT])
    if lines and (missing := _NO_MODULE.search(lines[-1])) is not None:
        return Started(StartFault.MODULE_MISSING, missing[1])
    return Started(StartFault.ENDED)


def _last_lines(log: IO[bytes]) -> list[str]:
    log.seek(max(0, log.seek(0, SEEK_END) - _MAX_OF_A_LOG))
    return log.read(_MAX_OF_A_LOG).decode("utf-8", errors="replace").splitlines()


@contextmanager
def quiet_client_logs() -> Iterator[None]:
    """Silence the SDK inside the block: it logs lines that it cannot read, which are another program's output."""
    loggers = [logging.getLogger(name) for name in ("mcp", "client")]
    silence = logging.NullHandler()
    propagated = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(silence)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, was in zip(loggers, propagated, strict=True):
            logger.removeHandler(silence)
            logger.propagate = was


def _inner(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _inner(each)
    else:
        yield error
