"""Real clients connect to a server over HTTP with the entry that `install --url --key` wrote, or prints."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.remote import PLACEHOLDER
from convirza_mcp.tools import all_tools
from convirza_mcp.transports.http.authentication.keys import KeyFile
from judges.installed import ask, needs_judges
from judges.real_clients import CONNECTED, FILES, claude_code, codex, convirza
from support.http_servers import HttpProcess, http_process

pytestmark = needs_judges


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "http-keys.json")


@pytest.fixture
def server(keys: KeyFile) -> Iterator[HttpProcess]:
    with http_process("--demo", CONVIRZA_HTTP_AUTH="keys", CONVIRZA_HTTP_KEYS_FILE=str(keys.path)) as server:
        yield server


def connect(home: Path, client: str, url: str, key: str) -> None:
    """Install an entry with this key, or paste the printed one."""
    file, options = home / FILES[client], ("--url", url, "--key")
    if CLIENTS[client].writable:
        convirza(home, "install", client, *options, "--create", CONVIRZA_ACCESS_KEY=key)
    else:
        file.parent.mkdir()
        printed = convirza(home, "install", client, *options, "--print")
        file.write_text(printed.replace(PLACEHOLDER, key), encoding="utf-8")


@pytest.mark.parametrize("client", CONNECTED)
def test_a_client_with_a_key_connects_until_the_key_is_removed(
    tmp_path: Path, client: str, server: HttpProcess, keys: KeyFile
) -> None:
    connect(tmp_path, client, server.url, keys.add("priya"))

    assert CONNECTED[client](tmp_path)
    keys.remove("priya")
    assert not CONNECTED[client](tmp_path)


def test_codex_lists_the_tools_and_calls_one(tmp_path: Path, server: HttpProcess, keys: KeyFile) -> None:
    connect(tmp_path, "codex", server.url, keys.add("priya"))

    with codex(tmp_path) as client:
        listed = client.server()
        thread = client.ask("thread/start", ephemeral=True)["thread"]["id"]
        given = {"threadId": thread, "server": "convirza", "tool": "list_sms_conversations", "arguments": {"limit": 2}}
        called = client.ask("mcpServer/tool/call", **given)

    assert sorted(listed["tools"]) == sorted(tool.name for tool in all_tools())
    assert len(called["structuredContent"]["rows"]) == 2


def test_claude_code_reads_the_entry_that_keys_add_prints(tmp_path: Path, server: HttpProcess, keys: KeyFile) -> None:
    header = f"Authorization: Bearer {keys.add('priya')}"

    claude_code(tmp_path, "add", "--transport", "http", "convirza", server.url, "--header", header)

    assert CONNECTED["claude-code"](tmp_path)


def test_the_inspector_is_refused_without_a_key(tmp_path: Path, server: HttpProcess, keys: KeyFile) -> None:
    key = keys.add("priya")
    asked = ("--cli", server.url, "--transport", "http", "--method", "tools/list")

    refused = ask("@modelcontextprotocol/inspector", *asked, home=tmp_path)
    listed = ask("@modelcontextprotocol/inspector", *asked, "--header", f"Authorization: Bearer {key}", home=tmp_path)

    assert (refused.returncode != 0, listed.returncode) == (True, 0)
    assert all(f'"{tool.name}"' in listed.stdout for tool in all_tools())
