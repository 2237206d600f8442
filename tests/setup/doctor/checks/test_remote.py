"""A server over HTTP: `doctor --url`, behind proxies that change something, and entries that name one."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.clients.read_entries import ClientEntry, read_entries
from convirza_mcp.setup.doctor.checks.client_entry import check_entry
from convirza_mcp.setup.doctor.checks.clients import need_no_token, read_clients
from convirza_mcp.setup.doctor.checks.remote import check_remote
from convirza_mcp.setup.doctor.finding import Finding, Verdict
from convirza_mcp.transports.http.authentication.keys import KeyFile
from faults import FaultServer
from faults.answers import json_body, status
from support.client_entries import SHELL
from support.http_servers import HttpProcess, http_process
from support.snapshots import Snapshot

REFUSED = "cvz_" + "A" * 43


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="module")
def server(file: KeyFile) -> Iterator[HttpProcess]:
    with http_process("--demo", CONVIRZA_HTTP_AUTH="keys", CONVIRZA_HTTP_KEYS_FILE=str(file.path)) as server:
        yield server


async def check(url: str, key: str | None = None) -> tuple[Finding, ...]:
    told: list[Finding] = []
    found = await check_remote(url, key, told.append)
    assert told == [*found]
    return found


def said(found: tuple[Finding, ...]) -> list[str]:
    return [" ".join(filter(None, (f"{each.name}:", each.detail, each.remedy))) for each in found]


async def test_without_a_key_the_call_is_not_tried(server: HttpProcess, snapshot: Snapshot) -> None:
    found = await check(server.url)

    assert [each.ok for each in found] == [True, True, True, True, None]
    snapshot(*said(found)[1:])


@pytest.mark.long
async def test_a_server_that_accepts_the_key_is_well(server: HttpProcess, file: KeyFile) -> None:
    found = await check(server.url, file.add("doctor"))

    assert [each.ok for each in found] == [True] * 5


async def test_a_key_that_is_refused(server: HttpProcess) -> None:
    found = await check(server.url, REFUSED)

    assert [each.ok for each in found] == [True, True, True, True, False]


@pytest.mark.skipif(os.name == "nt", reason="no such bits")
async def test_a_server_that_takes_no_calls_is_a_fault(server: HttpProcess, file: KeyFile, snapshot: Snapshot) -> None:
    file.add("readable")
    file.path.chmod(0o666)
    try:
        found = await check(server.url)
    finally:
        file.path.chmod(0o600)

    assert found[1].ok is False
    snapshot(*said(found))


UNAUTHORIZED = [("WWW-Authenticate", 'Bearer resource_metadata="http://inner:8788/.well-known/x"')]
ODD = {
    "a redirect": status(308, headers=[("Location", "http://inner/")]),
    "no such path": status(404),
    "another host": status(421),
    "no server": status(502),
    "another server": json_body({"hello": "there"}),
    "no challenge": status(401),
    "another address in the challenge": status(401, headers=UNAUTHORIZED),
}


@pytest.mark.parametrize("name", ODD)
async def test_what_a_proxy_changed_is_named(name: str, snapshot: Snapshot) -> None:
    with FaultServer(ODD[name]) as proxy:
        found = await check(f"http://127.0.0.1:{proxy.port}/mcp")

    first = next(each for each in found if each.ok is False)
    snapshot(f"{first.name}: {first.detail} {first.remedy}")


async def test_a_closed_port_is_a_fault() -> None:
    (finding,) = await check("http://127.0.0.1:9/mcp")

    assert finding.ok is False


def test_doctor_checks_a_server_at_a_url(server: HttpProcess, tmp_path: Path) -> None:
    runner = CliRunner()
    good = runner.invoke(commands, ["doctor", "--url", server.url, "--json"], prog_name="convirza-mcp")
    bad = runner.invoke(commands, ["doctor", "--url", "sms.example.com"], prog_name="convirza-mcp")
    no_file = ["doctor", "--url", server.url, "--key-file", str(tmp_path / "none")]

    assert (good.exit_code, json.loads(good.stdout)["ok"]) == (0, True)
    assert bad.exit_code == 2
    for wrong in (no_file, ["doctor", "--key-file", __file__]):
        assert runner.invoke(commands, wrong, prog_name="convirza-mcp").exit_code == 2


async def checked(url: str, authorization: str | None = None, client: str = "cursor") -> Verdict:
    entry = ClientEntry(name="convirza", server={"url": url}, url=url, authorization=authorization)
    return await check_entry(entry, CLIENTS[client], SHELL)


async def test_what_the_server_says_to_each_key(server: HttpProcess, file: KeyFile, snapshot: Snapshot) -> None:
    key = file.add("entry")
    verdicts = [
        await checked(server.url, f"Bearer {key}"),
        await checked(server.url),
        await checked(server.url, "Bearer ${input:convirza-key}", "vscode"),
        await checked(server.url, f"Bearer {REFUSED}"),
        await checked(f"{server.url}/other", f"Bearer {key}"),
    ]

    snapshot(*(f"{each.detail} | {each.remedy}".replace(server.url, "URL") for each in verdicts))
    assert [each.remedy is None for each in verdicts] == [True, False, True, False, False]
    assert key not in str(verdicts)
    assert REFUSED not in str(verdicts)


async def test_a_server_that_is_not_there_or_not_this_one(snapshot: Snapshot) -> None:
    with FaultServer(json_body({"jsonrpc": "2.0", "id": 1, "result": {}})) as other:
        told = await checked(f"{other.origin}/mcp")
    gone = await checked("http://127.0.0.1:9/mcp")
    plain = await checked("http://sms.example.com/mcp", f"Bearer {REFUSED}")

    assert (told.remedy, gone.remedy is None, plain.remedy is None) == (None, False, False)
    snapshot(told.detail, f"{gone.detail} | {gone.remedy}", f"{plain.detail} | {plain.remedy}")


def test_entries_are_found_by_their_name_or_their_key(tmp_path: Path) -> None:
    url = "https://sms.example.com/mcp"
    headers = {"Authorization": f"Bearer {REFUSED}"}
    mcp_json = tmp_path / "mcp.json"
    servers = {
        "convirza": {"url": url},
        "team": {"url": url, "headers": headers},
        "other": {"url": url, "headers": {"Authorization": "Bearer x"}},
    }
    mcp_json.write_text(json.dumps({"mcpServers": servers}))
    found = {each.name: (each.url, each.authorization) for each in read_entries(CLIENTS["cursor"], mcp_json)}
    toml = tmp_path / "config.toml"
    toml.write_text(f'[mcp_servers.sms]\nurl = "{url}"\nhttp_headers = {{ Authorization = "Bearer {REFUSED}" }}\n')

    assert found == {"convirza": (url, None), "team": (url, f"Bearer {REFUSED}")}
    assert [each.authorization for each in read_entries(CLIENTS["codex"], toml)] == [f"Bearer {REFUSED}"]


def test_where_all_entries_name_a_server_no_token_is_needed(tmp_path: Path) -> None:
    file = tmp_path / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"mcpServers": {"convirza": {"url": "https://sms.example.com/mcp"}}}))

    assert need_no_token(read_clients(Machine("linux", str(tmp_path), {})))
