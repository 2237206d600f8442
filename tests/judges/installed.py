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


def command(package: str, script: str | None = None) -> list[str]:
    """What runs the first command of an npm package.

    `script` is what runs it where that command only comes to be by the package's own installation.
    """
    assert FOLDER is not None
    installed = Path(FOLDER).resolve()
    root = installed / "node_modules" / package
    if script is None:
        commands = json.loads((root / "package.json").read_text(encoding="utf-8"))["bin"]
        script = commands if isinstance(commands, str) else next(iter(commands.values()))
    return [str(installed / "bin" / "node"), str(root / script)]


def surroundings(home: Path, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for it: Node.js on the path, `home` for its files, and nothing else of this process's."""
    assert FOLDER is not None
    node = Path(FOLDER).resolve() / "bin"
    return {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), **(environment or {})}


def ask(
    package: str, *arguments: str, home: Path, environment: Mapping[str, str] | None = None, script: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the first command of an npm package in `home`, which is also where it finds and leaves its files."""
    return subprocess.run(
        [*command(package, script), *arguments],
        cwd=home,
        env=surroundings(home, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )


def program(name: str) -> str:
    """The path of a program that pip put beside Node.js."""
    assert FOLDER is not None
    return str(Path(FOLDER).resolve() / "bin" / name)
