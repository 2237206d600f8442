"""Every command in README and docs runs as it is printed, or is at least made of what exists."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.cli import commands
from convirza_mcp.cli.admin.install_remote import KEY_VARIABLE
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.settings import VARIABLES
from convirza_mcp.setup.clients.environment import NETWORK
from convirza_mcp.transports.http.settings import HTTP_VARIABLES
from support.documents import INSTALLS, RUN, Block, Command, blocks, inline_code, prose, shows, text_of
from support.processes import environment
from support.terminals import on_terminal

PROGRAM = "convirza-mcp"
CLIENTS = (".config/Claude", ".claude", ".cursor", ".config/Code/User")
# What would take most of the time; the long run has it.
SLOW = ("demo", "doctor")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the pages show a POSIX shell, and Linux's places")


class Person:
    """Somebody who reads a page and types what stands there: with a home folder, a login and the usual clients.

    `env` is what the shell has exported.
    """

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        for folder in CLIENTS:
            (home / folder).mkdir(parents=True)
        self.home = home
        self.env = {
            "HOME": str(home),
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_OAUTH_URL": sandbox.oauth_url,
            "COLUMNS": "100",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        pair = read_token_response(json.dumps(sandbox.issue()).encode(), now=datetime.now(UTC))
        store = CredentialStore(home / ".local/state/convirza-mcp")
        store.write(StoredCredential(pair=pair, account="a", oauth_url=sandbox.oauth_url))

    def export(self, line: str) -> bool:
        """Whether the line only changed the environment."""
        match shlex.split(line):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                self.env[name] = value
            case ["unset", name]:
                del self.env[name]
            case _:
                return False
        return True

    def types(self, line: str) -> tuple[int, str]:
        """The line in a real shell: its exit status, and what it printed."""
        moved = {name: "" for name in os.environ if name.startswith("XDG_")} | dict.fromkeys(NETWORK, "")
        ended = subprocess.run(
            ["sh", "-c", line],
            cwd=self.home,
            env={name: value for name, value in (environment() | moved | self.env).items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return ended.returncode, ended.stdout

    def runs(self, line: str) -> tuple[int, str]:
        """The same within this process, for a line that is one command of ours."""
        words = shlex.split(line)
        given = dict(word.split("=", 1) for word in words[: words.index(PROGRAM)])
        moved = dict.fromkeys(name for name in os.environ if name.startswith(("XDG_", "CONVIRZA_")) or name in NETWORK)
        result = CliRunner().invoke(
            commands, words[words.index(PROGRAM) + 1 :], env=moved | self.env | given, prog_name=PROGRAM
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def answers(self, line: str, answers: list[str]) -> tuple[int, str]:
        """The same on a terminal that asks."""
        with on_terminal(*shlex.split(line)[1:], **self.env | {"XDG_STATE_HOME": ""}) as terminal:
            for answer in answers:
                terminal.wait_for(": ")
                terminal.type(f"{answer}\n")
            status = terminal.end()
        return status, terminal.shown


def is_ours(line: str) -> bool:
    """Whether the line is one command of ours, which needs no shell."""
    words = shlex.split(line.removeprefix(INSTALLS), posix=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    return bool(words) and words[0] == PROGRAM and not {"|", "&&", ">", "<", ";"} & set(words)


def follow(page: str, person: Person, *, shell: bool) -> None:
    """Type what the page says, from its top to its end."""
    asked: list[str] = []
    for block in blocks(page, "console"):
        if not block.is_run:
            continue
        asked = list(block.answers or ())
        for command in block.commands:
            line = command.line.removeprefix(INSTALLS)
            where = f"{page}:{block.line}: {line}"
            if person.export(line):
                continue
            if asked:
                status, output = person.answers(line, asked)
                asked = []
            elif not shell and is_ours(line):
                if shlex.split(line)[1] in SLOW:
                    continue
                status, output = person.runs(line)
            else:
                status, output = person.types(line)
            assert status == command.status, f"{where} ended with {status}:\n{output}"
            if command.output:
                # Where the test has put its inbox is nobody else's affair.
                output = re.sub(r"^(Not copied from this environment|With): .*\n", "", output, flags=re.MULTILINE)
                assert shows(command.output, output), f"{where} printed:\n{output}"


@ON_LINUX
@pytest.mark.parametrize("page", RUN)
def test_what_a_page_says_to_type_works(
    page: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(page, Person(sandbox, tmp_path), shell=False)


@ON_LINUX
@pytest.mark.long
@pytest.mark.parametrize("page", RUN)
def test_what_a_page_says_to_type_works_in_a_real_shell(page: str, sandbox: Sandbox, tmp_path: Path) -> None:
    follow(page, Person(sandbox, tmp_path), shell=True)


def command_lines(page: str) -> Iterator[str]:
    """Every command of ours that the page names, in blocks that are not run and in its text as well."""
    shown: list[tuple[Block, Command]] = [
        (block, command) for block in blocks(page, "console") for command in block.commands
    ]
    for line in [*(command.line for _, command in shown), *inline_code(page)]:
        for piece in re.split(r"\||&&", line):
            # With `…` it is quoted out of a sentence, and whole elsewhere.
            if re.match(rf"(?:\w+=\S+ )*{PROGRAM} ", piece.strip()) and "…" not in piece:
                yield piece.strip()


@pytest.mark.parametrize("page", RUN)
def test_every_command_that_is_named_exists_and_so_do_its_options(page: str) -> None:
    for line in command_lines(page):
        words = shlex.split(line)
        name, *arguments = words[words.index(PROGRAM) + 1 :]
        group = click.Context(commands, info_name=PROGRAM)
        if name.startswith("-"):
            continue
        command = commands.get_command(group, name)
        assert command is not None, f"{page}: {line}"
        try:
            command.make_context(name, arguments, parent=group)
        except click.exceptions.Exit:
            # --help
            pass
        except click.MissingParameter:
            # In a sentence a command's name may stand for it.
            assert not arguments, f"{page}: {line}"
        except click.UsageError as refused:
            pytest.fail(f"{page}: {line}: {refused.format_message()}")


@pytest.mark.parametrize("page", RUN)
def test_what_is_not_run_has_a_reason(page: str) -> None:
    for block in blocks(page):
        assert block.marks.get("not run", "a reason of some words").count(" ") >= 2, f"{page}:{block.line}"
    # A mark that is misspelt would be a comment that nobody sees.
    comments = re.findall(r"^<!-- (.*)$", text_of(page), re.MULTILINE)
    assert [each for each in comments if not re.match(r"(not run|typed|exits with|mcp-name): ", each)] == []


@pytest.mark.parametrize("page", RUN)
def test_every_variable_that_is_named_is_a_setting(page: str) -> None:
    of_others = {"CONVIRZA_MCP_COMMAND", KEY_VARIABLE}
    named = set(re.findall(r"\bCONVIRZA_[A-Z_]+[A-Z]\b", prose(page)))

    assert named - {*VARIABLES, *HTTP_VARIABLES} - of_others == set()
