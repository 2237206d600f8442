"""Programs that share a login, and find at the same moment that its token has ended: one renews it for all."""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread

from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.sandbox import Sandbox
from support.processes import environment
from support.stores import STORE_KEYS, read_login, redis_server, write_login

pytestmark = pytest.mark.long

TASKS = 8

# For each line on stdin: that many calls at once, and a line that says how many were answered.
CALLS = """
import sys
import anyio
from convirza_mcp import ConvirzaClient, Settings

async def main():
    async with ConvirzaClient.from_settings(Settings.from_environment()) as client:
        print("ready", flush=True)
        for line in sys.stdin:
            totals = []
            async def call():
                totals.append((await client.list_sms_conversations()).total)
            async with anyio.create_task_group() as calls:
                for _ in range(int(line)):
                    calls.start_soon(call)
            print(len(totals), flush=True)

anyio.run(main)
"""


def ended_login(sandbox: Sandbox) -> StoredCredential:
    """A login whose access token has ended, by its own words and for the sandbox."""
    pair = read_token_response(json.dumps(sandbox.issue()).encode(), now=datetime.now(UTC))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    pair = replace(pair, expires_at=an_hour_ago, obtained_at=an_hour_ago - timedelta(days=7))
    sandbox.expire_access_tokens()
    return StoredCredential(pair, account="5ad0c0", oauth_url=sandbox.oauth_url)


def test_one_refresh_request_for_all_processes_and_tasks(tmp_path: Path) -> None:
    with Sandbox(conversations=20) as sandbox:
        store = CredentialStore(tmp_path / "convirza-mcp")
        store.write(ended_login(sandbox))
        refresh_in_rounds(sandbox, 16, 200, XDG_STATE_HOME=str(tmp_path))
        kept = store.read()

    assert kept is not None
    assert kept.account == "5ad0c0"
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["credentials.json", "credentials.lock"]


@pytest.mark.parametrize(("kind", "rounds"), [("redis", 100), ("sqlite", 100)])
async def test_one_refresh_request_for_all_replicas_with_a_store(tmp_path: Path, kind: str, rounds: int) -> None:
    with Sandbox(conversations=20) as sandbox, ExitStack() as stack:
        address = f"sqlite:{tmp_path / 'store.sqlite'}"
        if kind == "redis":
            address = stack.enter_context(redis_server(tmp_path)).address
        await write_login(address, ended_login(sandbox))
        settings = {"CONVIRZA_STORE": address, "CONVIRZA_STORE_KEYS": STORE_KEYS}
        await to_thread.run_sync(partial(refresh_in_rounds, sandbox, 3, rounds, **settings))
        kept = await read_login(address)
        texts = {sandbox.token, *(row["message"] for row in sandbox.conversations if len(row["message"] or "") > 8)}
        # All that SQLite or Redis wrote to the disk, with its journal.
        on_disk = everything_in(tmp_path)

    assert kept is not None
    assert kept.account == "5ad0c0"
    assert on_disk
    assert kept.pair.access_token.encode() not in on_disk
    assert [text for text in texts if text.encode() in on_disk] == []


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def refresh_in_rounds(sandbox: Sandbox, processes: int, rounds: int, **settings: str) -> None:
    """Let programs call at once, again and again, and end the access token after each round: one refresh a round."""
    settings |= {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_OAUTH_URL": sandbox.oauth_url}
    with ExitStack() as running:
        programs = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", CALLS],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment(**settings),
                    encoding="utf-8",
                )
            )
            for _ in range(processes)
        ]
        for program in programs:
            running.callback(program.kill)
        pipes = [(program.stdin, program.stdout) for program in programs]
        for _, said in pipes:
            assert said is not None
            assert said.readline() == "ready\n"
        for done in range(rounds):
            for asking, _ in pipes:
                assert asking is not None
                asking.write(f"{TASKS}\n")
                asking.flush()
            answered = [said.readline() for _, said in pipes if said is not None]
            posts = [(request.path, request.status) for request in sandbox.requests if request.method == "POST"]

            assert answered == [f"{TASKS}\n"] * processes
            assert posts == [("/oauth/refresh-token", 200)] * (done + 1)
            sandbox.expire_access_tokens()
