"""Entries for a server over HTTP: each client's own shape, and how they change a configuration."""

import json
import tomllib
from dataclasses import replace
from typing import Any

import pytest
import yaml

from convirza_mcp.setup.clients import edit
from convirza_mcp.setup.clients.edit import read_document
from convirza_mcp.setup.clients.entry import Entry, RemoteEntry
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.remote import remote_entries
from convirza_mcp.setup.clients.snippets import snippet
from convirza_mcp.setup.errors import ServerNameTakenError

URL = "https://sms.example.com/mcp"
KEY = "cvz_" + "A" * 43
SENT = {"Authorization": f"Bearer {KEY}"}
SIGNING_IN = RemoteEntry("convirza", URL)
WITH_KEY = RemoteEntry("convirza", URL, KEY)
PROGRAM = Entry("convirza", "/opt/convirza-mcp", ("serve",), {"CONVIRZA_TIMEZONE": "UTC"})
SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "claude-code": ({"type": "http", "url": URL}, "headers"),
    "cursor": ({"url": URL}, "headers"),
    "vscode": ({"type": "http", "url": URL}, "headers"),
    "windsurf": ({"serverUrl": URL}, "headers"),
    "codex": ({"url": URL}, "http_headers"),
    "gemini-cli": ({"httpUrl": URL}, "headers"),
}
READERS = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}


def read(client: str, text: str) -> Any:
    return READERS[CLIENTS[client].format](text)[CLIENTS[client].servers]["convirza"]


def changed(text: str, client: str, entry: Entry | RemoteEntry) -> str:
    return edit.with_entry(read_document(text, CLIENTS[client]), CLIENTS[client], entry).text


@pytest.mark.parametrize("client", SHAPES)
def test_each_client_has_its_own_shape(client: str) -> None:
    server, headers = SHAPES[client]

    assert read(client, snippet(CLIENTS[client], SIGNING_IN)) == server
    assert read(client, snippet(CLIENTS[client], WITH_KEY)) == server | {headers: SENT}
    if CLIENTS[client].format == "json":
        assert changed("", client, WITH_KEY) == snippet(CLIENTS[client], WITH_KEY)


def test_goose_takes_an_extension() -> None:
    extension = read("goose", snippet(CLIENTS["goose"], WITH_KEY))

    assert (extension["type"], extension["uri"], extension["headers"]) == ("streamable_http", URL, SENT)
    assert "headers" not in read("goose", snippet(CLIENTS["goose"], SIGNING_IN))
    assert "cmd" not in extension


def test_every_client_but_the_desktop_program_takes_one() -> None:
    assert {each.id for each in CLIENTS.values() if each.url_key is not None} == {*SHAPES, "goose"}
    assert CLIENTS["claude-desktop"].url_key is None


def test_the_operator_gets_an_entry_for_every_client() -> None:
    entries = remote_entries(URL, KEY)

    assert list(entries) == [
        "Claude Code",
        "Cursor (~/.cursor/mcp.json)",
        "VS Code (mcp.json)",
        "Windsurf (~/.codeium/windsurf/mcp_config.json)",
        "Codex (~/.codex/config.toml)",
        "Goose (~/.config/goose/config.yaml)",
        "Gemini CLI (~/.gemini/settings.json)",
        "Copilot Studio",
    ]
    assert all(KEY in each and URL in each for each in entries.values())


def test_vscode_asks_for_the_key_and_keeps_it() -> None:
    asking = RemoteEntry("convirza", URL, asks_for_key=True)
    document = json.loads(changed("", "vscode", asking))

    assert document["inputs"] == [
        {"type": "promptString", "id": "convirza-key", "description": "Access key of convirza-mcp", "password": True}
    ]
    assert document["servers"]["convirza"]["headers"] == {"Authorization": "Bearer ${input:convirza-key}"}
    without = json.loads(changed(json.dumps(document), "vscode", SIGNING_IN))
    assert without == {"servers": {"convirza": {"type": "http", "url": URL}}}
    token = json.loads(changed(json.dumps(document), "vscode", replace(PROGRAM, asks_for_token=True)))
    assert [each["id"] for each in token["inputs"]] == ["convirza-token"]
    assert token["servers"]["convirza"]["command"] == "/opt/convirza-mcp"


def test_a_program_becomes_a_server_over_http_as_a_whole_and_back() -> None:
    before = changed("{}", "cursor", PROGRAM)
    remote = changed(before, "cursor", WITH_KEY)

    assert read("cursor", remote) == {"url": URL, "headers": SENT}
    assert read("cursor", changed(remote, "cursor", PROGRAM)) == read("cursor", before)


def test_a_new_key_or_address_replaces_the_old_one_and_the_rest_stays() -> None:
    other = {"Authorization": "Bearer cvz_" + "B" * 43, "X-Team": "sales"}
    server = {"url": "https://old.example/mcp", "headers": other, "disabled": True}
    text = json.dumps({"mcpServers": {"convirza": server}})

    updated = changed(text, "cursor", WITH_KEY)

    assert read("cursor", updated) == {"url": URL, "headers": SENT | {"X-Team": "sales"}, "disabled": True}
    assert changed(updated, "cursor", WITH_KEY) == updated
    assert read("cursor", changed(updated, "cursor", SIGNING_IN))["headers"] == {"X-Team": "sales"}


@pytest.mark.parametrize("entry", [PROGRAM, WITH_KEY, SIGNING_IN])
def test_another_server_over_http_of_that_name_stays(entry: Entry | RemoteEntry) -> None:
    text = json.dumps({"mcpServers": {"convirza": {"url": "https://mcp.convirza.example/mcp"}}})

    with pytest.raises(ServerNameTakenError) as taken:
        changed(text, "cursor", entry)
    assert "--url" in str(taken.value.remedy)


def test_an_entry_is_removed_by_its_key_or_its_address() -> None:
    client = CLIENTS["cursor"]
    with_key, signing_in = (read_document(changed("{}", "cursor", each), client) for each in (WITH_KEY, SIGNING_IN))

    assert edit.without_entry(with_key, client, "convirza").text == "{}"
    assert edit.without_entry(signing_in, client, "convirza", url=URL).text == "{}"
    with pytest.raises(ServerNameTakenError):
        edit.without_entry(signing_in, client, "convirza")


def test_a_key_is_in_no_representation() -> None:
    assert KEY not in repr(WITH_KEY)
