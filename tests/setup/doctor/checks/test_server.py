"""The server as a client starts it: real processes."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.launch import Launch, this_launch
from convirza_mcp.setup.doctor.checks.server import check_server, check_versions
from support.processes import environment
from support.snapshots import Snapshot

CANARY = "canary-sms-8841"


def a_program(folder: Path, text: str) -> Launch:
    """What is started in the server's place, with `serve` behind it."""
    file = folder / "program.py"
    file.write_text(text)
    return Launch(sys.executable, (str(file),))


def test_the_versions_that_run_are_named() -> None:
    python, packages = check_versions()

    shown = [f"{name} {version(name)}" for name in ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio")]
    assert (python.name, python.ok, python.detail) == ("python", True, f"Python {platform.python_version()}.")
    assert (packages.name, packages.ok, packages.detail) == ("packages", True, f"{', '.join(shown)}.")


@pytest.mark.long
async def test_the_server_starts_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    # A folder that a client would never start it in, with what would get in the way there.
    (tmp_path / "convirza_mcp.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)

    snapshot(await check_server(this_launch(), environment()))


async def test_what_it_says_at_its_end_is_what_to_do(snapshot: Snapshot) -> None:
    finding = await check_server(this_launch(), environment(CONVIRZA_TIMEOUT=CANARY))

    snapshot(finding)


async def test_what_another_program_says_is_not_repeated(tmp_path: Path, snapshot: Snapshot) -> None:
    launch = a_program(tmp_path, f"import sys; sys.exit({CANARY!r})")

    snapshot(await check_server(launch, environment()))


async def test_a_program_that_is_not_there(tmp_path: Path, snapshot: Snapshot) -> None:
    finding = await check_server(Launch(str(tmp_path / "gone")), environment())

    snapshot(finding)


@pytest.mark.skipif(os.name == "nt", reason="a process that is killed there is gone at once")
async def test_a_silent_server_is_given_up_and_ended(tmp_path: Path, snapshot: Snapshot) -> None:
    file = tmp_path / "pid"
    # A shell, which is there before the time is up.
    silent = Launch("/bin/sh", ("-c", f"echo $$ > '{file}'; exec cat > /dev/null"))

    finding = await check_server(silent, environment(), seconds=1.0)

    snapshot(finding)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
