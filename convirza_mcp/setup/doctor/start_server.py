"""Start a server as its client would: handshake, list its tools, optionally read one row, and stop it."""

import errno
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
_CODED = re.compile(r"(?P<sentences>.*?)(?: \[(?P<code>[a-z_]{1,40})\])?", re.DOTALL)
_LONGEST_TEXT = 400
_MAX_OF_A_LOG = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Result of a start.

    `fault` is the end of a sentence that says why the server did not list its tools: "exits at start.". `remedy` is
    then our own server's last line, if any, and `is_of_command` tells that the command itself is wrong. `refusal` is
    the message of our own server's error instead of a row, with its `code`, empty for a version without codes.
    """

    fault: str | None = None
    remedy: str | None = None
    is_of_command: bool = False
    tools: int = 0
    was_asked: bool = False
    refusal: str | None = None
    code: str = ""


async def start(parameters: StdioServerParameters, *, seconds: float, to_answer: float | None = None) -> Started:
    """Start the server and give it `seconds` to list its tools.

    With `to_answer`, our own server then has so many seconds to return the first row of the inbox. The row is
    discarded, and output of another program is never repeated.
    """
    tools, was_asked, refusal, code = 0, False, None, ""
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
                        refusal, code = await _refusal(client)
        except TimeoutError:
            if not was_asked:
                return Started(fault=f"did not list its tools within {seconds:g} seconds.")
            refusal = f"It did not answer within {to_answer:g} seconds. Try again in a minute."
        except Exception as error:  # noqa: BLE001 - however it fails, it does not work
            if not was_asked:
                return _ended(error, log)
            refusal = "It ended before it answered."
    if not tools:
        return Started(fault="starts, but has no tools.")
    return Started(tools=tools, was_asked=was_asked, refusal=refusal, code=code)


async def _refusal(client: Client) -> tuple[str | None, str]:
    """Return the message and the code of the error to one call; no message if the call worked."""
    result = await client.call_tool("list_sms_conversations", {"limit": 1})
    text = on_one_line(" ".join(each.text for each in result.content if isinstance(each, TextContent)))
    coded = _CODED.fullmatch(text)
    if not result.is_error or coded is None:
        return None, ""
    return coded["sentences"][:_LONGEST_TEXT], coded["code"] or ""


def _ended(error: BaseException, log: IO[bytes]) -> Started:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Started(fault="starts a script whose interpreter does not exist.", is_of_command=True)
        case OSError(errno=errno.EACCES | errno.EPERM | errno.ENOEXEC):
            return Started(fault="starts a program that this computer cannot run.", is_of_command=True)
    log.seek(max(0, log.seek(0, SEEK_END) - _MAX_OF_A_LOG))
    lines = log.read().decode("utf-8", errors="replace").splitlines()
    ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
    if ours:
        return Started(fault="exits at start.", remedy=on_one_line(ours[-1])[:_LONGEST_TEXT])
    if lines and (missing := _NO_MODULE.search(lines[-1])) is not None:
        return Started(fault=f"starts a Python without the module {missing[1]}.", is_of_command=True)
    return Started(fault="does not start, or exits before it lists its tools.")


@contextmanager
def quiet_client_logs() -> Iterator[None]:
    """Silence the SDK inside the block: it logs lines that it cannot read, which are another program's output."""
    loggers = [logging.getLogger(name) for name in ("mcp", "client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
