"""What goes from an environment into an entry."""

import os
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.environment import (
    NETWORK,
    SETTINGS,
    environment_to_copy,
    variables_with_password,
)
from convirza_mcp.setup.clients.known import CLIENTS

PROXY = "http://proxy.example:3128"


def test_settings_and_network_go_along_and_nothing_else() -> None:
    environ = dict.fromkeys((*SETTINGS, *NETWORK, "CONVIRZA_TOKEN", "PATH", "HTTP_PROXY"), "/x")

    assert set(environment_to_copy(environ, demo=False)) == {*SETTINGS, *NETWORK}
    assert set(environment_to_copy(environ, demo=True)) == set(SETTINGS)


def test_what_is_blank_is_not_set() -> None:
    assert environment_to_copy(dict.fromkeys((*SETTINGS, *NETWORK), " "), demo=False) == {}


def test_paths_are_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    assert environment_to_copy({"SSL_CERT_FILE": "ca.pem", "SSL_CERT_DIR": "~/certificates"}, demo=False) == {
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "SSL_CERT_DIR": str(tmp_path / "home" / "certificates"),
    }


def test_the_path_of_the_lines_is_one_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"a{os.pathsep}b.csv"

    for demo in (False, True):
        copied = environment_to_copy({"CONVIRZA_LINES_FILE": f'"{name}"', "CONVIRZA_HOLIDAYS": "US"}, demo=demo)

        assert copied == {"CONVIRZA_LINES_FILE": str(tmp_path / name), "CONVIRZA_HOLIDAYS": "US"}


def test_each_path_of_a_list_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    given = environment_to_copy({"SSL_CERT_DIR": os.pathsep.join(["a", "~/b", "/c", "~no-such-user/d"])}, demo=False)

    whole = [f"{tmp_path}/a", f"{tmp_path}/home/b", "/c", f"{tmp_path}/~no-such-user/d"]
    assert given == {"SSL_CERT_DIR": os.pathsep.join(whole)}


@pytest.mark.parametrize(
    ("address", "holds_one"),
    [
        (PROXY, False),
        ("proxy.example:3128", False),
        ("http://ana:secret@proxy.example:3128", True),
        ("ana:secret@proxy.example:3128", True),
        ("http://ana@proxy.example", True),
        ("http://ana:pa/ss@word@proxy.example", True),
    ],
)
def test_no_password_goes_along(address: str, holds_one: bool) -> None:
    assert variables_with_password({"HTTPS_PROXY": address, "no_proxy": "x"}) == (["HTTPS_PROXY"] if holds_one else [])
    assert ("HTTPS_PROXY" in environment_to_copy({"HTTPS_PROXY": address}, demo=False)) is not holds_one


ENVIRON = {
    "CONVIRZA_TOKEN": "t",
    "CONVIRZA_TIMEZONE": "UTC",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "https_proxy": "http://ana:secret@proxy.example:3128",
    "SSL_CERT_FILE": "/ca.pem",
    "SSL_CERT_DIR": "/certificates",
    "XDG_STATE_HOME": "/state",
}


def test_each_client_hands_on_its_own() -> None:
    nothing: list[str] = []
    assert {name: list(client.inherited(ENVIRON)) for name, client in CLIENTS.items()} == {
        "claude-desktop": nothing,
        "claude-code": list(ENVIRON),
        "cursor": nothing,
        "vscode": nothing,
        "windsurf": nothing,
        "codex": ["SSL_CERT_FILE"],
        "goose": nothing,
        "gemini-cli": ["CONVIRZA_TIMEZONE", "HTTPS_PROXY", "XDG_STATE_HOME"],
    }
    assert CLIENTS["claude-code"].inherited(ENVIRON) == ENVIRON
