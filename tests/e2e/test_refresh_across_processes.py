"""Programs that share a login, and find at the same moment that its token has ended: one renews it for all."""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.sandbox import Sandbox
from support.processes import environment

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


def store_ended_login(sandbox: Sandbox, state: Path) -> CredentialStore:
    """A login whose access token has ended, by its own words and for the sandbox."""
    pair = read_token_response(json.dumps(sandbox.issue()).encode(), now=datetime.now(UTC))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    pair = replace(pair, expires_at=an_hour_ago, obtained_at=an_hour_ago - timedelta(days=7))
    sandbox.expire_access_tokens()
    store = CredentialStore(state / "convirza-mcp")
    store.write(StoredCredential(pair, account="5ad0c0", oauth_url=sandbox.oauth_url))
    return store


@pytest.mark.parametrize(("processes", "rounds"), [pytest.param(3, 3), pytest.param(16, 200, marks=pytest.mark.long)])
def test_one_refresh_request_for_all_processes_and_tasks(tmp_path: Path, processes: int, rounds: int) -> None:
    with Sandbox(conversations=20) as sandbox, ExitStack() as running:
        store = store_ended_login(sandbox, tmp_path)
        settings = environment(
            CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_OAUTH_URL=sandbox.oauth_url, XDG_STATE_HOME=str(tmp_path)
        )
        programs = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", CALLS],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=settings,
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
        kept = store.read()

    assert kept is not None
    assert kept.account == "5ad0c0"
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["credentials.json", "credentials.lock"]
