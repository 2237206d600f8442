"""The server, started as a client starts it: by its whole path, in another folder, and asked for its tools."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from convirza_mcp.checkup.finding import Finding
from convirza_mcp.clients.launch import Launch

NAME = "server"
SECONDS = 20.0

_OURS = "convirza-mcp: "
_ANEW = "Install convirza-mcp anew, and see that no virus scanner holds its program back."


async def check_server(launch: Launch, environ: Mapping[str, str], *, seconds: float = SECONDS) -> Finding:
    """Shake hands, ask for the tools and let it end. `environ` is what the server is given."""
    parameters = StdioServerParameters(
        command=launch.command,
        args=[*launch.arguments, "serve"],
        env=dict(environ),
        # A client's folder is none that anybody has chosen.
        cwd=Path(launch.command).anchor or None,
    )
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            with anyio.fail_after(seconds):
                async with Client(stdio_client(parameters, errlog=log), mode="legacy") as client:
                    tools = (await client.list_tools()).tools
        except TimeoutError:
            return Finding.fault(NAME, f"The server did not list its tools within {seconds:g} seconds.", _ANEW)
        except Exception:  # noqa: BLE001 - however it fails, it does not work
            said = _last_words(log)
            if said is None:
                return Finding.fault(NAME, "The server did not start, or ended before it listed its tools.", _ANEW)
            return Finding.fault(NAME, "The server ended at its start.", said)
    if not tools:
        return Finding.fault(NAME, "The server starts, but has no tools.", _ANEW)
    return Finding.good(NAME, f"Starts as a client starts it, and has {len(tools)} tools.")


def _last_words(log: IO[str]) -> str | None:
    """The sentence with which our own start ends; other programs' words may hold anything."""
    log.seek(0)
    ours = [line.strip() for line in log if line.startswith(_OURS)]
    return ours[-1].removeprefix(_OURS) if ours else None
