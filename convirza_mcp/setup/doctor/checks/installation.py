"""The Python and the packages that run all this. pip has seen to it that they fit."""

import platform
from importlib.metadata import version

from convirza_mcp.setup.doctor.finding import Finding

_SHOWN = ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio")


def check_installation() -> tuple[Finding, Finding]:
    packages = ", ".join(f"{name} {version(name)}" for name in _SHOWN)
    return Finding.good("python", f"Python {platform.python_version()}."), Finding.good("packages", f"{packages}.")
