"""What the package index shows of README.md: every link leads to a file of this release, every picture is one."""

import re
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default

import pytest

from support.documents import links
from support.packages import PROJECT, ROOT

VERSION = PROJECT["version"]
OWNER = PROJECT["urls"]["Repository"].split("/")[3]
FILES = f"https://github.com/{OWNER}/convirza-mcp/blob/v{VERSION}/"
PICTURES = f"https://raw.githubusercontent.com/{OWNER}/convirza-mcp/v{VERSION}/"
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> EmailMessage:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        read = Parser(policy=default).parsestr(archive.read(name).decode("utf-8"))
    assert isinstance(read, EmailMessage)
    return read


def test_the_index_page_is_the_readme_with_absolute_links(metadata: EmailMessage) -> None:
    shown = metadata.get_payload()
    assert isinstance(shown, str)

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert shown.replace(FILES, "").replace(PICTURES, "").strip() == README.strip()
    pictures, linked = (re.findall(rf"{start}\]\(([^)\s]+)\)", shown) for start in (r"!\[[^\]]*", r"(?<!!)\[[^\]]*"))
    assert [each.removeprefix(PICTURES) for each in pictures] == re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert all(each.startswith("https://") for each in [*pictures, *linked])
    ours = [each.removeprefix(FILES) for each in linked if each.startswith(FILES)]
    assert ours == [each for each in links("README.md") if not re.match("https?:|docs/pictures/", each)]


def test_the_registry_finds_its_line_of_ownership(metadata: EmailMessage) -> None:
    assert str(metadata.get_payload()).strip().splitlines()[-1] == f"<!-- mcp-name: io.github.{OWNER}/convirza-mcp -->"
