"""The files of the packages, and the scripts that make them."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

from mcp import StdioServerParameters

from support.processes import environment

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BUNDLE = ROOT / "packaging" / "mcpb"
PLUGIN = ROOT / "packaging" / "claude-plugin"


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def script(name: str) -> ModuleType:
    """A program of `scripts/` as a module."""
    file = ROOT / "scripts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks itself up there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def started(arguments: list[str], given: dict[str, str]) -> StdioServerParameters:
    """The server of this environment, in the place of the one that a package brings."""
    return StdioServerParameters(
        command=sys.executable, args=["-m", "convirza_mcp", *arguments], env=environment(**given)
    )
