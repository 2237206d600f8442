"""Entries for a server over HTTP: doctor asks the server as the client would."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.clients.read_entries import ClientEntry, read_entries
from convirza_mcp.setup.doctor.checks.client_entry import check_entry
from convirza_mcp.setup.doctor.checks.clients import need_no_token, read_clients
from convirza_mcp.setup.doctor.finding import Verdict
from convirza_mcp.transports.http.authentication.keys import KeyFile
from faults import FaultServer
from faults.answers import json_body
from support.client_entries import SHELL
from support.http_servers import HttpProcess, http_process
from support.snapshots import Snapshot

CURSOR, VSCODE, CODEX = CLIENTS["cursor"], CLIENTS["vscode"], CLIENTS["codex"]
REFUSED = "cvz_" + "A" * 43


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="module")
def server(keys: KeyFile) -> Iterator[HttpProcess]:
    with http_process("--demo", CONVIRZA_HTTP_AUTH="keys", CONVIRZA_HTTP_KEYS_FILE=str(keys.path)) as server:
        yield server


async def checked(url: str, authorization: str | None = None, client: str = "cursor") -> Verdict:
    entry = ClientEntry(name="convirza", server={"url": url}, url=url, authorization=authorization)
    return await check_entry(entry, CLIENTS[client], SHELL)


async def test_what_the_server_says_to_each_key(server: HttpProcess, keys: KeyFile, snapshot: Snapshot) -> None:
    key = keys.add("doctor")
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
    file = tmp_path / "mcp.json"
    servers = {
        "convirza": {"url": url},
        "team": {"url": url, "headers": headers},
        "other": {"url": url, "headers": {"Authorization": "Bearer x"}},
    }
    file.write_text(json.dumps({"mcpServers": servers}))
    found = {each.name: (each.url, each.authorization) for each in read_entries(CURSOR, file)}
    toml = tmp_path / "config.toml"
    toml.write_text(f'[mcp_servers.sms]\nurl = "{url}"\nhttp_headers = {{ Authorization = "Bearer {REFUSED}" }}\n')

    assert found == {"convirza": (url, None), "team": (url, f"Bearer {REFUSED}")}
    assert [each.authorization for each in read_entries(CODEX, toml)] == [f"Bearer {REFUSED}"]


def test_where_all_entries_name_a_server_no_token_is_needed(tmp_path: Path) -> None:
    file = tmp_path / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"mcpServers": {"convirza": {"url": "https://sms.example.com/mcp"}}}))

    assert need_no_token(read_clients(Machine("linux", str(tmp_path), {})))
