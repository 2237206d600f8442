"""`convirza-mcp grants`: listed, found by e-mail address, and ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from convirza_mcp import Settings
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.store.opening import open_store
from convirza_mcp.store.sealed import SealedStore
from convirza_mcp.transports.http.login.grants.grants import Grants
from convirza_mcp.transports.http.login.grants.people import People
from convirza_mcp.transports.http.login.pending import PendingLogin
from support.oauth_clients import STORE_KEY

REQUEST = PendingLogin(
    client_id="https://claude.ai/oauth/mcp-oauth-client-metadata",
    client_name="Claude\x1b[2J\nfalse line",
    redirect_uri="https://claude.ai/api/mcp/auth_callback",
    redirect_uri_provided_explicitly=True,
    code_challenge="A" * 43,
    state=None,
    resource="https://sms.example.com/mcp",
)


class Server:
    """The store of a server in which two people have let in three clients."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.environment = {
            "CONVIRZA_STORE": f"sqlite:{folder}/store.sqlite",
            "CONVIRZA_STORE_KEYS": STORE_KEY,
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_OAUTH_URL": sandbox.oauth_url,
            "TZ": "UTC",
        }
        anyio.run(self._fill)

    async def _fill(self) -> None:
        settings = Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC", **self.environment})
        store = open_store(settings.store)
        grants = Grants(SealedStore(store, settings.store_cipher()))
        people = People(store, grants, settings)
        for login in (self.sandbox.logins[0], self.sandbox.logins[0], self.sandbox.logins[1]):
            pair = await people.log_in(login.email, login.password)
            assert await grants.exchange(await people.admit(pair, login.email, REQUEST)) is not None
        # A code that no client has come for yet is no grant.
        await people.admit(pair, login.email, REQUEST)
        await store.aclose()

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(commands, ["grants", *arguments], env=self.environment, prog_name="convirza-mcp")

    def listed(self, *arguments: str) -> list[str]:
        return self.run("list", *arguments).stdout.splitlines()

    @property
    def revoked(self) -> int:
        return sum(each.path == "/oauth/revoke-token" for each in self.sandbox.requests)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Sandbox(conversations=1) as sandbox:
        yield Server(sandbox, tmp_path)


def test_grants_are_listed_without_addresses(server: Server) -> None:
    lines = server.listed()

    assert [re.sub(r"[0-9a-f]{12}", "ID", re.sub(r"[0-9-]{10} [0-9:]{5}", "TIME", each)) for each in lines] == [
        "ID  account ID  given TIME UTC  refreshed TIME UTC  Claude false line at claude.ai"
    ] * 3
    assert len({line.split()[0] for line in lines}) == 3
    assert len({line.split()[2] for line in lines}) == 2


def test_a_persons_grants_are_found_by_address(server: Server) -> None:
    first, second = server.sandbox.logins[:2]

    assert len(server.listed(first.email)) == 2
    assert len(server.listed(second.email)) == 1
    assert server.listed("nobody@example.com") == []


def test_one_grant_is_ended_and_the_login_goes_with_the_last(server: Server) -> None:
    first, second = (line.split()[0] for line in server.listed(server.sandbox.logins[0].email))

    assert server.run("end", first).stdout == "Ended.\n"
    assert (len(server.listed()), server.revoked) == (2, 0)
    assert server.run("end", second).exit_code == 0
    assert (len(server.listed()), server.revoked) == (1, 2)


def test_all_grants_of_a_person_or_account_are_ended(server: Server) -> None:
    account = server.listed(server.sandbox.logins[1].email)[0].split()[2]

    assert server.run("end", server.sandbox.logins[0].email).exit_code == 0
    assert [line.split()[2] for line in server.listed()] == [account]
    assert server.run("end", account.upper()).exit_code == 0
    assert server.listed() == []


@pytest.mark.parametrize("who", ["nobody@example.com", "abc", "", "*", "0123456789ab", "%"])
def test_an_unknown_grant_is_said(server: Server, who: str) -> None:
    result = server.run("end", who)

    assert result.exit_code == 2
    assert "`convirza-mcp grants list` shows them." in result.stderr
    assert len(server.listed()) == 3


def test_the_keys_of_the_store_are_required(server: Server) -> None:
    del server.environment["CONVIRZA_STORE_KEYS"]

    assert "CONVIRZA_STORE_KEYS" in server.run("list").stderr


def test_grants_of_other_keys_are_not_called_none(server: Server) -> None:
    server.environment["CONVIRZA_STORE_KEYS"] = Fernet.generate_key().decode()
    result = server.run("list")

    assert result.exit_code == 1
    assert "CONVIRZA_STORE_KEYS" in result.stderr
