"""Where the judges are, and how to ask one."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

FOLDER = os.environ.get("JUDGES")

needs_judges = pytest.mark.skipif(
    FOLDER is None,
    reason="JUDGES names no folder with Node.js and the packages of tests/judges/package.json (.ci/run makes one)",
)

_SECONDS = 120


def ask(
    package: str,
    *arguments: str,
    home: Path,
    environment: Mapping[str, str] | None = None,
    script: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run the first command of an npm package in `home`, which is also where it finds and leaves its files.

    `script` is what runs it where that command only comes to be by the package's own installation.
    """
    assert FOLDER is not None
    installed = Path(FOLDER).resolve()
    node = installed / "bin" / "node"
    root = installed / "node_modules" / package
    if script is None:
        commands = json.loads((root / "package.json").read_text(encoding="utf-8"))["bin"]
        script = commands if isinstance(commands, str) else next(iter(commands.values()))
    return subprocess.run(
        [str(node), str(root / script), *arguments],
        cwd=home,
        env={"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )


def program(name: str) -> str:
    """The path of a program that pip put beside Node.js."""
    assert FOLDER is not None
    return str(Path(FOLDER).resolve() / "bin" / name)
