"""`convirza-mcp status`: which credential, until when, and whether a call works."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.sandbox import Sandbox
from support.login_commands import file, log_in, run, stored
from support.snapshots import Snapshot

KEYS = ["credential", "expires_at", "refresh_expires_at", "base_url", "works", "problem", "error"]
DENVER = ZoneInfo("America/Denver")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=1) as sandbox:
        yield sandbox


def document(*, sandbox: Sandbox, state: Path, **settings: str) -> dict[str, Any]:
    result = run("status", "--json", sandbox=sandbox, state=state, **settings)
    read: dict[str, Any] = json.loads(result.stdout)
    assert list(read) == KEYS
    assert result.stderr == ""
    assert result.exit_code == (0 if read["works"] else 1)
    return read


def local(moment: str | datetime | None) -> str:
    """As the document writes it."""
    assert moment is not None
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return aware.astimezone(DENVER).isoformat(timespec="seconds")


def test_a_stored_login_that_works(sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot) -> None:
    response = log_in(sandbox, tmp_path)

    result = run("status", sandbox=sandbox, state=tmp_path)

    ends = [
        f"{datetime.fromisoformat(response[name]).astimezone(DENVER):%Y-%m-%d %H:%M} America/Denver"
        for name in ("expires_in", "refresh_expires_in")
    ]
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.findall(r"2[-0-9]+ [:0-9]+ America/Denver", result.stdout) == ends
    snapshot(re.sub(r"2[-0-9]+ [:0-9]+ America", "TIME America", result.stdout))
    assert [(each.method, each.path, each.status) for each in sandbox.requests] == [
        ("GET", "/v3/conversations/sms", 200)
    ]
    assert document(sandbox=sandbox, state=tmp_path) == {
        "credential": "store",
        "expires_at": local(response["expires_in"]),
        "refresh_expires_at": local(response["refresh_expires_in"]),
        "base_url": sandbox.base_url,
        "works": True,
        "problem": None,
        "error": None,
    }


def test_a_token_that_is_renewed_by_the_call_is_shown_as_it_is_then(sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(sandbox, tmp_path)
    before = stored(tmp_path)
    sandbox.expire_access_tokens()

    read = document(sandbox=sandbox, state=tmp_path)

    after = stored(tmp_path)
    assert before is not None
    assert after is not None
    assert after.pair.refresh_token != before.pair.refresh_token
    assert (read["works"], read["expires_at"]) == (True, local(after.pair.expires_at))
    assert [each.path for each in sandbox.requests if each.method == "POST"] == ["/oauth/refresh-token"]


@pytest.mark.parametrize("login_too", [False, True])
def test_a_token_of_the_environment_goes_first(
    sandbox: Sandbox, tmp_path: Path, login_too: bool, snapshot: Snapshot
) -> None:
    if login_too:
        log_in(sandbox, tmp_path)

    result = run("status", sandbox=sandbox, state=tmp_path, CONVIRZA_TOKEN=sandbox.token)

    snapshot.shared(result.exit_code, result.stdout)
    assert sandbox.requests[-1].headers["authorization"] == f"Bearer {sandbox.token}"
    assert document(sandbox=sandbox, state=tmp_path, CONVIRZA_TOKEN=sandbox.token) == {
        "credential": "environment",
        "expires_at": None,
        "refresh_expires_at": None,
        "base_url": sandbox.base_url,
        "works": True,
        "problem": None,
        "error": None,
    }


def test_a_token_in_a_file(sandbox: Sandbox, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(sandbox.token)

    read = document(sandbox=sandbox, state=tmp_path, CONVIRZA_TOKEN_FILE=str(token))

    assert (read["credential"], read["expires_at"], read["works"]) == ("file", None, True)


def test_no_credential_at_all(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run("status", sandbox=sandbox, state=tmp_path)

    first, second = result.stdout.splitlines()
    assert (result.exit_code, result.stderr, first) == (1, "", "Credential: none")
    assert second.startswith("A call:     fails: ")
    assert "convirza-mcp login" in second
    assert document(sandbox=sandbox, state=tmp_path)["credential"] == "none"
    assert sandbox.requests == []
    assert list(tmp_path.iterdir()) == []


def test_a_refused_token_does_not_work_and_is_not_shown(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run("status", sandbox=sandbox, state=tmp_path, CONVIRZA_TOKEN="refused-canary")

    assert result.exit_code == 1
    assert "A call:     fails: " in result.stdout
    assert "401" in result.stdout
    assert "canary" not in result.output


def test_a_login_that_has_ended_says_to_log_in_again(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Sandbox(conversations=1, now=now, refresh_life=timedelta(0)) as sandbox:
        response = log_in(sandbox, tmp_path)
        sandbox.expire_access_tokens()

        read = document(sandbox=sandbox, state=tmp_path)

    assert (read["credential"], read["works"]) == ("store", False)
    assert "convirza-mcp login" in read["problem"]
    assert read["error"]["code"] == "login_expired"
    assert response["refresh_token"] not in read["problem"]


def test_a_store_that_cannot_be_used_is_said_and_left_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    stored_file = file(tmp_path)
    stored_file.parent.mkdir(mode=0o700)
    stored_file.write_text('{"access_token": "half-a-canary')
    stored_file.chmod(0o600)

    result = run("status", sandbox=sandbox, state=tmp_path)
    read = document(sandbox=sandbox, state=tmp_path)

    assert result.exit_code == 1
    assert (read["credential"], read["expires_at"], read["works"]) == ("store", None, False)
    assert "convirza-mcp login" in read["problem"]
    assert "canary" not in result.output
    assert stored_file.read_text() == '{"access_token": "half-a-canary'
    assert sandbox.requests == []


def test_out_of_reach_it_does_not_work(tmp_path: Path) -> None:
    with Sandbox(conversations=0) as sandbox:
        response = log_in(sandbox, tmp_path)
        reached = {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_OAUTH_URL": sandbox.oauth_url}

    result = run("status", state=tmp_path, **reached)

    assert result.exit_code == 1
    assert "A call:     fails: 127.0.0.1 could not be reached" in result.stdout
    assert response["access_token"] not in result.output


def test_a_bad_setting_is_refused_as_everywhere(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run("status", sandbox=sandbox, state=tmp_path, CONVIRZA_OAUTH_URL="http://oauth.example")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("convirza-mcp: CONVIRZA_OAUTH_URL takes ")
