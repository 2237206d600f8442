"""`convirza-mcp keys`: made, listed and removed; shown once and stored as hashes."""

import json
import re
import stat
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.cli import commands
from convirza_mcp.transports.http.authentication.keys import KEYS_FILE, KeyFile
from support.http_servers import URL
from support.snapshots import Snapshot


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def run(state: Path, *arguments: str, **settings: str) -> Result:
    environment = {"XDG_STATE_HOME": str(state), "TZ": "UTC", "CONVIRZA_HTTP_URL": URL, "CONVIRZA_HTTP_AUTH": "keys"}
    return CliRunner().invoke(commands, ["keys", *arguments], env=environment | settings, prog_name="convirza-mcp")


def test_a_key_is_shown_once_and_stored_as_a_hash(state: Path) -> None:
    added = run(state, "add", "priya", "--quiet")
    key = added.stdout.strip()
    file = state / "convirza-mcp" / KEYS_FILE

    assert re.fullmatch("cvz_[A-Za-z0-9_-]{43}", key)
    assert key not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = KeyFile(file).find(key)
    assert found is not None
    assert (found.label, found.expires_at) == ("priya", None)
    assert key not in run(state, "list").output


def test_entries_for_clients_are_printed(state: Path) -> None:
    printed = run(state, "add", "priya").stdout
    key = printed.split("\n", 1)[0]
    sections = dict(re.findall(r"^([A-Z][^\n]+):\n\n(.*?)(?=\n\n[A-Z]|\Z)", printed, re.MULTILINE | re.DOTALL))

    assert len(sections) == 8
    assert all(key in each and URL in each for each in sections.values())
    cursor = json.loads(sections["Cursor (~/.cursor/mcp.json)"])
    assert cursor["mcpServers"]["convirza"] == {"url": URL, "headers": {"Authorization": f"Bearer {key}"}}
    codex = tomllib.loads(sections["Codex (~/.codex/config.toml)"])
    assert codex["mcp_servers"]["convirza"]["http_headers"] == {"Authorization": f"Bearer {key}"}


def test_keys_are_listed_and_removed(state: Path) -> None:
    run(state, "add", "priya", "--expires", "90d")
    run(state, "add", "ci")

    listed = run(state, "list").stdout.splitlines()
    assert [re.sub(r"[0-9-]{10} [0-9:]{5}", "TIME", each) for each in listed] == [
        "priya  made TIME UTC  ends TIME UTC",
        "ci     made TIME UTC  never ends",
    ]
    assert run(state, "remove", "priya").exit_code == 0
    assert [each.split()[0] for each in run(state, "list").stdout.splitlines()] == ["ci"]


def test_another_file_can_be_named(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"

    assert run(state, "add", "ci", CONVIRZA_HTTP_KEYS_FILE=str(file)).exit_code == 0
    assert [each.label for each in KeyFile(file).read()] == ["ci"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "priya@example.com"),
        ("add", ""),
        ("add", "priya"),
        ("add", "ann", "--expires", "soon"),
        ("add", "ann", "--expires", "0d"),
        ("remove", "nobody"),
    ],
)
def test_a_wrong_argument_is_one_sentence(state: Path, arguments: tuple[str, ...], snapshot: Snapshot) -> None:
    run(state, "add", "priya")
    result = run(state, *arguments)

    assert result.exit_code == 2
    snapshot(result.stderr)
