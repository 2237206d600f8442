"""`convirza-mcp login --from-json`: a pasted, piped or saved token response."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.sandbox import Sandbox
from support.login_commands import run, settings, stored
from support.snapshots import Snapshot
from support.terminals import on_terminal

only_posix = pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX here")

SANDBOX = {"conversations": 20}


def assert_holds(state: Path, response: dict[str, Any], sandbox: Sandbox) -> None:
    kept = stored(state)
    assert kept is not None
    assert kept.pair.access_token == response["access_token"]
    assert kept.pair.refresh_token == response["refresh_token"]
    assert kept.pair.expires_at == datetime.fromisoformat(response["expires_in"])
    assert kept.pair.refresh_expires_at == datetime.fromisoformat(response["refresh_expires_in"])
    assert kept.oauth_url == sandbox.oauth_url


@only_posix
@pytest.mark.parametrize("indent", [None, pytest.param(2, marks=pytest.mark.long)])
def test_a_pasted_response_is_unseen_and_may_be_a_long_line(
    sandbox: Sandbox, tmp_path: Path, indent: int | None
) -> None:
    response = sandbox.issue()
    pasted = json.dumps(response | {"frontend_token": "x" * 6_000}, indent=indent).replace("\n", "\r")
    with on_terminal("login", "--from-json", "-", **settings(tmp_path, sandbox)) as terminal:
        terminal.wait_for("Ctrl-C cancels.")
        assert not terminal.is_echoing()
        terminal.type(pasted)
        terminal.wait_for("Logged in.")
        assert terminal.end() == 0
        assert terminal.is_echoing()

    assert response["access_token"] not in terminal.shown
    assert "xxx" not in terminal.shown
    assert_holds(tmp_path, response, sandbox)


@only_posix
def test_ctrl_d_ends_what_is_pasted(sandbox: Sandbox, tmp_path: Path) -> None:
    with on_terminal("login", "--from-json", "-", **settings(tmp_path, sandbox)) as terminal:
        terminal.wait_for("Ctrl-C cancels.")
        terminal.type('{"access_token": \x04')
        assert terminal.end() == 2
    assert "token response" in terminal.shown.splitlines()[-1]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_piped_response_is_stored(sandbox: Sandbox, tmp_path: Path, mark: bytes) -> None:
    response = sandbox.issue()

    result = run(
        "login", "--from-json", "-", sandbox=sandbox, state=tmp_path, given=mark + json.dumps(response).encode()
    )

    assert (result.exit_code, result.stderr) == (0, "")
    assert_holds(tmp_path, response, sandbox)


def test_the_answer_says_when_it_ends_in_the_configured_zone(
    sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot
) -> None:
    response = {
        "access_token": "a-token",
        "refresh_token": "r-token",
        "expires_in": "2999-03-05T18:30:00.000Z",
        "refresh_expires_in": "2999-09-01T18:30:00.000Z",
    }
    texts = []
    for given in (response, response | {"refresh_token": None}, {"access_token": "a-token", "refresh_token": "r"}):
        result = run("login", "--from-json", "-", sandbox=sandbox, state=tmp_path, given=json.dumps(given))
        texts.append(result.stdout)

    snapshot(texts)


def test_a_response_in_a_file_is_stored(sandbox: Sandbox, tmp_path: Path) -> None:
    response = sandbox.issue()
    file = tmp_path / "response.json"
    file.write_text(json.dumps(response))

    result = run("login", "--from-json", str(file), sandbox=sandbox, state=tmp_path)

    assert result.exit_code == 0
    assert_holds(tmp_path, response, sandbox)


@pytest.mark.parametrize(
    "given",
    ["", "null", "[]", "{}", '"canary"', '{"access_token": "can', '{"access_token": "can ary"}', "x" * 70_000],
    ids=lambda given: given[:20],
)
def test_what_is_no_response_is_refused_without_being_shown(
    sandbox: Sandbox, tmp_path: Path, given: str, snapshot: Snapshot
) -> None:
    result = run("login", "--from-json", "-", sandbox=sandbox, state=tmp_path, given=given)

    assert (result.exit_code, result.stdout) == (2, "")
    snapshot.shared(result.stderr)
    assert stored(tmp_path) is None


def test_a_file_that_is_not_there_is_refused(sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot) -> None:
    for name in ("missing.json", "."):
        result = run("login", "--from-json", str(tmp_path / name), sandbox=sandbox, state=tmp_path)

        assert result.exit_code == 2
        snapshot(result.stderr)


def test_a_new_login_takes_the_place_of_the_old_one(sandbox: Sandbox, tmp_path: Path) -> None:
    kept = []
    for _ in range(2):
        response = sandbox.issue()
        run("login", "--from-json", "-", sandbox=sandbox, state=tmp_path, given=json.dumps(response))
        assert_holds(tmp_path, response, sandbox)
        kept.append(stored(tmp_path))

    assert kept[0].account != kept[1].account
    assert min(len(each.account) for each in kept) >= 16


def test_a_new_login_replaces_what_cannot_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    store = CredentialStore(tmp_path / "convirza-mcp")
    store.path.parent.mkdir(mode=0o700)
    store.path.write_text("half a lo")
    response = sandbox.issue()

    result = run("login", "--from-json", "-", sandbox=sandbox, state=tmp_path, given=json.dumps(response))

    assert result.exit_code == 0
    assert_holds(tmp_path, response, sandbox)


@pytest.mark.parametrize("variable", ["CONVIRZA_TOKEN", "CONVIRZA_TOKEN_FILE"])
def test_a_variable_that_takes_precedence_is_named(
    sandbox: Sandbox, tmp_path: Path, variable: str, snapshot: Snapshot
) -> None:
    file = tmp_path / "token"
    file.write_text("environment-canary")
    value = "environment-canary" if variable == "CONVIRZA_TOKEN" else str(file)
    response = sandbox.issue()

    result = run(
        "login", "--from-json", "-", sandbox=sandbox, state=tmp_path, **{variable: value}, given=json.dumps(response)
    )

    assert result.exit_code == 0
    snapshot(result.stderr)
    assert_holds(tmp_path, response, sandbox)
    assert "environment-canary" not in (tmp_path / "convirza-mcp" / "credentials.json").read_text()
