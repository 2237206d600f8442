"""`convirza-mcp login`, on a real terminal and without one."""

import json
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.snapshots import Snapshot
from support.terminals import on_terminal

only_posix = pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX here")

EMAIL = "demo@example.com"
PASSWORD = "a Pässwörd, 14"


SANDBOX = {"conversations": 20, "email": EMAIL, "password": PASSWORD, "login_limit": None}


def settings(sandbox: Sandbox, state: Path, **others: str) -> dict[str, str]:
    return {
        "XDG_STATE_HOME": str(state),
        "CONVIRZA_OAUTH_URL": sandbox.oauth_url,
        "CONVIRZA_BASE_URL": sandbox.base_url,
        "CONVIRZA_TIMEZONE": "America/Denver",
    } | others


def run(*arguments: str, env: dict[str, str], given: bytes | str | None = None) -> Result:
    return CliRunner().invoke(commands, arguments, env=env, input=given, prog_name="convirza-mcp")


def stored(state: Path) -> StoredCredential | None:
    return CredentialStore(state / "convirza-mcp").read()


def posts(sandbox: Sandbox) -> list[tuple[str, int]]:
    return [(each.path, each.status) for each in sandbox.requests if each.method == "POST"]


def assert_holds(state: Path, response: dict[str, Any], sandbox: Sandbox) -> None:
    kept = stored(state)
    assert kept is not None
    assert kept.pair.access_token == response["access_token"]
    assert kept.pair.refresh_token == response["refresh_token"]
    assert kept.pair.expires_at == datetime.fromisoformat(response["expires_in"])
    assert kept.pair.refresh_expires_at == datetime.fromisoformat(response["refresh_expires_in"])
    assert kept.oauth_url == sandbox.oauth_url


@only_posix
def test_a_login_asks_with_the_password_unseen_and_is_then_used(sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(posts(sandbox))
    with on_terminal("login", **settings(sandbox, tmp_path)) as terminal:
        terminal.wait_for("E-mail: ")
        terminal.type(f" {EMAIL} \r")
        terminal.wait_for("Password: ")
        assert not terminal.is_echoing()
        terminal.type(f"{PASSWORD}\r")
        terminal.wait_for("Logged in.")
        assert terminal.end() == 0
        assert terminal.is_echoing()

    kept = stored(tmp_path)
    assert kept is not None
    assert kept.pair.expires_at is not None
    assert PASSWORD not in terminal.shown
    assert kept.pair.access_token not in terminal.shown
    assert posts(sandbox)[before:] == [("/oauth/token", 200)]
    folder = tmp_path / "convirza-mcp"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) != 0o600] == []
    assert PASSWORD not in "".join(path.read_text() for path in folder.iterdir())
    with on_terminal("list", **settings(sandbox, tmp_path)) as terminal:
        assert terminal.end() == 0
    assert sandbox.requests[-1].headers["authorization"] == f"Bearer {kept.pair.access_token}"


@only_posix
def test_a_wrong_password_is_one_sentence_and_stores_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    with on_terminal("login", **settings(sandbox, tmp_path)) as terminal:
        terminal.wait_for("E-mail: ")
        terminal.type(f"{EMAIL}\r")
        terminal.wait_for("Password: ")
        terminal.type("wrong-canary\r")
        assert terminal.end() == 1

    said = terminal.shown.partition("Password: ")[2]
    assert "convirza-mcp: " in said
    assert "Traceback" not in said
    assert "wrong-canary" not in said
    assert EMAIL not in said
    assert stored(tmp_path) is None


@only_posix
def test_ctrl_c_leaves_the_terminal_as_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    questions = (
        (["login"], ["E-mail: "]),
        (["login"], ["E-mail: ", "Password: "]),
        (["login", "--from-json", "-"], ["Ctrl-C cancels."]),
    )
    for arguments, (*answered, last) in questions:
        with on_terminal(*arguments, **settings(sandbox, tmp_path)) as terminal:
            for question in answered:
                terminal.wait_for(question)
                terminal.type(f"{EMAIL}\r")
            terminal.wait_for(last)
            terminal.type("\x03")
            assert terminal.end() == 130
            assert terminal.is_echoing()
        assert "Traceback" not in terminal.shown
    assert stored(tmp_path) is None


@only_posix
@pytest.mark.parametrize(
    ("typed", "keyword"),
    [
        (["\x04"], "password"),
        ([f"{EMAIL}\r", "\r"], "password"),
        ([f"{EMAIL}\r", "canary-\udcff\r"], "encoding"),
    ],
)
def test_what_is_no_login_is_not_sent(sandbox: Sandbox, tmp_path: Path, typed: list[str], keyword: str) -> None:
    before = len(posts(sandbox))
    with on_terminal("login", PYTHONUTF8="1", **settings(sandbox, tmp_path)) as terminal:
        for question, answer in zip(("E-mail: ", "Password: "), typed, strict=False):
            terminal.wait_for(question)
            terminal.type(answer)
        assert terminal.end() == 1

    assert keyword in terminal.shown.rpartition("Error: ")[2]
    assert "canary" not in terminal.shown
    assert "Traceback" not in terminal.shown
    assert len(posts(sandbox)) == before


@only_posix
@pytest.mark.parametrize("indent", [None, pytest.param(2, marks=pytest.mark.long)])
def test_a_pasted_response_is_unseen_and_may_be_a_long_line(
    sandbox: Sandbox, tmp_path: Path, indent: int | None
) -> None:
    response = sandbox.issue()
    pasted = json.dumps(response | {"frontend_token": "x" * 6_000}, indent=indent).replace("\n", "\r")
    with on_terminal("login", "--from-json", "-", **settings(sandbox, tmp_path)) as terminal:
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
    with on_terminal("login", "--from-json", "-", **settings(sandbox, tmp_path)) as terminal:
        terminal.wait_for("Ctrl-C cancels.")
        terminal.type('{"access_token": \x04')
        assert terminal.end() == 2
    assert "token response" in terminal.shown.splitlines()[-1]


def test_without_a_terminal_it_says_what_to_do(sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot) -> None:
    before = len(posts(sandbox))

    result = run("login", env=settings(sandbox, tmp_path), given=f"{EMAIL}\n{PASSWORD}\n")

    assert (result.exit_code, result.stdout) == (1, "")
    snapshot(result.stderr)
    assert len(posts(sandbox)) == before
    assert stored(tmp_path) is None


@pytest.mark.parametrize("option", ["--password", "--email", "--token"])
def test_no_option_takes_a_secret(option: str) -> None:
    result = run("login", f"{option}=canary", env={})

    assert result.exit_code == 2
    assert "No such option" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_piped_response_is_stored(sandbox: Sandbox, tmp_path: Path, mark: bytes) -> None:
    response = sandbox.issue()

    result = run(
        "login", "--from-json", "-", env=settings(sandbox, tmp_path), given=mark + json.dumps(response).encode()
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
        result = run("login", "--from-json", "-", env=settings(sandbox, tmp_path), given=json.dumps(given))
        texts.append(result.stdout)

    snapshot(texts)


def test_a_response_in_a_file_is_stored(sandbox: Sandbox, tmp_path: Path) -> None:
    response = sandbox.issue()
    file = tmp_path / "response.json"
    file.write_text(json.dumps(response))

    result = run("login", "--from-json", str(file), env=settings(sandbox, tmp_path))

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
    result = run("login", "--from-json", "-", env=settings(sandbox, tmp_path), given=given)

    assert (result.exit_code, result.stdout) == (2, "")
    snapshot.shared(result.stderr)
    assert stored(tmp_path) is None


def test_a_file_that_is_not_there_is_refused(sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot) -> None:
    for name in ("missing.json", "."):
        result = run("login", "--from-json", str(tmp_path / name), env=settings(sandbox, tmp_path))

        assert result.exit_code == 2
        snapshot(result.stderr)


def test_a_new_login_takes_the_place_of_the_old_one(sandbox: Sandbox, tmp_path: Path) -> None:
    kept = []
    for _ in range(2):
        response = sandbox.issue()
        run("login", "--from-json", "-", env=settings(sandbox, tmp_path), given=json.dumps(response))
        assert_holds(tmp_path, response, sandbox)
        kept.append(stored(tmp_path))

    assert kept[0].account != kept[1].account
    assert min(len(each.account) for each in kept) >= 16


def test_a_new_login_replaces_what_cannot_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    store = CredentialStore(tmp_path / "convirza-mcp")
    store.path.parent.mkdir(mode=0o700)
    store.path.write_text("half a lo")
    response = sandbox.issue()

    result = run("login", "--from-json", "-", env=settings(sandbox, tmp_path), given=json.dumps(response))

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
        "login", "--from-json", "-", env=settings(sandbox, tmp_path, **{variable: value}), given=json.dumps(response)
    )

    assert result.exit_code == 0
    snapshot(result.stderr)
    assert_holds(tmp_path, response, sandbox)
    assert "environment-canary" not in (tmp_path / "convirza-mcp" / "credentials.json").read_text()


def test_a_store_that_cannot_be_written_is_said_before_anything_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "convirza-mcp").write_text("a file where the folder should be")
    before = len(posts(sandbox))

    result = run("login", env=settings(sandbox, tmp_path))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("convirza-mcp: convirza-mcp's private folder ")
    assert len(posts(sandbox)) == before


@only_posix
def test_too_many_logins_are_one_sentence(tmp_path: Path) -> None:
    with (
        Sandbox(conversations=0, login_limit=0) as sandbox,
        on_terminal("login", **settings(sandbox, tmp_path)) as terminal,
    ):
        terminal.wait_for("E-mail: ")
        terminal.type(f"{EMAIL}\r")
        terminal.wait_for("Password: ")
        terminal.type("sandbox\r")
        assert terminal.end() == 1

    assert posts(sandbox) == [("/oauth/token", 429)]
    assert "convirza-mcp: " in terminal.shown
    assert "Traceback" not in terminal.shown
    assert stored(tmp_path) is None
