"""The Python that runs all this."""

import sys

from convirza_mcp.python_version import OLDEST, too_old, version_text
from convirza_mcp.setup.doctor.finding import Finding

NAME = "python"


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """`version` is as `sys.version_info[:3]` gives it."""
    if too_old(version) is None:
        return Finding.good(NAME, f"Python {version_text(version)}.")
    return Finding.fault(
        NAME,
        f"Python {version_text(version)} is too old: convirza-mcp needs {version_text(OLDEST)} or later.",
        "Install a newer Python from https://www.python.org/downloads/, then install convirza-mcp with it.",
    )
