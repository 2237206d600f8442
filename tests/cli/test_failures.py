"""A command that fails: sentences for a person, with --json an object for a program, and the exit status."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

import faults
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from faults import FaultServer
from support.processes import environment
from support.snapshots import Snapshot

ACCOUNT = {"CONVIRZA_TOKEN": "x", "CONVIRZA_TIMEZONE": "UTC"}
QUESTIONS = {
    "list": ["list"],
    "get": ["get", "5"],
    "search": ["search", "refund"],
    "waiting": ["waiting"],
    "summary": ["summary"],
    "changes": ["changes", "--since", "today"],
}


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(commands, arguments, env=ACCOUNT | settings, prog_name="convirza-mcp")


def error_of(result: Result) -> dict[str, str]:
    read = json.loads(result.stdout)
    assert list(read) == ["error"]
    error: dict[str, str] = read["error"]
    assert list(error) == ["code", "message", "remedy"]
    return error


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_fails_prints_its_error_as_json(name: str, snapshot: Snapshot) -> None:
    with FaultServer(faults.status(403)) as convirza:
        result = run(*QUESTIONS[name], "--json", CONVIRZA_BASE_URL=convirza.base_url)

    assert (result.exit_code, error_of(result)["code"]) == (1, "permission_denied")
    snapshot.shared(result.stderr)
    with FaultServer(faults.status(403)) as convirza:
        plain = run(*QUESTIONS[name], CONVIRZA_BASE_URL=convirza.base_url)
    assert (plain.exit_code, plain.stdout, plain.stderr) == (1, "", result.stderr)


@pytest.mark.parametrize(
    "line", ["list --limit 500", "get x", "search ?", "list --lmit 5", "get", "status --xyz", "doctor x", "wating"]
)
def test_an_argument_that_cannot_be_used_is_an_object_too(line: str, snapshot: Snapshot) -> None:
    result = run(*line.split(), "--json")

    assert result.exit_code == 2
    snapshot(error_of(result))


@pytest.mark.parametrize("name", ["list", "changes", "status"])
def test_a_setting_that_cannot_be_used_is_an_object_too(name: str, snapshot: Snapshot) -> None:
    result = run(*QUESTIONS.get(name, [name]), "--json", CONVIRZA_TIMEOUT="long")

    assert result.exit_code == 2
    snapshot.shared(error_of(result))


def test_an_alert_that_cannot_be_told_keeps_its_exit_status() -> None:
    with FaultServer(faults.status(403)) as convirza:
        result = run("waiting", "--max-wait", "1h", "--json", CONVIRZA_BASE_URL=convirza.base_url)

    assert (result.exit_code, error_of(result)["code"]) == (3, "permission_denied")


def test_behind_a_double_dash_json_is_a_word_to_search_for() -> None:
    result = run("search", "--", "--json")

    # A word to leave out is not something that can be searched for.
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("option", [[], pytest.param(["--json"], marks=pytest.mark.long)])
def test_only_what_standard_output_refuses_is_called_output(option: list[str], snapshot: Snapshot) -> None:
    with Sandbox() as sandbox, Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "convirza_mcp", "list", *option],
            env=environment(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert ended.returncode == 1
    snapshot.shared(ended.stderr.splitlines()[0])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder in which nobody can create one")
def test_a_folder_that_cannot_be_created_is_told(snapshot: Snapshot) -> None:
    result = run("install", "cursor", "--demo", "--create", HOME="/proc/nothing")

    assert (result.exit_code, result.stdout) == (1, "")
    snapshot(result.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="there the home folder comes from the environment alone")
@pytest.mark.parametrize("arguments", [["uninstall", "cursor"], pytest.param(["doctor"], marks=pytest.mark.long)])
def test_a_user_without_a_home_is_told_to_set_it(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    def of_nobody(user: int) -> NoReturn:
        raise KeyError(user)

    # As in a container that runs with the number of a user that it does not have.
    monkeypatch.setattr(pwd, "getpwuid", of_nobody)
    monkeypatch.delenv("HOME")
    result = run(*arguments, XDG_STATE_HOME=str(tmp_path), CONVIRZA_DEMO="true")

    assert result.exit_code == (1 if arguments == ["doctor"] else 2)
    assert "home folder" in result.output
    assert "Set HOME." in result.output
    assert "RuntimeError" not in result.output
