"""Assemble the folder from which `mcpb pack` makes the bundle for Claude Desktop.

    npx @anthropic-ai/mcpb pack $(python scripts/build_mcpb.py)

It prints the folder, and the file that goes into a release.
The bundle holds the package and no dependency: Claude Desktop has uv fetch those, for whatever system it runs on.
"""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "dist" / "mcpb"

_OF_THE_BUNDLE = ("manifest.json", "icon.png", ".mcpbignore")
# Files that the package is built from, as `pyproject.toml` names them.
_FILES = ("pyproject.toml", "README.md", "LICENSE")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def assemble(target: Path, root: Path = ROOT) -> None:
    """Fill `target`, a folder that must not exist yet."""
    target.mkdir(parents=True)
    for name in _OF_THE_BUNDLE:
        shutil.copyfile(root / "packaging" / "mcpb" / name, target / name)
    for name in _FILES:
        shutil.copyfile(root / name, target / name)
    shutil.copytree(root / "convirza_mcp", target / "convirza_mcp", ignore=_LEFT_OUT)


if __name__ == "__main__":
    if TARGET.exists():
        shutil.rmtree(TARGET)
    assemble(TARGET)
    manifest = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
    sys.stdout.write(f"{TARGET} {TARGET.parent / manifest['name']}-{manifest['version']}.mcpb\n")
