"""`convirza-mcp reveal`: on a terminal only, and with nothing left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convirza_mcp.privacy.aliases import Aliases, alias_key
from faults import FaultServer
from support.people import NAME, PHONE, TOKEN, served, traces_in
from support.processes import environment

if os.name == "nt":
    pytest.skip("terminals are POSIX here", allow_module_level=True)

from support.snapshots import Snapshot
from support.terminals import on_terminal

pytestmark = pytest.mark.usefixtures("state_folder")


@pytest.fixture
def convirza() -> Iterator[FaultServer]:
    with served() as convirza:
        yield convirza


def settings_for(convirza: FaultServer) -> dict[str, str]:
    return {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_TIMEZONE": "UTC"}


def revealed(convirza: FaultServer, *arguments: str, **settings: str) -> tuple[int, list[str]]:
    with on_terminal("reveal", *arguments, **settings_for(convirza) | settings) as terminal:
        status = terminal.end()
    # What a progress bar drew and took away again is not part of it.
    lines = [line.rpartition("\x1b")[2] for line in terminal.shown.replace("\r", "").splitlines()]
    return status, [line for line in lines if " · " in line or "Nobody" in line or line.startswith("convirza-mcp:")]


def test_a_number_s_alias_shows_name_and_number_and_leaves_nothing_behind(
    convirza: FaultServer, state_folder: Path
) -> None:
    contact = Aliases(alias_key()).of_number(PHONE) or ""
    before = {each: each.read_bytes() for each in state_folder.rglob("*") if each.is_file()}

    status, lines = revealed(convirza, contact)

    assert (status, [line.endswith(f"{NAME} · (415) 555-0142") for line in lines]) == (0, [True])
    assert {each: each.read_bytes() for each in state_folder.rglob("*") if each.is_file()} == before
    # Found on the first page of the open view.
    assert [request.query["type"] for request in convirza.requests] == ["allOpen"]


def test_an_alias_that_a_command_made_with_a_given_key_is_shown_with_that_key(
    convirza: FaultServer, state_folder: Path
) -> None:
    key = {"CONVIRZA_PRIVACY_KEY": "A" * 43}
    listed = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "list", "--json"],
        stdout=subprocess.PIPE,
        env=environment(**settings_for(convirza), CONVIRZA_PRIVACY="mask", **key),
        encoding="utf-8",
        check=True,
    )
    contact = Aliases(bytes(32)).of_number(PHONE) or ""

    status, lines = revealed(convirza, contact, **key)

    assert contact in listed.stdout
    assert (status, len(lines)) == (0, 1)
    assert not [*state_folder.rglob("privacy.key")]


@pytest.mark.long
def test_a_name_s_alias_shows_everyone_of_that_name(convirza: FaultServer) -> None:
    status, lines = revealed(convirza, Aliases(alias_key()).of_name(NAME) or "")

    assert status == 0
    assert sorted(line[line.index(NAME) :] for line in lines) == [f"{NAME} · (415) 555-0142", f"{NAME} · {PHONE}"]
    assert [request.query["type"] for request in convirza.requests] == ["allOpen", "close"]


@pytest.mark.long
def test_an_alias_without_a_contact_in_the_window_ends_with_1(convirza: FaultServer, snapshot: Snapshot) -> None:
    alias_key()

    status, lines = revealed(convirza, "contact-abcdefghij", "--start", "2026-03-01", "--end", "2026-03-02")

    assert status == 1
    snapshot([line[line.index("Nobody") :] for line in lines])
    assert {request.query["start"] for request in convirza.requests} == {"2026-03-01T00:00:00Z"}


def test_other_text_is_refused_without_being_repeated(convirza: FaultServer, snapshot: Snapshot) -> None:
    status, lines = revealed(convirza, PHONE)

    snapshot(status, lines)
    assert convirza.requests == []


@pytest.mark.parametrize("end", ["in", "out"])
def test_without_a_terminal_at_both_ends_it_refuses(convirza: FaultServer, end: str, snapshot: Snapshot) -> None:
    import pty

    contact = Aliases(alias_key()).of_number(PHONE) or ""
    outside, inside = pty.openpty()
    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "reveal", contact],
        stdin=subprocess.DEVNULL if end == "in" else inside,
        stdout=subprocess.PIPE if end == "out" else inside,
        stderr=subprocess.PIPE,
        env=environment(**settings_for(convirza)),
        encoding="utf-8",
        check=False,
    )
    os.close(inside)
    os.close(outside)

    assert (ended.returncode, ended.stdout or "") == (2, "")
    snapshot.shared(ended.stderr)
    assert traces_in(ended.stderr) == []
    assert convirza.requests == []
