"""`convirza-mcp login`, on a real terminal and without one."""

import os
import stat
import threading
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from support.login_commands import posts, run, settings, stored
from support.snapshots import Snapshot
from support.terminals import on_terminal

only_posix = pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX here")

EMAIL = "demo@example.com"
PASSWORD = "a Pässwörd, 14"


SANDBOX = {"conversations": 20, "email": EMAIL, "password": PASSWORD, "login_limit": None}


@only_posix
def test_a_login_asks_with_the_password_unseen_and_is_then_used(sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(posts(sandbox))
    with on_terminal("login", **settings(tmp_path, sandbox)) as terminal:
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
    with on_terminal("list", **settings(tmp_path, sandbox)) as terminal:
        assert terminal.end() == 0
    assert sandbox.requests[-1].headers["authorization"] == f"Bearer {kept.pair.access_token}"


@only_posix
def test_a_wrong_password_is_one_sentence_and_stores_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    with on_terminal("login", **settings(tmp_path, sandbox)) as terminal:
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


@pytest.mark.long
@only_posix
def test_ctrl_c_leaves_the_terminal_as_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    questions = (
        (["login"], ["E-mail: "]),
        (["login"], ["E-mail: ", "Password: "]),
        (["login", "--from-json", "-"], ["Ctrl-C cancels."]),
    )
    for arguments, (*answered, last) in questions:
        with on_terminal(*arguments, **settings(tmp_path, sandbox)) as terminal:
            for question in answered:
                terminal.wait_for(question)
                terminal.type(f"{EMAIL}\r")
            terminal.wait_for(last)
            terminal.type("\x03")
            # A signal just before a read begins is noticed after it. A person would press the keys again, too.
            again = threading.Timer(5.0, terminal.type, ["\x03"])
            again.start()
            assert terminal.end() == 130
            again.cancel()
            assert terminal.is_echoing()
        assert "Traceback" not in terminal.shown
    assert stored(tmp_path) is None


@pytest.mark.long
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
    with on_terminal("login", PYTHONUTF8="1", **settings(tmp_path, sandbox)) as terminal:
        for question, answer in zip(("E-mail: ", "Password: "), typed, strict=False):
            terminal.wait_for(question)
            terminal.type(answer)
        assert terminal.end() == 1

    assert keyword in terminal.shown.rpartition("Error: ")[2]
    assert "canary" not in terminal.shown
    assert "Traceback" not in terminal.shown
    assert len(posts(sandbox)) == before


def test_without_a_terminal_it_says_what_to_do(sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot) -> None:
    before = len(posts(sandbox))

    result = run("login", sandbox=sandbox, state=tmp_path, given=f"{EMAIL}\n{PASSWORD}\n")

    assert (result.exit_code, result.stdout) == (1, "")
    snapshot(result.stderr)
    assert len(posts(sandbox)) == before
    assert stored(tmp_path) is None


@pytest.mark.parametrize("option", ["--password", "--email", "--token"])
def test_no_option_takes_a_secret(tmp_path: Path, option: str) -> None:
    result = run("login", f"{option}=canary", state=tmp_path)

    assert result.exit_code == 2
    assert "No such option" in result.stderr
    assert "canary" not in result.stderr


def test_a_store_that_cannot_be_written_is_said_before_anything_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "convirza-mcp").write_text("a file where the folder should be")
    before = len(posts(sandbox))

    result = run("login", sandbox=sandbox, state=tmp_path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("convirza-mcp: convirza-mcp's private folder ")
    assert len(posts(sandbox)) == before


@pytest.mark.long
@only_posix
def test_too_many_logins_are_one_sentence(tmp_path: Path) -> None:
    with (
        Sandbox(conversations=0, login_limit=0) as sandbox,
        on_terminal("login", **settings(tmp_path, sandbox)) as terminal,
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
