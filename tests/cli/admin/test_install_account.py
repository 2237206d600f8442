"""Whose inbox an installed entry reads: what of token, service and network goes into it, and what does not."""

import json
import sys
from pathlib import Path

import pytest

from faults.certificates import Authority
from support.installing import COMMAND, FILES, WRITTEN, everything, log_in, run, server
from support.snapshots import Snapshot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")


@pytest.mark.parametrize("client", WRITTEN)
def test_with_a_login_nothing_of_it_is_written(home: Path, client: str) -> None:
    log_in(home)

    result = run(home, "install", client, CONVIRZA_TIMEZONE="America/Denver", CONVIRZA_BUSINESS_HOURS="Mon 09:00-17:00")

    assert result.exit_code == 0
    assert (
        "Token: the login that `convirza-mcp login` stored\n"
        "With:  CONVIRZA_TIMEZONE, CONVIRZA_BUSINESS_HOURS, from this environment\n"
    ) in result.stdout
    typed = {} if client == "claude-desktop" else {"type": "stdio"}
    assert server(home, client) == typed | {
        "command": COMMAND,
        "args": ["serve"],
        "env": {"CONVIRZA_TIMEZONE": "America/Denver", "CONVIRZA_BUSINESS_HOURS": "Mon 09:00-17:00"},
    }
    assert "inputs" not in json.loads((home / FILES[client]).read_text())


def test_a_login_in_another_place_is_found_by_a_server_that_inherits_nothing(home: Path) -> None:
    log_in(home)
    state = str(home / ".local/state")

    assert run(home, "install", "cursor", XDG_STATE_HOME=state).exit_code == 0
    assert server(home, "cursor")["env"] == {"XDG_STATE_HOME": state}


def test_the_service_that_a_login_is_of_goes_with_it(home: Path) -> None:
    elsewhere = {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9", "CONVIRZA_BASE_URL": "http://127.0.0.1:9/v3"}
    log_in(home, elsewhere["CONVIRZA_OAUTH_URL"])

    assert run(home, "install", "cursor", CONVIRZA_TIMEZONE="UTC", **elsewhere).exit_code == 0
    assert server(home, "cursor")["env"] == elsewhere | {"CONVIRZA_TIMEZONE": "UTC"}
    # A later login elsewhere takes it out again; what is no part of the account stays.
    log_in(home)
    assert run(home, "install", "cursor").exit_code == 0
    assert server(home, "cursor")["env"] == {"CONVIRZA_TIMEZONE": "UTC"}


def test_a_token_file_goes_to_no_service_of_an_earlier_entry(home: Path) -> None:
    elsewhere = {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9", "CONVIRZA_BASE_URL": "http://127.0.0.1:9/v3"}
    log_in(home, elsewhere["CONVIRZA_OAUTH_URL"])
    run(home, "install", "cursor", **elsewhere)
    (home / "token").write_text("file-canary")

    assert run(home, "install", "cursor", "--token-file", str(home / "token")).exit_code == 0
    assert server(home, "cursor")["env"] == {"CONVIRZA_TOKEN_FILE": str(home / "token")}


@pytest.mark.parametrize("client", WRITTEN)
def test_a_login_of_another_service_than_the_one_set_is_refused(home: Path, client: str, snapshot: Snapshot) -> None:
    log_in(home, "http://127.0.0.1:9")
    before = everything(home)

    result = run(home, "install", client)

    assert (result.exit_code, result.stdout) == (1, "")
    snapshot.shared(result.stderr)
    assert everything(home) == before


def test_what_the_network_needs_is_taken_along_but_for_passwords(home: Path, snapshot: Snapshot) -> None:
    log_in(home)
    authority = home / "authority.pem"
    authority.write_bytes(Authority().pem)

    result = run(
        home,
        "install",
        "cursor",
        HTTPS_PROXY="http://ana:canary@proxy.example:3128",
        all_proxy="http://proxy.example:3128",
        NO_PROXY="intranet.example",
        SSL_CERT_FILE=str(authority),
    )

    assert server(home, "cursor")["env"] == {
        "all_proxy": "http://proxy.example:3128",
        "NO_PROXY": "intranet.example",
        "SSL_CERT_FILE": str(authority),
    }
    assert "With:  all_proxy, NO_PROXY, SSL_CERT_FILE, from this environment\n" in result.stdout
    snapshot(result.stderr)
    assert "canary" not in (home / FILES["cursor"]).read_text()


@pytest.mark.parametrize("address", ["http://ana:Canary#9@proxy.example:8080", "http://ana:Canary/9@proxy.example"])
def test_nothing_of_a_password_is_said_however_a_proxy_is_written(home: Path, address: str, snapshot: Snapshot) -> None:
    log_in(home)

    result = run(home, "install", "cursor", HTTPS_PROXY=address)

    assert (result.exit_code, result.stdout) == (2, "")
    snapshot.shared(result.stderr)
    assert "Canary" not in result.output


def test_certificates_that_are_not_there_are_refused(home: Path, snapshot: Snapshot) -> None:
    log_in(home)
    before = everything(home)

    result = run(home, "install", "cursor", SSL_CERT_FILE=str(home / "gone.pem"))

    assert (result.exit_code, result.stdout) == (2, "")
    snapshot(result.stderr)
    assert everything(home) == before


@pytest.mark.parametrize("client", ["claude-desktop", "claude-code", "cursor"])
def test_without_a_login_nothing_is_written(home: Path, client: str, snapshot: Snapshot) -> None:
    before = everything(home)

    for options in ([], ["--dry-run"], ["--create"]):
        result = run(home, "install", client, *options, CONVIRZA_TOKEN="token-canary")
        snapshot.shared(result.exit_code, result.stdout, result.stderr)
    assert everything(home) == before


def test_vs_code_asks_for_the_token_itself(home: Path, snapshot: Snapshot) -> None:
    result = run(home, "install", "vscode", CONVIRZA_TOKEN="token-canary", CONVIRZA_BASE_URL="https://example.com/v3")

    document = json.loads((home / FILES["vscode"]).read_text())
    assert result.exit_code == 0
    snapshot(result.stderr)
    assert document["inputs"] == [
        {"type": "promptString", "id": "convirza-token", "description": "Convirza bearer token", "password": True}
    ]
    assert document["servers"]["convirza"]["env"] == {
        "CONVIRZA_TOKEN": "${input:convirza-token}",
        "CONVIRZA_BASE_URL": "https://example.com/v3",
    }


@pytest.mark.parametrize("client", WRITTEN)
def test_no_token_is_ever_written_or_shown(home: Path, client: str) -> None:
    log_in(home)
    token_file = home / "token"
    token_file.write_text("file-canary")

    for options in (["--demo"], [], ["--token-file", str(token_file)], ["--print"], ["--dry-run", "--demo"]):
        result = run(home, "install", client, *options, CONVIRZA_TOKEN="token-canary")
        assert result.exit_code == 0
        assert "canary" not in result.output
        assert "canary" not in (home / FILES[client]).read_text()


@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_absolute_path_of_a_token_file_is_written(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    (home / "token").write_text("file-canary")
    monkeypatch.chdir(home)

    options, settings = (["--token-file", "token"], {}) if by == "option" else ([], {"CONVIRZA_TOKEN_FILE": "token"})
    result = run(home, "install", "cursor", *options, **settings)

    assert (result.exit_code, result.stderr) == (0, "")
    assert server(home, "cursor")["env"] == {"CONVIRZA_TOKEN_FILE": str(home / "token")}


def test_a_privacy_mode_is_never_left_behind_and_what_is_kept_is_said(home: Path, snapshot: Snapshot) -> None:
    first = run(home, "install", "cursor", "--demo", CONVIRZA_PRIVACY="strict")
    again = run(home, "install", "cursor", "--demo")
    zoned = run(home, "install", "cursor", "--demo", CONVIRZA_TIMEZONE="UTC")
    env = server(home, "cursor")["env"]
    off = run(home, "install", "cursor", "--demo", CONVIRZA_PRIVACY="off")

    assert env == {"CONVIRZA_PRIVACY": "strict", "CONVIRZA_TIMEZONE": "UTC"}
    # The last one is the way back.
    for each in (first, again, zoned, off):
        snapshot([line for line in each.stdout.splitlines() if line.startswith("With:")])
    assert again.stdout.startswith("No change: ")
    assert server(home, "cursor")["env"]["CONVIRZA_PRIVACY"] == "off"


def test_a_token_that_stood_in_the_entry_is_taken_out_and_its_copy_named(home: Path, snapshot: Snapshot) -> None:
    (home / FILES["cursor"]).write_text(
        '{"mcpServers": {"convirza": {"command": "convirza-mcp", "env": {"CONVIRZA_TOKEN": "canary"}}}}'
    )

    shown = run(home, "install", "cursor", "--demo", "--dry-run")
    result = run(home, "install", "cursor", "--demo")

    assert "canary" not in shown.output + result.output
    assert "env" not in server(home, "cursor")
    snapshot(result.stderr)


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff", b'{"access_token": "canary"}\n{}'])
def test_a_token_file_without_a_token_is_refused(home: Path, content: bytes | None, snapshot: Snapshot) -> None:
    if content is not None:
        (home / "token").write_bytes(content)

    for path in (str(home / "token"), "x" * 400, "~nobody-of-that-name/token"):
        result = run(home, "install", "cursor", "--token-file", path)
        snapshot.shared(result.exit_code, result.stdout, result.stderr)
    assert not (home / FILES["cursor"]).exists()
