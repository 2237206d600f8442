"""`convirza-mcp logout`: revoked at Convirza, then deleted here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from convirza_mcp.sandbox import Sandbox
from faults import FaultServer, status
from faults.answers import JSON
from support.login_commands import file, log_in, posts, run
from support.snapshots import Snapshot


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=1) as sandbox:
        yield sandbox


def assert_is_silent_on(response: dict[str, Any], result: Result) -> None:
    assert response["access_token"] not in result.output
    assert response["refresh_token"] not in result.output
    assert "Traceback" not in result.output


def test_both_tokens_are_revoked_and_then_the_store_is_deleted(
    sandbox: Sandbox, tmp_path: Path, snapshot: Snapshot
) -> None:
    response = log_in(sandbox, tmp_path)

    result = run("logout", state=tmp_path)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "Logged out.\n", "")
    assert posts(sandbox) == [
        ("/oauth/revoke-token", 200),
        ("/oauth/revoke-token", 200),
    ]
    assert not file(tmp_path).exists()
    bearer = {"Authorization": f"Bearer {response['access_token']}"}
    assert httpx2.get(f"{sandbox.base_url}/conversations/sms", headers=bearer).status_code == 401
    refresh = {"refresh_token": response["refresh_token"]}
    assert httpx2.post(f"{sandbox.oauth_url}/oauth/refresh-token", json=refresh).status_code == 401
    snapshot(run("logout", state=tmp_path).stdout)


def test_tokens_that_have_ended_already_are_no_fault(sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(sandbox, tmp_path)
    sandbox.expire_access_tokens()

    assert run("logout", state=tmp_path).exit_code == 0
    assert not file(tmp_path).exists()


def test_a_login_without_a_refresh_token_is_revoked_as_well(sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(sandbox, tmp_path, without="refresh_token")

    assert run("logout", state=tmp_path).exit_code == 0
    assert posts(sandbox) == [("/oauth/revoke-token", 200)]
    assert not file(tmp_path).exists()


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_with_nothing_stored_it_says_so_and_makes_nothing(
    tmp_path: Path, options: list[str], snapshot: Snapshot
) -> None:
    result = run("logout", *options, state=tmp_path)

    snapshot.shared(result.exit_code, result.stdout, result.stderr)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_deleted_without_a_login(tmp_path: Path, snapshot: Snapshot) -> None:
    left = file(tmp_path).with_name(".credentials.json.new")
    left.parent.mkdir(mode=0o700)
    left.write_text("a-canary")

    result = run("logout", state=tmp_path)

    snapshot(result.exit_code, result.stdout, left.exists())


def test_the_tokens_go_back_to_where_they_came_from_and_nowhere_else(sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(sandbox, tmp_path)
    with Sandbox(conversations=0) as other:
        result = run("logout", state=tmp_path, CONVIRZA_OAUTH_URL=other.oauth_url)

    assert result.exit_code == 0
    assert len(sandbox.requests) == 2
    assert other.requests == []


def test_out_of_reach_the_login_stays_unless_forced(tmp_path: Path, snapshot: Snapshot) -> None:
    with Sandbox(conversations=0) as sandbox:
        response = log_in(sandbox, tmp_path)
        before = file(tmp_path).read_bytes()

    kept = run("logout", state=tmp_path)
    still = file(tmp_path).read_bytes()
    forced = run("logout", "--force", state=tmp_path)

    assert (kept.exit_code, kept.stdout, still) == (1, "", before)
    snapshot(kept.stderr)
    assert (forced.exit_code, forced.stdout) == (0, "Logged out.\n")
    snapshot(forced.stderr)
    assert not file(tmp_path).exists()
    for result in (kept, forced):
        assert_is_silent_on(response, result)


@pytest.mark.parametrize("code", [400, 404, 500])
def test_a_revocation_that_is_refused_halfway_keeps_the_login(tmp_path: Path, code: int) -> None:
    response = {"access_token": "a-canary", "refresh_token": "r-canary"}
    headers = [JSON, ("Connection", "close")]
    answers = (status(200, b"{}", headers), status(code, b"a-canary and r-canary", headers))
    with FaultServer(*answers) as convirza:
        url = convirza.origin
        run("login", "--from-json", "-", state=tmp_path, given=json.dumps(response), CONVIRZA_OAUTH_URL=url)

        result = run("logout", state=tmp_path)
        assert convirza.all_closed()

    bodies = [bytes(each.received).partition(b"\r\n\r\n")[2] for each in convirza.connections]
    assert [json.loads(each) for each in bodies] == [
        {"token": "r-canary", "token_type": "refresh"},
        {"token": "a-canary", "token_type": "access"},
    ]
    assert (result.exit_code, result.stdout, file(tmp_path).exists()) == (1, "", True)
    assert f"({code})" in result.stderr
    assert_is_silent_on(response, result)


def test_what_is_stored_and_unreadable_is_deleted_by_force_only(tmp_path: Path) -> None:
    file(tmp_path).parent.mkdir(mode=0o700)
    file(tmp_path).write_text('{"access_token": "half-a-canary')
    file(tmp_path).chmod(0o600)

    kept = run("logout", state=tmp_path)
    existed = file(tmp_path).exists()
    forced = run("logout", "--force", state=tmp_path)

    assert (kept.exit_code, existed) == (1, True)
    assert (forced.exit_code, file(tmp_path).exists()) == (0, False)
    assert "canary" not in kept.output + forced.output


@pytest.mark.parametrize("stored", [True, False])
def test_a_token_of_the_environment_is_untouched_and_said_so(
    sandbox: Sandbox, tmp_path: Path, stored: bool, snapshot: Snapshot
) -> None:
    if stored:
        log_in(sandbox, tmp_path)

    result = run("logout", state=tmp_path, CONVIRZA_TOKEN=sandbox.token)

    assert result.exit_code == 0
    snapshot.shared(result.stderr)
    assert len(sandbox.requests) == (2 if stored else 0)
    bearer = {"Authorization": f"Bearer {sandbox.token}"}
    assert httpx2.get(f"{sandbox.base_url}/conversations/sms", headers=bearer).status_code == 200
