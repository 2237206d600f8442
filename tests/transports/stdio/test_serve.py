"""How the process behaves: what it prints, how it ends. Real processes, raw lines."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from support.processes import (
    INITIALIZE,
    INITIALIZED,
    SERVE,
    ServerProcess,
    close_stdin,
    environment,
    interrupt,
    server_process,
    terminate,
)
from support.snapshots import Snapshot

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")

# The promise is two seconds; on a busy machine it is bounded at three times that.
SOON = 6.0


ENDINGS = pytest.mark.parametrize("end", [close_stdin, interrupt, terminate])


@pytest.mark.long
@ENDINGS
def test_an_idle_server_ends_cleanly(end: Callable[[ServerProcess], None]) -> None:
    with server_process() as server:
        end(server)

        assert server.end(SOON) == (0, "", "")


@pytest.mark.long
@ENDINGS
def test_a_busy_server_ends_cleanly(end: Callable[[ServerProcess], None]) -> None:
    with (
        Sandbox(delay=60) as sandbox,
        server_process(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url) as server,
    ):
        server.call(1, {})
        # A second request is answered while the first one hangs: the call is under way by then.
        server.send({"jsonrpc": "2.0", "id": 2, "method": "ping"})
        assert server.receive() == {"jsonrpc": "2.0", "id": 2, "result": {}}
        end(server)
        status, rest, err = server.end(SOON)

    # The SDK still answers what was under way.
    assert (status, json.loads(rest)["error"]["message"]) == (0, "Connection closed")
    # The line on the call, and nothing else.
    assert json.loads(err)["outcome"] == "cancelled"


@pytest.mark.long
def test_a_slow_token_file_delays_its_own_call_only(tmp_path: Path) -> None:
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    with (
        Sandbox() as sandbox,
        server_process(CONVIRZA_TOKEN_FILE=str(pipe), CONVIRZA_BASE_URL=sandbox.base_url) as server,
    ):
        server.call(1, {})
        server.send({"jsonrpc": "2.0", "id": 2, "method": "ping"})
        assert server.receive() == {"jsonrpc": "2.0", "id": 2, "result": {}}
        pipe.write_text(sandbox.token, encoding="utf-8")
        answer = server.receive()

        assert (answer["id"], answer["result"]["isError"]) == (1, False)


@pytest.mark.long
@ENDINGS
def test_a_token_file_that_is_never_read_to_its_end_keeps_no_server_alive(
    tmp_path: Path, end: Callable[[ServerProcess], None]
) -> None:
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    with server_process(CONVIRZA_TOKEN_FILE=str(pipe)) as server:
        server.call(1, {})
        server.send({"jsonrpc": "2.0", "id": 2, "method": "ping"})
        assert server.receive() == {"jsonrpc": "2.0", "id": 2, "result": {}}
        end(server)

        assert server.end(SOON)[0] == 0


@pytest.mark.long
def test_a_client_that_leaves_without_reading_ends_the_server() -> None:
    with server_process() as server:
        for number in range(200):
            server.send({"jsonrpc": "2.0", "id": number, "method": "tools/list"})
        close_stdin(server)

        assert server.process.wait(SOON) == 0


@pytest.mark.long
def test_half_an_emoji_in_an_argument_is_answered() -> None:
    with server_process() as server:
        assert server.process.stdin is not None
        params = '{"name":"list_sms_conversations","arguments":{"limit":0,"search":"\\ud83d"}}'
        server.process.stdin.write(f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}\n')
        server.process.stdin.flush()

        assert server.receive()["result"]["isError"] is True


@pytest.mark.long
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_is_closed_is_no_traceback(closed: str) -> None:
    ended = subprocess.run(
        f'"{sys.executable}" -m convirza_mcp serve {closed} < /dev/null' if "<" not in closed else
        f'"{sys.executable}" -m convirza_mcp serve {closed}',
        shell=True, capture_output=True, encoding="utf-8", env=environment(), timeout=180, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.long
@pytest.mark.parametrize(
    "settings",
    [
        {"HTTPS_PROXY": "foo://user:secret@bar"},
        {"ALL_PROXY": "socks5://user:secret@127.0.0.1:1080"},
        {"SSL_CERT_FILE": "/nonexistent"},
    ],
    ids=["proxy", "socks proxy", "certificates"],
)
def test_a_connection_that_cannot_be_set_up_ends_the_start_with_one_line(
    settings: dict[str, str], snapshot: Snapshot
) -> None:
    ended = subprocess.run(
        SERVE, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", env=environment(**settings),
        timeout=180, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (2, "")
    snapshot(ended.stderr)


@pytest.mark.long
@pytest.mark.parametrize("settings", [{}, {"CONVIRZA_FRONT": "off"}], ids=["front", "no front"])
def test_a_byte_order_mark_before_initialize_is_ignored(settings: dict[str, str]) -> None:
    with subprocess.Popen(
        SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(**settings), encoding="utf-8"
    ) as process:
        server = ServerProcess(process)
        assert process.stdin is not None
        process.stdin.write("\ufeff")
        server.send(INITIALIZE)

        assert server.receive()["result"]["serverInfo"]["name"] == "convirza-mcp"
        process.stdin.close()


@pytest.mark.long
def test_half_a_request_at_the_end_of_input_is_answered() -> None:
    with server_process() as server:
        assert server.process.stdin is not None
        server.send({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {}})
        assert server.receive()["id"] == 1
        server.process.stdin.write('{"jsonrpc":"2.0","id":9,"method":"pi')
        close_stdin(server)
        status, rest, err = server.end(SOON)

    assert (status, err) == (0, "")
    answer = json.loads(rest)
    assert (answer["id"], answer["error"]["code"]) == (9, -32700)


def test_stray_prints_miss_the_wire(tmp_path: Path, snapshot: Snapshot) -> None:
    program = """
import os, subprocess, sys
import convirza_mcp.tools.list_sms_conversations as listing
from convirza_mcp.cli import commands
from convirza_mcp.tools.tool import Tool

plain = Tool.ask
async def noisy(self, *given, **named):
    print("a print")
    os.write(1, b"a write\\n")
    subprocess.run([sys.executable, "-c", "print('a child')"], check=True)
    return await plain(self, *given, **named)
Tool.ask = noisy
commands(["serve"])
"""
    with server_process([sys.executable, "-c", program]) as server:
        server.call(1, {"limit": 0})

        answer = server.receive()
        close_stdin(server)
        status, rest, err = server.end(SOON)

    snapshot(answer["result"]["content"][0]["text"])
    assert (status, rest) == (0, "")
    *prints, logged = sorted(err.splitlines())
    assert prints == ["a child", "a print", "a write"]
    assert json.loads(logged)["outcome"] == "InvalidArgumentError"


@pytest.mark.long
def test_input_may_come_from_a_file(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    script.write_text("".join(json.dumps(each) + "\n" for each in (INITIALIZE, INITIALIZED, listing)), encoding="utf-8")

    with script.open(encoding="utf-8") as source:
        ended = subprocess.run(
            SERVE, stdin=source, capture_output=True, encoding="utf-8", env=environment(), timeout=180, check=False
        )

    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (ended.returncode, ended.stderr, answers[0]["id"]) == (0, "", 0)


@pytest.mark.parametrize(
    "settings",
    [{"CONVIRZA_TOKEN": ""}, pytest.param({"CONVIRZA_BASE_URL": "http://localhost.evil"}, marks=pytest.mark.long)],
)
def test_a_bad_setting_ends_the_start_with_one_line(settings: dict[str, str], snapshot: Snapshot) -> None:
    ended = subprocess.run(
        SERVE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment(**settings),
        timeout=180,
        check=False,
    )

    snapshot(ended.returncode, ended.stdout, ended.stderr)


def test_without_a_token_it_starts_and_a_call_says_what_to_set(snapshot: Snapshot) -> None:
    with server_process() as server:
        server.send({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert len(server.receive()["result"]["tools"]) == 6
        server.call(2, {})
        result = server.receive()["result"]

    assert result["isError"] is True
    snapshot(result["content"][0]["text"])
