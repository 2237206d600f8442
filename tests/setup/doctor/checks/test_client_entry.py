"""Entries started as their client would start them: real processes, most of them the real server."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.clients.read_entries import ConfiguredEntry
from convirza_mcp.setup.doctor.checks.client_entry import Verdict, check_entry
from convirza_mcp.setup.doctor.start_server import quiet_client_logs
from faults import closed_port
from support.client_entries import ANEW, CODE, DESKTOP, SECRET, SHELL, a_server, entry, ours, script

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="scripts have a first line that names their interpreter"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=20) as sandbox:
        yield sandbox


async def test_it_starts_and_reads_the_inbox(sandbox: Sandbox) -> None:
    before = len(sandbox.requests)

    verdict = await check_entry(ours(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url), DESKTOP, SHELL)

    assert verdict == Verdict(
        'Its entry "convirza" starts, has 6 tools and reads the inbox, with CONVIRZA_TOKEN and CONVIRZA_BASE_URL of '
        "its own."
    )
    assert [(each.method, dict(each.query)["limit"]) for each in sandbox.requests[before:]] == [("GET", "1")]


async def test_the_demo_needs_no_host(tmp_path: Path) -> None:
    assert await check_entry(ours("--demo"), DESKTOP, replace(SHELL, host_answers=False)) == Verdict(
        'Its entry "convirza" starts, has 6 tools and reads the invented inbox.'
    )


async def test_a_token_that_this_terminal_alone_has(sandbox: Sandbox) -> None:
    shell = replace(
        SHELL,
        source="environment",
        environ={**os.environ, "CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url},
    )
    elsewhere = ours(HOME="/nonexistent", XDG_STATE_HOME="/nonexistent")

    assert await check_entry(elsewhere, DESKTOP, shell) == Verdict(
        'Its entry "convirza" starts, but has no token.',
        "Run `convirza-mcp login`: the token in CONVIRZA_TOKEN of this terminal need not reach Claude Desktop.",
    )
    # That one is started in a terminal, and hands on what it finds there.
    assert await check_entry(elsewhere, CODE, shell) == Verdict(
        'Its entry "convirza" starts, has 6 tools and reads the inbox.'
    )


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("none", "Run `convirza-mcp login`."),
        ("store", f"{ANEW}."),
        ("file", f"{ANEW}."),
    ],
)
async def test_without_a_token_the_remedy_is_what_cures_here(tmp_path: Path, source: Any, remedy: str) -> None:
    refuses = 'return {"isError": True, "content": [{"type": "text", "text": "In other words. [missing_credential]"}]}'

    verdict = await check_entry(a_server(tmp_path, otherwise=refuses), DESKTOP, replace(SHELL, source=source))

    assert verdict == Verdict('Its entry "convirza" starts, but has no token.', remedy)


async def test_a_host_that_this_terminal_reaches_and_the_entry_does_not() -> None:
    closed = ours(CONVIRZA_TOKEN=SECRET, CONVIRZA_BASE_URL=f"http://127.0.0.1:{closed_port()}/v3", CONVIRZA_TIMEOUT="1")
    proxied = replace(SHELL, environ={"HTTPS_PROXY": "http://proxy.example:3128", "SSL_CERT_FILE": "/etc/ca.pem"})
    sentence = "127.0.0.1 could not be reached, or broke off its answer. Check the network and try again."
    own = (
        " The entry has CONVIRZA_BASE_URL of its own: if that is not meant, run `convirza-mcp install claude-desktop`."
    )

    assert await check_entry(closed, DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts, but cannot read the inbox.', sentence + own
    )
    assert await check_entry(closed, DESKTOP, proxied) == Verdict(
        'Its entry "convirza" starts, but cannot read the inbox.',
        f"{sentence} {ANEW}. It takes along HTTPS_PROXY, SSL_CERT_FILE of this terminal.{own}",
    )


async def test_an_address_that_a_trial_left_behind_is_what_is_wrong(tmp_path: Path) -> None:
    def refusing(sentence: str) -> ConfiguredEntry:
        refusal = f'return {{"isError": True, "content": [{{"type": "text", "text": "{sentence}"}}]}}'
        server = a_server(tmp_path, otherwise=refusal).server
        return ConfiguredEntry(name="convirza", server={**server, "env": {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9"}})

    elsewhere = refusing("In other words. [login_from_elsewhere]")
    assert await check_entry(elsewhere, DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" asks another service than the stored login is of.', f"{ANEW}."
    )
    assert await check_entry(refusing("In other words. [missing_credential]"), DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts, but has no token.',
        "Run `convirza-mcp login`. The entry has CONVIRZA_OAUTH_URL of its own: if that is not meant, run "
        "`convirza-mcp install claude-desktop`.",
    )


async def test_a_proxy_with_a_password_is_named_and_not_shown(tmp_path: Path) -> None:
    refuses = 'return {"isError": True, "content": [{"type": "text", "text": "Not reached."}]}'
    shell = replace(SHELL, environ={"HTTPS_PROXY": f"http://ana:{SECRET}@proxy.example:3128"})

    verdict = await check_entry(a_server(tmp_path, otherwise=refuses), DESKTOP, shell)

    assert verdict == Verdict(
        'Its entry "convirza" starts, but cannot read the inbox.',
        "Not reached. Claude Desktop may lack HTTPS_PROXY, which this terminal has.",
    )


async def test_a_script_whose_interpreter_is_gone(tmp_path: Path) -> None:
    program = script(tmp_path, f"#!{tmp_path}/venv/bin/python\n")

    assert await check_entry(entry(program), DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts a script of which the interpreter is gone.',
        f"{ANEW}, or correct the entry's command.",
    )


async def test_a_program_that_this_computer_does_not_run(tmp_path: Path) -> None:
    assert await check_entry(entry(script(tmp_path, "\x7fELF")), DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts a program that this computer does not run.',
        f"{ANEW}, or correct the entry's command.",
    )


async def test_a_python_without_the_package(tmp_path: Path) -> None:
    bare = entry(sys.executable, "-I", "-S", "-m", "convirza_mcp")

    assert await check_entry(bare, DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts a Python without the module convirza_mcp.',
        f"{ANEW}, or correct the entry's command.",
    )


async def test_what_the_server_says_at_its_end_is_what_to_do() -> None:
    unusable = ours(SSL_CERT_FILE="/no/such/file")

    verdict = await check_entry(unusable, DESKTOP, SHELL)

    assert verdict.detail == 'Its entry "convirza" ends at its start.'
    assert verdict.remedy is not None
    assert verdict.remedy.startswith("The connection cannot be set up. ")


async def test_what_another_program_says_is_not_repeated(tmp_path: Path) -> None:
    program = script(tmp_path, f"#!/bin/sh\necho {SECRET} >&2; exit 1\n")
    refuses = f'return {{"isError": True, "content": [{{"type": "text", "text": {SECRET!r}}}]}}'

    ended = await check_entry(entry(program), DESKTOP, SHELL)
    another = await check_entry(a_server(tmp_path, "another", otherwise=refuses), DESKTOP, SHELL)

    assert ended == Verdict('Its entry "convirza" does not start, or ends before it lists its tools.', f"{ANEW}.")
    # It is not asked, either.
    assert another == Verdict('Its entry "convirza" starts and has 1 tools.')


async def test_one_without_tools(tmp_path: Path) -> None:
    assert await check_entry(a_server(tmp_path, tools=()), DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts, but has no tools.', f"{ANEW}."
    )


async def test_one_that_does_not_list_its_tools_is_given_up(tmp_path: Path) -> None:
    silent = entry(script(tmp_path, f"#!{sys.executable}\nimport sys; sys.stdin.read()\n"))

    assert await check_entry(silent, DESKTOP, SHELL, seconds=0.5) == Verdict(
        'Its entry "convirza" did not list its tools within 0.5 seconds.', f"{ANEW}."
    )


async def test_one_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    slow = a_server(tmp_path, otherwise="sys.stdin.read()")

    assert await check_entry(slow, DESKTOP, SHELL, to_answer=0.2) == Verdict(
        'Its entry "convirza" starts, but cannot read the inbox.',
        "It did not answer within 0.2 seconds. Try again in a minute.",
    )


async def test_a_token_that_the_client_fills_in_is_not_tried(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    asks = replace(server, server={**server.server, "env": {"CONVIRZA_TOKEN": "${input:token}"}})

    assert await check_entry(asks, DESKTOP, SHELL) == Verdict(
        'Its entry "convirza" starts and has 1 tools; Claude Desktop fills in the token.'
    )
    assert await check_entry(asks, DESKTOP, replace(SHELL, source="store")) == Verdict(
        'Its entry "convirza" starts and has 1 tools; Claude Desktop fills in the token. '
        "`convirza-mcp install claude-desktop` lets it use your login."
    )


async def test_a_program_is_looked_for_where_the_client_does(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = a_server(tmp_path / "bin").command
    in_folder = ConfiguredEntry(name="convirza", server={"command": "bin/convirza-mcp", "cwd": str(tmp_path)})
    in_project = ConfiguredEntry(name="convirza", server={"command": "bin/convirza-mcp"}, project=str(tmp_path))
    on_path = entry("convirza-mcp-of-this-test", PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "bin" / on_path.command).symlink_to(program)
    silent = replace(SHELL, host_answers=False)

    details = [(await check_entry(each, CODE, silent)).detail for each in (in_folder, in_project, on_path)]

    assert details == [
        'Its entry "convirza" starts and has 1 tools.',
        f'Its entry "convirza" for the folder {tmp_path} starts and has 1 tools.',
        'Its entry "convirza" starts and has 1 tools.',
    ]


async def test_our_own_last_words_are_cleaned_and_bounded(tmp_path: Path) -> None:
    said = "convirza-mcp: \\x1b[2J" + "x" * 3_000
    program = script(tmp_path, f"#!{sys.executable}\nimport sys; sys.exit('{said}')\n")

    verdict = await check_entry(entry(program), DESKTOP, SHELL)

    assert verdict.detail == 'Its entry "convirza" ends at its start.'
    assert verdict.remedy == "x" * 400


async def test_what_another_program_writes_to_its_client_is_not_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    noisy = a_server(tmp_path, first=f"print({SECRET!r}, flush=True)")

    with quiet_client_logs():
        verdict = await check_entry(noisy, DESKTOP, replace(SHELL, host_answers=False))

    assert verdict.remedy is None
    assert SECRET not in "".join(capfd.readouterr()) + caplog.text
