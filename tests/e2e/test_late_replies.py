"""The unattended example, run again and again, with the inbox changing in between."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from faults import FaultServer
from faults.answers import page
from support.processes import environment
from support.rows import row

pytestmark = pytest.mark.long

PROGRAM = Path(__file__).parents[2] / "examples" / "late_replies.py"


def run(*arguments: Path | str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=environment(**{"CONVIRZA_TIMEZONE": "UTC"} | settings),
        timeout=180,
        check=False,
    )


def printed_lines(sandbox: Sandbox, state: Path) -> list[str]:
    ended = run(state, CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


def remembered(state: Path) -> dict[str, str]:
    return json.loads(state.read_text(encoding="utf-8"))


def waiting(sandbox: Sandbox, days: int) -> dict[str, str]:
    """Who waits, and the minute of the latest message, straight from the sandbox's own rows."""
    rows = sandbox.ask(start=sandbox.now - timedelta(days=days), end=sandbox.now).rows
    return {
        str(each["conversation_id"]): each["conversation_updated"][5:16].replace("T", " ")
        for each in rows
        if each["unread_count"]
    }


def test_only_what_is_new_since_the_last_run_is_printed(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    # The program's own clock is the real one.
    now = datetime.now(UTC)
    with Sandbox(conversations=150, now=now - timedelta(days=1)) as sandbox:
        first = printed_lines(sandbox, state)
        before = remembered(state)
        again = printed_lines(sandbox, state)
    with Sandbox(conversations=150, now=now) as sandbox:
        changed = printed_lines(sandbox, state)
        after = remembered(state)
        # The window's edge moves while this runs, so the days next to it are left open.
        assert waiting(sandbox, 29).items() <= after.items() <= waiting(sandbox, 31).items()

    assert len(first) == len(before) > 0
    assert again == []
    assert len(changed) == len(after.items() - before.items()) > 0
    # Ids and times only: a file that lies about for years holds nobody's words or number.
    assert all(re.fullmatch("[0-9]{6}", number) for number in after)
    assert all(re.fullmatch("[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}", since) for since in after.values())
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_a_large_inbox_is_looked_at_whole(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"1": "01-01 00:00"}', encoding="utf-8")
    with Sandbox(conversations=2_000) as sandbox:
        ended = run(state, CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == len(remembered(state)) > 100
    assert "1" not in remembered(state)


def test_what_was_not_looked_at_is_said_and_nothing_is_forgotten(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"1": "01-01 00:00"}', encoding="utf-8")
    with FaultServer(page(data={"total": 400, "conversation": [row(7)]})) as convirza:
        ended = run(state, CONVIRZA_TOKEN="x", CONVIRZA_BASE_URL=convirza.base_url)

    assert (ended.returncode, len(ended.stdout.splitlines())) == (0, 1)
    assert re.fullmatch("Only 1 of the conversations could be read: .+\n", ended.stderr)
    assert remembered(state).keys() == {"1", "7"}


def test_a_run_that_fails_says_why_and_leaves_the_state(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"1": "01-01 00:00"}', encoding="utf-8")

    ended = run(state)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("No Convirza token")
    assert remembered(state) == {"1": "01-01 00:00"}


@pytest.mark.parametrize("content", [b"[]", b'{"1": "01-01', b"\xff"])
def test_a_file_that_is_no_state_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    state = tmp_path / "state.json"
    state.write_bytes(content)

    ended = run(state)

    sentence = f"{state} was not written by this program. Delete it to start over, or name another file.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", sentence)
    assert state.read_bytes() == content


def test_an_empty_state_is_a_first_run_and_the_zone_is_the_machine_s(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.touch()
    # No setting of ours: without one the zone is the machine's.
    with Sandbox(conversations=50) as sandbox:
        settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        ended = run(state, CONVIRZA_TIMEZONE="", TZ="Asia/Tokyo", **settings)
        in_utc = waiting(sandbox, 29)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert in_utc
    # A leap year, for whatever day it is.
    shown, sent = (
        {number: datetime.fromisoformat(f"2024-{since}") for number, since in each.items()}
        for each in (remembered(state), in_utc)
    )
    # At the turn of a year they lie a year apart.
    assert {(shown[number] - moment) % timedelta(days=1) for number, moment in sent.items()} == {timedelta(hours=9)}


def test_the_demo_needs_no_account_and_has_a_state_like_any_other(tmp_path: Path) -> None:
    state = tmp_path / "state.json"

    ended = run("--demo", state)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == len(remembered(state)) > 40
    assert "asked to stop" in ended.stdout


@pytest.mark.parametrize("arguments", [["--demmo"], ["-h"], ["folder/-state.json"], ["--demo", "one.json", "two.json"]])
def test_what_is_no_state_s_name_is_answered_with_the_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {each.name for each in PROGRAM.parent.iterdir()}

    ended = run(*arguments)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "python examples/late_replies.py [--demo] [STATE]  " in ended.stderr
    assert list(tmp_path.iterdir()) == []
    assert {each.name for each in PROGRAM.parent.iterdir()} == before


def test_the_demo_leaves_the_state_of_one_s_own_inbox_alone(tmp_path: Path) -> None:
    copied = tmp_path / PROGRAM.name
    copied.write_bytes(PROGRAM.read_bytes())
    own = tmp_path / "late_replies_state.json"
    own.write_text('{"1": "01-01 00:00"}', encoding="utf-8")

    subprocess.run([sys.executable, str(copied), "--demo"], env=environment(), capture_output=True, check=True)

    assert remembered(own) == {"1": "01-01 00:00"}
    assert len(remembered(tmp_path / "late_replies_demo_state.json")) > 40
