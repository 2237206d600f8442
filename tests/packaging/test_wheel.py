"""What a customer installs and the package index shows: the built wheel, not the checkout."""

import re
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default
from pathlib import Path

import pytest

from support.documents import links
from support.packages import PROJECT, ROOT

VERSION = PROJECT["version"]
OWNER = PROJECT["urls"]["Repository"].split("/")[3]
FILES = f"https://github.com/{OWNER}/convirza-mcp/blob/v{VERSION}/"
PICTURES = f"https://raw.githubusercontent.com/{OWNER}/convirza-mcp/v{VERSION}/"
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    assert sorted(path.name for path in unpacked.iterdir()) == ["convirza_mcp", f"convirza_mcp-{VERSION}.dist-info"]
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


def test_the_index_page_is_the_readme_with_absolute_links(unpacked: Path) -> None:
    text = (unpacked / f"convirza_mcp-{VERSION}.dist-info" / "METADATA").read_text(encoding="utf-8")
    metadata = Parser(EmailMessage, policy=default).parsestr(text)
    shown = str(metadata.get_payload())

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert shown.replace(FILES, "").replace(PICTURES, "").strip() == README.strip()
    # The MCP registry looks for this line.
    assert shown.strip().splitlines()[-1] == f"<!-- mcp-name: io.github.{OWNER}/convirza-mcp -->"
    pictures, linked = (re.findall(rf"{start}\]\(([^)\s]+)\)", shown) for start in (r"!\[[^\]]*", r"(?<!!)\[[^\]]*"))
    assert [each.removeprefix(PICTURES) for each in pictures] == re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert all(each.startswith("https://") for each in [*pictures, *linked])
    ours = [each.removeprefix(FILES) for each in linked if each.startswith(FILES)]
    assert ours == [each for each in links("README.md") if not re.match("https?:|docs/pictures/", each)]
