"""A login from its first question to its last, with every byte recorded: what is asked, of whom, and with which secret.

Log in on a terminal, ask every tool and command, have the token renewed in a server under way and by a command, log
out. A proxy stands in the environment all the time, and nobody may come to it.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import faults
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.sandbox import Sandbox
from faults import FaultServer
from faults.proofs import assert_untouched
from faults.relay import Relay
from support import egress
from support.processes import close_stdin, environment, server_process
from support.terminals import on_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="terminals and pipes are POSIX here")

EMAIL, PASSWORD = "demo@example.com", "a passw0rd, 14"
QUESTIONS: dict[str, dict[str, Any]] = {
    "list_sms_conversations": {"search": "1801"},
    "get_sms_conversation": {"conversation_id": 1},
    "search_sms_messages": {"query": "you"},
    "list_waiting_sms_conversations": {},
    "summarize_sms_inbox": {"group_by": "agent"},
    "list_sms_changes": {"since": "7d"},
}
COMMANDS = (
    ("status",),
    ("list", "--json"),
    ("waiting",),
    ("search", "you"),
    ("summary",),
    ("changes", "--since", "7d"),
    ("export", "--format", "csv", "--output", "-"),
)


def tokens_in(state: Path) -> list[str]:
    stored = CredentialStore(state / "convirza-mcp").read()
    assert stored is not None
    assert stored.pair.refresh_token is not None
    return [stored.pair.access_token, stored.pair.refresh_token]


def run(*arguments: str, **settings: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf-8", env=environment(**settings), timeout=180, check=True,
    )  # fmt: skip
    return ended.stdout + ended.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("era", "commands"),
    [
        ("auto", COMMANDS[:1]),
        pytest.param("auto", COMMANDS, marks=pytest.mark.long),
        pytest.param("legacy", COMMANDS[:1], marks=pytest.mark.long),
    ],
)
def test_only_gets_and_three_posts_to_one_host(tmp_path: Path, era: str, commands: Sequence[Sequence[str]]) -> None:
    state, said = tmp_path / "state", ""
    tokens: list[list[str]] = []
    with (
        Sandbox(conversations=60, email=EMAIL, password=PASSWORD) as sandbox,
        FaultServer(faults.page()) as proxy,
        Relay(urlsplit(sandbox.oauth_url).port or 0) as relay,
    ):
        settings = {
            "XDG_STATE_HOME": str(state),
            "CONVIRZA_BASE_URL": f"{relay.origin}/v3",
            "CONVIRZA_OAUTH_URL": relay.origin,
            **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), proxy.origin),
            **egress.watched(tmp_path / "egress"),
        }
        with on_terminal("login", **settings) as terminal:
            terminal.wait_for("E-mail: ")
            terminal.type(f"{EMAIL}\r")
            terminal.wait_for("Password: ")
            terminal.type(f"{PASSWORD}\r")
            assert terminal.end() == 0
            said += terminal.shown
        tokens.append(tokens_in(state))
        for command in commands:
            said += run(*command, **settings)
        with server_process(era=era, **settings) as server:
            for turn in range(2):
                for number, (tool, given) in enumerate(QUESTIONS.items()):
                    server.call(10 * turn + number, given, tool)
                    answer = server.receive()
                    # Nobody has the id 1.
                    assert answer["result"].get("isError", False) == (tool == "get_sms_conversation"), answer
                    said += json.dumps(answer)
                sandbox.expire_access_tokens()
            close_stdin(server)
            status, rest, err = server.end(6)
        assert (status, rest) == (0, "")
        said += err
        tokens.append(tokens_in(state))
        said += run("status", **settings)
        tokens.append(tokens_in(state))
        said += run("logout", **settings)

        assert_untouched(proxy)
    requests = relay.requests
    assert relay.received == b"".join(request.raw + body for request, body in requests)
    posts = Counter(request.path for request, _ in requests if request.method == "POST")
    assert {(request.method, request.path) for request, _ in requests if request.method != "POST"} == {
        ("GET", "/v3/conversations/sms")
    }
    assert posts == {"/oauth/token": 1, "/oauth/refresh-token": 2, "/oauth/revoke-token": 2}
    assert len({pair[0] for pair in tokens}) == len({pair[1] for pair in tokens}) == 3

    # Each secret where it belongs, and nowhere else: not in what was said, and not in what was left behind.
    bearers = Counter(request.header("authorization") for request, _ in requests)
    assert set(bearers) == {None, *(f"Bearer {access}" for access, _ in tokens)}
    assert bearers[None] == sum(posts.values())
    for request, body in requests:
        assert request.method == "POST" or body == b""
        assert PASSWORD.encode() not in request.raw
        assert (PASSWORD.encode() in body) == (request.path == "/oauth/token")
    for number, (access, refresh) in enumerate(tokens):
        last = number == len(tokens) - 1
        assert relay.received.count(refresh.encode()) == 1
        assert relay.received.count(access.encode()) == bearers[f"Bearer {access}"] + last
        assert access not in said
        assert refresh not in said
    assert PASSWORD not in said
    left = [path for path in state.rglob("*") if path.is_file()]
    secrets = [secret for pair in tokens for secret in pair] + [PASSWORD]
    assert not any(secret.encode() in path.read_bytes() for path in left for secret in secrets)

    # The command takes the place of the program that gave it its terminal.
    helpers = {("os.exec", sys.executable)}
    assert {*egress.seen(tmp_path / "egress")} - helpers == {("socket.connect", ("127.0.0.1", relay.port))}
