"""`convirza-mcp install --url`: entries for a team's server, in a home folder of their own."""

import json
import sys
from pathlib import Path

import pytest

from support.installing import FILES, PRINTED, everything, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")

URL = "https://sms.example.com/mcp"
KEY = "cvz_" + "k" * 43
KEYED = {"CONVIRZA_ACCESS_KEY": KEY}


@pytest.mark.parametrize("client", ["claude-code", "cursor", "vscode"])
def test_an_entry_without_a_key_is_added_once_and_removed(home: Path, client: str) -> None:
    first = run(home, "install", client, "--url", f"{URL}/")
    files = everything(home)
    second = run(home, "install", client, "--url", URL)

    assert (first.exit_code, first.stderr) == (0, "")
    assert "signs in with the browser" in first.stdout
    assert URL in files[FILES[client]]
    assert "command" not in files[FILES[client]]
    assert second.stdout.startswith("No change: ")
    assert everything(home) == files
    assert run(home, "uninstall", client).exit_code == 1
    assert run(home, "uninstall", client, "--url", URL).exit_code == 0
    assert "sms.example.com" not in (home / FILES[client]).read_text()


def test_a_key_comes_from_the_environment_and_is_printed_nowhere(home: Path) -> None:
    dry = run(home, "install", "cursor", "--url", URL, "--key", "--dry-run", **KEYED)
    assert everything(home) == {}
    result = run(home, "install", "cursor", "--url", URL, "--key", **KEYED)

    assert (dry.exit_code, result.exit_code) == (0, 0)
    assert KEY not in dry.output + result.output
    assert URL in dry.output
    server = json.loads((home / FILES["cursor"]).read_text())["mcpServers"]["convirza"]
    assert server == {"url": URL, "headers": {"Authorization": f"Bearer {KEY}"}}
    assert run(home, "uninstall", "cursor").exit_code == 0


def test_a_file_that_others_read_is_told(home: Path) -> None:
    path = home / FILES["cursor"]
    path.write_text("{}")
    path.chmod(0o644)

    assert "chmod 600" in run(home, "install", "cursor", "--url", URL, "--key", **KEYED).stderr
    path.chmod(0o600)
    (home / FILES["cursor"]).write_text("{}")
    assert "chmod" not in run(home, "install", "cursor", "--url", URL, "--key", **KEYED).stderr


@pytest.mark.parametrize("key", ["", "cvz_short", "CNVZ-AT-1", f"Bearer {KEY}"])
def test_what_is_no_access_key_is_refused_and_not_shown(home: Path, key: str) -> None:
    result = run(home, "install", "cursor", "--url", URL, "--key", CONVIRZA_ACCESS_KEY=key)

    assert result.exit_code != 0
    assert everything(home) == {}
    assert not key or key not in result.output


@pytest.mark.parametrize("client", [*PRINTED, "cursor", "claude-code"])
def test_what_is_printed_has_a_placeholder_for_the_key(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--url", URL, "--key", "--print", **KEYED)

    assert result.exit_code == 0
    assert URL in result.stdout
    assert "Bearer cvz_..." in result.stdout
    assert KEY not in result.output
    assert "Authorization" not in run(tmp_path, "install", client, "--url", URL, "--print").stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("client", PRINTED)
def test_the_refusal_for_a_file_that_is_edited_by_hand_names_the_whole_command(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--url", URL, "--key")

    assert result.exit_code == 2
    assert f"`convirza-mcp install {client} --url {URL} --key --print`" in result.stderr


def test_claude_desktop_gets_steps_instead_of_an_entry(home: Path) -> None:
    result = run(home, "install", "claude-desktop", "--url", URL)

    assert result.exit_code == 0
    assert URL in result.stdout
    assert "custom connector" in result.stdout
    assert everything(home) == {}
    assert run(home, "install", "claude-desktop", "--url", URL, "--key", **KEYED).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--url", "http://sms.example.com/mcp"],
        ["--url", "sms.example.com"],
        ["--url", URL, "--demo"],
        ["--url", URL, "--token-file", "x"],
        ["--key"],
    ],
)
def test_options_that_make_no_sense_are_refused(home: Path, options: list[str]) -> None:
    assert run(home, "install", "cursor", *options).exit_code == 2
    assert everything(home) == {}


def test_a_broken_file_stays_and_the_entry_is_shown_without_the_key(home: Path) -> None:
    (home / FILES["cursor"]).write_text('{"mcpServers": {')

    result = run(home, "install", "cursor", "--url", URL, "--key", **KEYED)

    assert result.exit_code == 1
    assert "Bearer cvz_..." in result.stderr
    assert KEY not in result.output
