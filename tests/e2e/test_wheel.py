"""What a customer installs: the built wheel, not the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, in a folder without a repository around it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_package_and_nothing_else(unpacked: Path) -> None:
    assert sorted(path.name for path in unpacked.iterdir()) == ["convirza_mcp", "convirza_mcp-0.1.0.dist-info"]
    assert (unpacked / "convirza_mcp" / "py.typed").is_file()


def test_the_prompts_are_found_in_the_wheel(unpacked: Path) -> None:
    program = (
        "import convirza_mcp.server.prompts as t; "
        "print(t.__file__, [(p.title, p.arguments[0].name) for p in t.PROMPTS.values() if p.name == 'triage_inbox'])"
    )

    # -I keeps this checkout off the path; the wheel's folder is put there by hand.
    ended = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r}); {program}"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=unpacked,
    )

    assert (
        ended.stdout == f"{unpacked / 'convirza_mcp' / 'server' / 'prompts.py'} [('Triage the SMS inbox', 'since')]\n"
    )
