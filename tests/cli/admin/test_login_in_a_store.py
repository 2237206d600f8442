"""login, status, doctor and logout with a store: the login is there, encrypted, and nowhere else."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.snapshots import Snapshot
from support.stores import STORE_KEYS

SANDBOX = {"conversations": 3}


class Machine:
    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.state, self.store = folder / "state", folder / "store.sqlite"
        self.sandbox = sandbox

    def run(self, *arguments: str, given: str | None = None, **settings: str) -> Result:
        environment = {
            "XDG_STATE_HOME": str(self.state),
            "CONVIRZA_BASE_URL": self.sandbox.base_url,
            "CONVIRZA_OAUTH_URL": self.sandbox.oauth_url,
            "CONVIRZA_TIMEZONE": "UTC",
            "CONVIRZA_STORE": f"sqlite:{self.store}",
            "CONVIRZA_STORE_KEYS": STORE_KEYS,
        }
        return CliRunner().invoke(commands, arguments, env=environment | settings, input=given)

    def log_in(self) -> dict[str, str]:
        response = self.sandbox.issue()
        result = self.run("login", "--from-json", "-", given=json.dumps(response))
        assert (result.exit_code, result.stderr) == (0, "")
        return response

    def status(self, **settings: str) -> dict[str, object]:
        read: dict[str, object] = json.loads(self.run("status", "--json", **settings).stdout)
        return read


@pytest.fixture
def machine(tmp_path: Path, sandbox: Sandbox) -> Machine:
    return Machine(tmp_path, sandbox)


def test_a_login_is_stored_encrypted_used_and_ended(machine: Machine) -> None:
    response = machine.log_in()
    content = b"".join(path.read_bytes() for path in machine.store.parent.glob("store.sqlite*"))
    assert response["access_token"].encode() not in content
    assert response["refresh_token"].encode() not in content
    assert not machine.state.exists()
    assert "Stored in:  the store that CONVIRZA_STORE names\n" in machine.run("status").stdout
    assert machine.status()["works"] is True

    ended = machine.run("logout")

    assert (ended.exit_code, ended.stdout) == (0, "Logged out.\n")
    assert machine.status()["error"]["code"] == "missing_credential"  # type: ignore[index]
    assert machine.status()["credential"] == "none"
    assert [each.path for each in machine.sandbox.requests if each.method == "POST"] == ["/oauth/revoke-token"] * 2
    assert machine.run("logout").stdout == "No login is stored: there is nothing to log out of.\n"


def test_the_login_of_the_file_is_another_one(machine: Machine) -> None:
    machine.log_in()

    assert machine.status(CONVIRZA_STORE="")["credential"] == "none"


def test_another_key_is_named(machine: Machine, snapshot: Snapshot) -> None:
    machine.log_in()
    other = {"CONVIRZA_STORE_KEYS": "B" * 42 + "A="}

    assert machine.status(**other)["error"]["code"] == "credential_unusable"  # type: ignore[index]
    refused = machine.run("logout", **other)
    assert refused.exit_code == 1
    assert machine.status()["works"] is True
    # A new login takes its place.
    assert machine.run("login", "--from-json", "-", given=json.dumps(machine.sandbox.issue()), **other).exit_code == 0
    assert machine.status(**other)["works"] is True
    snapshot(refused.stderr)


def test_without_a_key_nothing_starts(machine: Machine, snapshot: Snapshot) -> None:
    results = [machine.run(command, CONVIRZA_STORE_KEYS="") for command in ("status", "list", "login", "logout")]

    ((status, said),) = {(each.exit_code, each.stderr) for each in results}
    assert status == 2
    snapshot(said)
