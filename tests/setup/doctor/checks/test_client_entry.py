"""Entries started as their client would start them: real processes, most of them the real server."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.clients.read_entries import ClientEntry
from convirza_mcp.setup.doctor.checks.client_entry import check_entry
from convirza_mcp.setup.doctor.start_server import quiet_client_logs
from faults import closed_port
from support.client_entries import ANEW, CODE, DESKTOP, SECRET, SHELL, a_server, entry, ours, script
from support.snapshots import Snapshot

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="scripts have a first line that names their interpreter"
)


SANDBOX = {"conversations": 20}


async def test_an_entry_starts_and_reads_the_inbox(sandbox: Sandbox, snapshot: Snapshot) -> None:
    before = len(sandbox.requests)

    verdict = await check_entry(ours(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url), DESKTOP, SHELL)

    snapshot(verdict)
    assert [(each.method, dict(each.query)["limit"]) for each in sandbox.requests[before:]] == [("GET", "1")]


@pytest.mark.long
async def test_the_demo_needs_no_host(tmp_path: Path, snapshot: Snapshot) -> None:
    snapshot(await check_entry(ours("--demo"), DESKTOP, replace(SHELL, host_answers=False)))


@pytest.mark.long
async def test_a_token_that_this_terminal_alone_has(sandbox: Sandbox, snapshot: Snapshot) -> None:
    shell = replace(
        SHELL,
        source="environment",
        environ={**os.environ, "CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url},
    )
    elsewhere = ours(HOME="/nonexistent", XDG_STATE_HOME="/nonexistent")

    snapshot(await check_entry(elsewhere, DESKTOP, shell))
    # That one is started in a terminal, and hands on what it finds there.
    snapshot(await check_entry(elsewhere, CODE, shell))


@pytest.mark.parametrize(
    ("source", "remedy"), [("none", "Run `convirza-mcp login`."), ("store", f"{ANEW}."), ("file", f"{ANEW}.")]
)
async def test_without_a_token_the_remedy_is_what_cures_here(
    tmp_path: Path, source: Any, remedy: str, snapshot: Snapshot
) -> None:
    refuses = 'return {"isError": True, "content": [{"type": "text", "text": "In other words. [missing_credential]"}]}'

    verdict = await check_entry(a_server(tmp_path, otherwise=refuses), DESKTOP, replace(SHELL, source=source))

    snapshot(verdict)


@pytest.mark.long
async def test_a_host_that_this_terminal_reaches_and_the_entry_does_not(snapshot: Snapshot) -> None:
    closed = ours(CONVIRZA_TOKEN=SECRET, CONVIRZA_BASE_URL=f"http://127.0.0.1:{closed_port()}/v3", CONVIRZA_TIMEOUT="1")
    proxied = replace(SHELL, environ={"HTTPS_PROXY": "http://proxy.example:3128", "SSL_CERT_FILE": "/etc/ca.pem"})

    snapshot(await check_entry(closed, DESKTOP, SHELL))
    snapshot(await check_entry(closed, DESKTOP, proxied))


async def test_an_address_that_a_trial_left_behind_is_what_is_wrong(tmp_path: Path, snapshot: Snapshot) -> None:
    def refusing(sentence: str) -> ClientEntry:
        refusal = f'return {{"isError": True, "content": [{{"type": "text", "text": "{sentence}"}}]}}'
        server = a_server(tmp_path, otherwise=refusal).server
        return ClientEntry(name="convirza", server={**server, "env": {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9"}})

    elsewhere = refusing("In other words. [login_from_elsewhere]")
    snapshot(await check_entry(elsewhere, DESKTOP, SHELL))
    snapshot(await check_entry(refusing("In other words. [missing_credential]"), DESKTOP, SHELL))


async def test_a_proxy_with_a_password_is_named_and_not_shown(tmp_path: Path, snapshot: Snapshot) -> None:
    refuses = 'return {"isError": True, "content": [{"type": "text", "text": "Not reached."}]}'
    shell = replace(SHELL, environ={"HTTPS_PROXY": f"http://ana:{SECRET}@proxy.example:3128"})

    verdict = await check_entry(a_server(tmp_path, otherwise=refuses), DESKTOP, shell)

    snapshot(verdict)


async def test_a_script_whose_interpreter_is_gone(tmp_path: Path, snapshot: Snapshot) -> None:
    program = script(tmp_path, f"#!{tmp_path}/venv/bin/python\n")

    snapshot(await check_entry(entry(program), DESKTOP, SHELL))


async def test_a_program_that_this_computer_does_not_run(tmp_path: Path, snapshot: Snapshot) -> None:
    snapshot(await check_entry(entry(script(tmp_path, "\x7fELF")), DESKTOP, SHELL))


async def test_a_python_without_the_package(tmp_path: Path, snapshot: Snapshot) -> None:
    bare = entry(sys.executable, "-I", "-S", "-m", "convirza_mcp")

    snapshot(await check_entry(bare, DESKTOP, SHELL))


@pytest.mark.long
async def test_what_the_server_says_at_its_end_is_what_to_do(snapshot: Snapshot) -> None:
    unusable = ours(SSL_CERT_FILE="/no/such/file")

    verdict = await check_entry(unusable, DESKTOP, SHELL)

    snapshot(verdict.detail)
    assert verdict.remedy is not None
    snapshot(verdict.remedy)


async def test_what_another_program_says_is_not_repeated(tmp_path: Path, snapshot: Snapshot) -> None:
    program = script(tmp_path, f"#!/bin/sh\necho {SECRET} >&2; exit 1\n")
    refuses = f'return {{"isError": True, "content": [{{"type": "text", "text": {SECRET!r}}}]}}'

    ended = await check_entry(entry(program), DESKTOP, SHELL)
    another = await check_entry(a_server(tmp_path, "another", otherwise=refuses), DESKTOP, SHELL)

    snapshot(ended)
    # It is not asked, either.
    snapshot(another)


async def test_a_server_without_tools_is_a_fault(tmp_path: Path, snapshot: Snapshot) -> None:
    snapshot(await check_entry(a_server(tmp_path, tools=()), DESKTOP, SHELL))


async def test_a_server_that_does_not_list_its_tools_is_given_up(tmp_path: Path, snapshot: Snapshot) -> None:
    silent = entry(script(tmp_path, f"#!{sys.executable}\nimport sys; sys.stdin.read()\n"))

    snapshot(await check_entry(silent, DESKTOP, SHELL, seconds=0.5))


async def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path, snapshot: Snapshot) -> None:
    slow = a_server(tmp_path, otherwise="sys.stdin.read()")

    snapshot(await check_entry(slow, DESKTOP, SHELL, to_answer=0.2))


async def test_a_token_that_the_client_fills_in_is_not_tried(tmp_path: Path, snapshot: Snapshot) -> None:
    server = a_server(tmp_path)
    asks = replace(server, server={**server.server, "env": {"CONVIRZA_TOKEN": "${input:token}"}})

    snapshot(await check_entry(asks, DESKTOP, SHELL))
    snapshot(await check_entry(asks, DESKTOP, replace(SHELL, source="store")))


async def test_a_program_is_looked_for_where_the_client_does(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "bin").mkdir()
    program = a_server(tmp_path / "bin").command
    in_folder = ClientEntry(name="convirza", server={"command": "bin/convirza-mcp", "cwd": str(tmp_path)})
    in_project = ClientEntry(name="convirza", server={"command": "bin/convirza-mcp"}, project=str(tmp_path))
    on_path = entry("convirza-mcp-of-this-test", PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "bin" / on_path.command).symlink_to(program)
    silent = replace(SHELL, host_answers=False)

    details = [(await check_entry(each, CODE, silent)).detail for each in (in_folder, in_project, on_path)]

    snapshot(details)


async def test_our_own_last_words_are_cleaned_and_bounded(tmp_path: Path, snapshot: Snapshot) -> None:
    said = "convirza-mcp: \\x1b[2J" + "x" * 3_000
    program = script(tmp_path, f"#!{sys.executable}\nimport sys; sys.exit('{said}')\n")

    verdict = await check_entry(entry(program), DESKTOP, SHELL)

    snapshot(verdict.detail)
    assert verdict.remedy == "x" * 400


async def test_what_another_program_writes_to_its_client_is_not_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    noisy = a_server(tmp_path, first=f"print({SECRET!r}, flush=True)")

    with quiet_client_logs():
        verdict = await check_entry(noisy, DESKTOP, replace(SHELL, host_answers=False))

    assert verdict.remedy is None
    assert SECRET not in "".join(capfd.readouterr()) + caplog.text
