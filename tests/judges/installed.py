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
    package: str, *arguments: str, home: Path, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the first command of an npm package in `home`, which is also where it finds and leaves its files."""
    assert FOLDER is not None
    installed = Path(FOLDER).resolve()
    node = installed / "bin" / "node"
    root = installed / "node_modules" / package
    commands = json.loads((root / "package.json").read_text(encoding="utf-8"))["bin"]
    return subprocess.run(
        [str(node), str(root / next(iter(commands.values()))), *arguments],
        cwd=home,
        env={"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
