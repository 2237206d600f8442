"""Check this installation: its versions, and its server, started by its full path in another folder."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from mcp import StdioServerParameters

from convirza_mcp.answers.hints import plural
from convirza_mcp.setup.clients.launch import Launch
from convirza_mcp.setup.doctor.finding import Finding
from convirza_mcp.setup.doctor.start_server import start

NAME = "server"
SECONDS = 20.0

_SHOWN = ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio")
_ANEW = "Reinstall convirza-mcp, and check that no virus scanner blocks it."


def check_versions() -> tuple[Finding, Finding]:
    """Return the running versions; pip already checked that they are compatible."""
    packages = ", ".join(f"{name} {version(name)}" for name in _SHOWN)
    return Finding.good("python", f"Python {platform.python_version()}."), Finding.good("packages", f"{packages}.")


async def check_server(launch: Launch, environ: Mapping[str, str], *, seconds: float = SECONDS) -> Finding:
    """Start the server with `environ`."""
    parameters = StdioServerParameters(
        command=launch.command,
        args=[*launch.arguments, "serve"],
        env=dict(environ),
        # Clients start servers in an arbitrary folder.
        cwd=Path(launch.command).anchor or None,
    )
    started = await start(parameters, seconds=seconds)
    if started.fault is None:
        tools = f"{started.tools} {plural(started.tools, 'tool')}"
        return Finding.good(NAME, f"Starts as a client would start it, with {tools}.")
    return Finding.fault(NAME, f"The command {started.fault}", started.remedy or _ANEW)
