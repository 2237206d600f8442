"""Configuration files of clients, found on a real disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.file import find
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine, Place
from convirza_mcp.setup.errors import ClientNotFoundError
from support.snapshots import Snapshot


def linux(home: Path, **environment: str) -> Machine:
    return Machine("linux", str(home), environment)


def test_a_client_that_is_there_is_found_with_and_without_its_file(tmp_path: Path, snapshot: Snapshot) -> None:
    with pytest.raises(ClientNotFoundError) as caught:
        find(CLIENTS["cursor"], linux(tmp_path))
    assert find(CLIENTS["cursor"], linux(tmp_path), create=True) == tmp_path / ".cursor" / "mcp.json"
    (tmp_path / ".cursor").mkdir()

    assert find(CLIENTS["cursor"], linux(tmp_path)) == tmp_path / ".cursor" / "mcp.json"
    snapshot(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [".cursor"]


@pytest.mark.parametrize("sign", [".claude", ".claude.json"])
def test_claude_code_is_there_where_it_left_something(tmp_path: Path, sign: str) -> None:
    code = CLIENTS["claude-code"]
    with pytest.raises(ClientNotFoundError):
        find(code, linux(tmp_path))
    (tmp_path / sign).mkdir() if sign == ".claude" else (tmp_path / sign).write_text("{}")

    assert find(code, linux(tmp_path)) == tmp_path / ".claude.json"


def test_vs_code_out_of_flatpak_is_found_after_the_usual_one(tmp_path: Path) -> None:
    flatpak = tmp_path / ".var/app/com.visualstudio.code/config/Code/User"
    flatpak.mkdir(parents=True)
    assert find(CLIENTS["vscode"], linux(tmp_path)) == flatpak / "mcp.json"

    (tmp_path / ".config/Code/User").mkdir(parents=True)
    assert find(CLIENTS["vscode"], linux(tmp_path)) == tmp_path / ".config/Code/User/mcp.json"


def packaged(home: Path, package: str) -> Path:
    folder = home / "AppData/Local/Packages" / package / "LocalCache/Roaming/Claude"
    folder.mkdir(parents=True)
    return folder


class LikeWindows:
    """Claude Desktop's places on Windows, in this system's way of writing paths."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def places(self, _: Machine) -> tuple[Place, ...]:
        windows = CLIENTS["claude-desktop"].places(Machine("win32", "C:\\u", {}))
        return tuple(Place(self.home.joinpath(*each.folder.parts[2:]), each.name) for each in windows)


def test_claude_desktop_s_packaged_folder_goes_before_the_leftover_one(tmp_path: Path) -> None:
    desktop = replace(CLIENTS["claude-desktop"], places=LikeWindows(tmp_path).places)
    usual = tmp_path / "AppData/Roaming/Claude"
    usual.mkdir(parents=True)
    machine = linux(tmp_path)
    name = "claude_desktop_config.json"

    assert find(desktop, machine) == usual / name
    first = packaged(tmp_path, "Claude_pzs8sxrjxfjjc")
    assert find(desktop, machine) == first / name
    second = packaged(tmp_path, "Claude_another")
    (second / name).write_text("{}")
    assert find(desktop, machine) == second / name
