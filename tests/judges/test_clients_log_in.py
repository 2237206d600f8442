"""Real clients with the entry that `install --url` wrote log their user in, on the page of a server in mode `login`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx2
import pytest

from convirza_mcp.sandbox import Login
from judges.installed import command, needs_judges, surroundings
from judges.real_clients import FILES, claude_code, codex, connected_to_claude_code, convirza
from support.http_servers import HttpProcess, http_process
from support.oauth_clients import allow, name_of
from support.terminals import terminal_of

pytestmark = [needs_judges, pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal")]

LOGIN = Login(502, "user502@example.com", "sandbox-502")


@pytest.fixture
def server() -> Iterator[HttpProcess]:
    with http_process("--demo", CONVIRZA_HTTP_AUTH="login") as server:
        yield server


def test_claude_code_logs_its_user_in(tmp_path: Path, server: HttpProcess) -> None:
    convirza(tmp_path, "install", "claude-code", "--url", server.url, "--create")
    assert "Needs authentication" in claude_code(tmp_path, "list")
    login = [*command("@anthropic-ai/claude-code", "cli-wrapper.cjs"), "mcp", "login", "--no-browser", "convirza"]

    with terminal_of(login, surroundings(tmp_path, {"TERM": "dumb"}), tmp_path) as terminal:
        terminal.wait_for("paste the redirect URL here")
        address = re.search(r"http://[!-~]+/authorize[!-~]+", terminal.shown)
        assert address is not None
        terminal.type(anyio.run(allow, address[0], LOGIN) + "\r")
        assert terminal.end() == 0, terminal.shown

    assert connected_to_claude_code(tmp_path)


def test_codex_logs_its_user_in_and_sees_the_own_conversations(tmp_path: Path, server: HttpProcess) -> None:
    file = tmp_path / FILES["codex"]
    file.parent.mkdir()
    file.write_text(convirza(tmp_path, "install", "codex", "--url", server.url, "--print"), encoding="utf-8")

    with codex(tmp_path) as client:
        assert client.server()["authStatus"] == "notLoggedIn"
        address = client.ask("mcpServer/oauth/login", name="convirza")["authorizationUrl"]
        way_back = anyio.run(allow, address, LOGIN)
        assert httpx2.get(way_back).status_code == 200
        client.wait_for("mcpServer/oauthLogin/completed")
    with codex(tmp_path) as client:
        thread = client.ask("thread/start", ephemeral=True)["thread"]["id"]
        given = {"tool": "list_sms_conversations", "arguments": {"type": "assignedToYou"}}
        called = client.ask("mcpServer/tool/call", threadId=thread, server="convirza", **given)

    assert {row[5] for row in called["structuredContent"]["rows"]} == {name_of(LOGIN)}
