"""The page of clients names every client, its file, and what makes it see a change."""

import re

import pytest

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine, Platform
from support.documents import text_of

PAGE = text_of("docs/clients.md")
MACHINES: tuple[tuple[Platform, str], ...] = (
    ("linux", "/home/ann"),
    ("darwin", "/Users/ann"),
    ("win32", r"C:\Users\ann"),
)


@pytest.mark.parametrize("identity", CLIENTS)
def test_every_client_is_there(identity: str) -> None:
    client = CLIENTS[identity]
    installs = f"$ convirza-mcp install {identity}" + ("" if client.writable else " --print")

    assert installs in PAGE
    assert re.search(rf"^(## .*\b{client.title}\b|\| {client.title} \|)", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("platform", "home"), MACHINES)
@pytest.mark.parametrize("identity", [each.id for each in CLIENTS.values() if each.writable])
def test_files_are_where_the_page_says(identity: str, platform: Platform, home: str) -> None:
    client = CLIENTS[identity]
    (section,) = re.findall(rf"^## {client.title}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    (said,) = re.findall(r"^\* File: (.*?)(?=^\* )", section, re.MULTILINE | re.DOTALL)
    usual = next(each for each in client.places(Machine(platform, home, {})) if not each.is_pattern)

    assert usual.name in said
    # VS Code's folders are many, and the page leaves them to `--print`.
    if identity != "vscode" and usual.folder.name != "ann":
        written = str(usual.folder).replace(home, "~").replace(r"~\AppData\Roaming", "%APPDATA%").replace("\\", "/")
        assert written.replace("%APPDATA%/", "") in said.replace("%APPDATA%\\", "")
