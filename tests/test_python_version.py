"""An old Python is told so, in one sentence."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import convirza_mcp
from convirza_mcp.__main__ import main
from convirza_mcp.python_version import too_old

PACKAGE = Path(convirza_mcp.__file__).parent
SENTENCE = (
    "convirza-mcp needs Python 3.11 or later, and this is Python 3.8.10: install a newer one from "
    "https://www.python.org/downloads/."
)


@pytest.mark.parametrize("version", [(3, 11), (3, 11, 0), (3, 14, 2), (4, 0)])
def test_these_will_do(version: tuple[int, ...]) -> None:
    assert too_old(version) is None


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 8, 10), (2, 7, 18)])
def test_these_are_too_old(version: tuple[int, ...]) -> None:
    sentence = too_old(version)

    assert sentence is not None
    assert ".".join(str(part) for part in version) in sentence


def test_the_oldest_is_what_the_package_says_of_itself() -> None:
    file = Path(__file__).parents[1] / "pyproject.toml"

    assert 'requires-python = ">=3.11"' in file.read_text()


def test_an_old_python_ends_with_one_sentence_and_nothing_else_is_imported() -> None:
    program = (
        "import sys\n"
        "from convirza_mcp.__main__ import main\n"
        "try:\n"
        "    main((3, 8, 10))\n"
        "finally:\n"
        "    ours = sorted(name for name in sys.modules if name.startswith('convirza_mcp'))\n"
        "    print(ours)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)

    assert (ended.returncode, ended.stderr) == (1, f"{SENTENCE}\n")
    assert ended.stdout == "['convirza_mcp', 'convirza_mcp.__main__', 'convirza_mcp.python_version']\n"


def test_the_sentence_is_the_exit_status() -> None:
    with pytest.raises(SystemExit) as ended:
        main((3, 8, 10))

    assert ended.value.code == SENTENCE


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "python_version.py"])
def test_what_an_old_python_reads_it_can_read(name: str) -> None:
    source = (PACKAGE / name).read_text()

    tree = ast.parse(source, feature_version=(3, 8))

    # An annotation such as `str | None` is only text to it as long as nothing evaluates it.
    annotated = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)]
    assert not annotated or "from __future__ import annotations" in source
