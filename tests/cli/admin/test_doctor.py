"""`convirza-mcp doctor`: healthy on a real terminal, and every fault named."""

import json
import platform
import re
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from faults.canaries import TOKEN, canaries_in
from support.processes import environment
from support.snapshots import Snapshot, assert_is_snapshot
from support.terminals import on_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="home folders and terminals are POSIX here")

DESKTOP = "Library/Application Support/Claude" if sys.platform == "darwin" else ".config/Claude"
KEYS = ["name", "ok", "detail", "remedy"]
NO_SERVER = {"CONVIRZA_OUTPUT": "none"}
"""A setting that cannot be used: with it the server is not started, which takes longer than all the rest."""
NAMES = ["python", "packages", "settings", "time zone", "credential", "inbox host", "login host", "clock", "call"]


SANDBOX = {"conversations": 20}


@dataclass
class Home:
    """A person's folders, and the settings that go with them."""

    path: Path
    settings: dict[str, str] = field(default_factory=dict)

    def connect(self, command: str) -> Path:
        """Put an entry with that command into Claude Desktop's configuration."""
        file = self.path / DESKTOP / "claude_desktop_config.json"
        file.parent.mkdir(parents=True)
        # Never without an address: each entry is started, and asks for a row.
        account = {name: self.settings[name] for name in ("CONVIRZA_TOKEN", "CONVIRZA_BASE_URL")}
        entry = {"command": command, "args": ["-m", "convirza_mcp", "serve"], "env": account}
        file.write_text(json.dumps({"mcpServers": {"convirza": entry}}))
        return file


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Home:
    elsewhere = ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "VSCODE_PORTABLE", "APPDATA")
    proxies = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return Home(
        tmp_path,
        dict.fromkeys(elsewhere + proxies, "")
        | {
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_OAUTH_URL": sandbox.oauth_url,
            "CONVIRZA_TIMEZONE": "America/Denver",
            "CONVIRZA_TOKEN": sandbox.token,
        },
    )


def examined(home: Home, **changes: str | None) -> dict[str, dict[str, Any]]:
    """The checks by name; a change of None unsets a variable."""
    settings: dict[str, str | None] = home.settings | changes
    result = CliRunner().invoke(commands, ["doctor", "--json"], env=settings, prog_name="convirza-mcp")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    document = json.loads(result.stdout)
    assert result.stderr == ""
    assert list(document) == ["checks", "ok"]
    assert [list(check) for check in document["checks"]] == [KEYS] * len(document["checks"])
    assert document["ok"] is all(check["ok"] is not False for check in document["checks"])
    assert result.exit_code == (0 if document["ok"] else 1)
    names = [check["name"] for check in document["checks"]]
    assert names[:10] == [*NAMES, "server"]
    # Whoever is told of a fault is told what to do.
    assert [check["name"] for check in document["checks"] if check["ok"] is False and not check["remedy"]] == []
    assert canaries_in(result.stdout) == []
    return {check["name"]: check for check in document["checks"]}


def wrong(checks: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, check in checks.items() if check["ok"] is False]


def skipped(checks: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, check in checks.items() if check["ok"] is None]


@pytest.mark.long
def test_all_well_line_by_line(home: Home, sandbox: Sandbox) -> None:
    home.connect(sys.executable)
    before = len(sandbox.requests)

    # Wide enough for the line of packages, whose length is another with each version.
    with on_terminal("doctor", COLUMNS="160", **home.settings) as terminal:
        status = terminal.end()

    shown = click.unstyle(terminal.shown).replace("\r\n", "\n")
    # What is another on another machine, and at another hour.
    for name in ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio"):
        shown = re.sub(rf"\b{name} {re.escape(version(name))}(?=[,.])", f"{name} VERSION", shown)
    shown = shown.replace(f"Python {platform.python_version()}.", "Python VERSION.")
    shown = re.sub(r"it is \d\d:\d\d there now(?:; this computer is set to [^.]+)?", "it is HH:MM there now", shown)
    assert_is_snapshot(shown, "cli_doctor.txt")
    assert status == 0
    assert sorted((each.method, each.path, "authorization" in each.headers) for each in sandbox.requests[before:]) == [
        ("GET", "/", False),
        ("GET", "/v3", False),
        # Once by doctor itself, and once by the server of Claude Desktop's entry.
        ("GET", "/v3/conversations/sms", True),
        ("GET", "/v3/conversations/sms", True),
    ]
    assert sandbox.token not in terminal.shown


@pytest.mark.long
def test_all_well_as_json(home: Home, snapshot: Snapshot) -> None:
    checks = examined(home)

    assert (wrong(checks), skipped(checks)) == ([], ["clients"])
    snapshot(checks["call"])


@pytest.mark.long
def test_a_missing_token_is_a_fault_of_the_credential_alone(home: Home, sandbox: Sandbox, snapshot: Snapshot) -> None:
    checks = examined(home, CONVIRZA_TOKEN=None)

    assert wrong(checks) == ["credential"]
    snapshot(checks["credential"]["detail"])
    snapshot(checks["call"]["detail"])
    assert checks["server"]["ok"] is True
    assert list(home.path.iterdir()) == []


@pytest.mark.long
def test_with_the_demo_alone_no_check_fails(home: Home, sandbox: Sandbox, snapshot: Snapshot) -> None:
    file = home.connect(sys.executable)
    file.write_text(file.read_text().replace('"serve"', '"serve", "--demo"'))
    before = len(sandbox.requests)

    checks = examined(home, CONVIRZA_TOKEN=None)

    assert (wrong(checks), skipped(checks)) == ([], ["credential", "inbox host", "login host", "clock", "call"])
    assert checks["client: Claude Desktop"]["detail"].startswith(
        'Its entry "convirza" starts, has 6 tools and reads the demo inbox, '
    )
    for name in ("inbox host", "login host", "clock", "call"):
        snapshot(checks[name]["detail"])
    assert len(sandbox.requests) == before


def test_an_expired_token_and_a_wrong_zone(home: Home, snapshot: Snapshot) -> None:
    checks = examined(home, CONVIRZA_TOKEN=TOKEN, CONVIRZA_TIMEZONE="America/Dever")

    assert wrong(checks) == ["settings", "time zone", "call"]
    assert checks["settings"]["detail"] == "CONVIRZA_TIMEZONE cannot be used."
    snapshot(checks["time zone"]["detail"])
    assert checks["time zone"]["remedy"].startswith("Set CONVIRZA_TIMEZONE to America/Denver, ")
    snapshot(checks["call"]["detail"])
    snapshot(checks["server"]["detail"])


@pytest.mark.parametrize("width", [40, 120])
def test_on_a_terminal_no_line_is_longer_and_what_to_do_begins_one(home: Home, width: int) -> None:
    file = home.connect(str(home.path / "venv/bin/convirza-mcp"))
    settings = home.settings | NO_SERVER | {"COLUMNS": str(width)}

    result = CliRunner().invoke(commands, ["doctor"], env=settings, prog_name="convirza-mcp")

    lines = result.stdout.splitlines()
    # A path is never broken: it is there to be copied.
    assert [line for line in lines if len(line) > width and not re.fullmatch(r" *\S+", line)] == []
    assert sum(line.lstrip().startswith("To do: ") for line in lines) == 2
    said = "".join(result.stdout.split())
    to_do = f"To do: Run `convirza-mcp install claude-desktop`, or correct the entry's command. The file is {file}."
    assert "".join(to_do.split()) in said


@pytest.mark.long
def test_one_line_a_check_and_the_faults_once_more_at_the_end(home: Home) -> None:
    settings = home.settings | {"CONVIRZA_TOKEN": TOKEN} | NO_SERVER

    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "doctor"],
        env={name: value for name, value in environment(**settings).items() if name != "COLUMNS"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    *lines, last = ended.stdout.splitlines()
    assert (ended.returncode, ended.stderr) == (1, "")
    assert [line[7:].partition("  ")[0] for line in lines] == [*NAMES, "server", "clients"]
    assert [line[:6] for line in lines] == [
        *("ok    ", "ok    ", "FAULT ", "ok    ", "ok    ", "ok    ", "ok    ", "ok    ", "FAULT ", "-     "),
        "-     ",
    ]
    assert [" To do: " in line for line in lines if line.startswith("FAULT")] == [True, True]
    assert last == "2 checks failed: settings, call."
    assert "\x1b" not in ended.stdout


@pytest.mark.long
def test_a_doctor_whose_reader_leaves_ends_quietly(home: Home) -> None:
    settings = home.settings | NO_SERVER
    with subprocess.Popen(
        [sys.executable, "-m", "convirza_mcp", "doctor"],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert b"Traceback" not in said
