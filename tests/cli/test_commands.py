"""The command line itself."""

import os
import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.start import HOW_TO_CONNECT
from support.processes import environment

COMMAND = [sys.executable, "-m", "convirza_mcp"]


def test_version_is_that_of_the_package() -> None:
    ended = subprocess.run([*COMMAND, "--version"], capture_output=True, encoding="utf-8", check=True)

    assert ended.stdout == f"convirza-mcp {version('convirza-mcp')}\n"


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(commands, ["--help"], prog_name="convirza-mcp").stdout

    assert [line.split()[0] for line in shown.partition("Commands:\n")[2].splitlines() if line[:3].strip()][:20] == [
        *("changes", "demo", "doctor", "export", "get", "grants", "install", "keys", "list", "login", "logout"),
        *("report", "reveal", "sandbox", "search", "serve", "status", "summary", "uninstall", "waiting"),
    ]


def test_help_cuts_no_command_s_text_at_the_usual_width() -> None:
    shown = CliRunner().invoke(commands, ["--help"], prog_name="convirza-mcp", terminal_width=80).stdout

    assert [line for line in shown.splitlines() if "..." in line] == [
        "Usage: convirza-mcp [OPTIONS] [COMMAND] [ARGS]..."
    ]
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    "name", ["changes", "export", "get", "list", "report", "reveal", "search", "summary", "waiting"]
)
def test_help_names_commands_and_no_tools(name: str) -> None:
    shown = CliRunner().invoke(commands, [name, "--help"], prog_name="convirza-mcp").stdout

    assert re.findall(r"\w+_sms_\w+", shown) == []
    assert name in ("get", "list", "search") or "convirza-mcp list" in " ".join(shown.split())


def test_a_value_to_try_is_named_as_it_can_be_given() -> None:
    result = CliRunner().invoke(commands, ["get", "5", "--demo"], env={"CONVIRZA_TIMEZONE": "UTC"})

    assert result.exit_code == 1
    assert "\nconvirza-mcp: `CONVERSATION_ID` was not found " in result.stderr
    assert result.stderr.endswith(" or widen `--start`, as in --start 90d.\n")


def test_help_can_be_asked_for_twice_after_a_command_has_run() -> None:
    CliRunner().invoke(commands, ["list", "--help"], prog_name="convirza-mcp")

    assert CliRunner().invoke(commands, ["--help"], prog_name="convirza-mcp").exit_code == 0


@pytest.mark.parametrize(
    "options", [["list", "--limit", "50"], pytest.param(["list", "--json"], marks=pytest.mark.long)]
)
def test_what_the_output_s_encoding_lacks_is_a_mark(options: list[str]) -> None:
    with Sandbox(texts=["Danke schön! 👍 你好"]) as sandbox:
        settings = environment(
            CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url, PYTHONIOENCODING="cp1252"
        )
        ended = subprocess.run([*COMMAND, *options], env=settings, capture_output=True, encoding="cp1252", check=True)

    assert "Danke schön! ? ??" in ended.stdout
    assert ended.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX here")
@pytest.mark.parametrize(("options", "status"), [([], 0), pytest.param(["serve"], 0, marks=pytest.mark.long)])
def test_started_by_hand_it_says_how_to_connect(options: list[str], status: int) -> None:
    import pty

    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *options], stdin=inside, stdout=inside, stderr=subprocess.PIPE, encoding="utf-8", env=environment()
    ) as process:
        assert process.stderr is not None
        shown = [process.stderr.readline() for _ in range(2)]
        os.write(terminal, b"\x04")
        assert process.wait(timeout=180) == status
        rest = process.stderr.read()
    os.close(inside)
    os.close(terminal)

    assert "".join(shown) == HOW_TO_CONNECT + "\n"
    assert rest == ""


@pytest.mark.parametrize(("typed", "meant"), [("wating", "waiting"), ("lst", "list"), ("xyzzy", None)])
def test_a_mistyped_command_is_told_what_was_meant(typed: str, meant: str | None) -> None:
    result = CliRunner().invoke(commands, [typed], prog_name="convirza-mcp")

    hint = "" if meant is None else f" Did you mean '{meant}'?"
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: No such command '{typed}'.{hint}")
