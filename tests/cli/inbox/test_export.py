"""`convirza-mcp export`: whole views as files."""

import csv
import io
import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.results import Gap
from convirza_mcp.text.clean import clean
from faults.answers import page
from faults.exchange import Exchange
from faults.server import FaultServer
from support.commands import NOW, run
from support.processes import environment
from support.rows import row
from support.snapshots import Snapshot

WHOLE = ("--start", "2025-01-01", "--end", "2026-03-06")
EXPORT = [sys.executable, "-m", "convirza_mcp", "export", "--format", "csv", "--output"]
MEASURED = [
    sys.executable,
    "-c",
    # A process begins with the peak of the one that starts it: hence a small one between.
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
]


SANDBOX = {"conversations": 900, "now": NOW, "variants": ["max-31-days", "past-end"]}


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_every_conversation_is_in_the_file_once(sandbox: Sandbox, tmp_path: Path, form: str) -> None:
    file = tmp_path / "inbox"

    result = run(sandbox, "export", "--format", form, "--output", str(file), "--type", "all", *WHOLE)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "900 of 900 conversations · all · 2025-01-01 00:00 to 2026-03-06 23:59 America/Denver · complete\n"
    )
    text = file.read_bytes().decode()
    rows: list[dict[str, Any]] = read_csv(text) if form == "csv" else [json.loads(each) for each in text.splitlines()]
    assert {tuple(each) for each in rows} == {(*FULL_COLUMNS, "state")}
    shown = {int(each["conversation_id"]): each for each in rows}
    assert len(rows) == len(shown) == 900
    for sent in sandbox.conversations:
        each = shown[sent["conversation_id"]]
        assert each["state"] == ("closed" if sent["conversation_id"] in sandbox.ids("close") else "open")
        updated = datetime.fromisoformat(each["conversation_updated"])
        assert updated == datetime.fromisoformat(sent["conversation_updated"])
        assert (each["message"] or "").removeprefix("'") == clean(sent["message"] or "")
        assert str(each["unread_count"]) == str(sent["unread_count"])
    assert [each.name for each in tmp_path.iterdir()] == ["inbox"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_view_has_the_16_columns_and_goes_to_standard_output(sandbox: Sandbox) -> None:
    result = run(sandbox, "export", "--format", "csv", "--output", "-", "--type", "unassigned", *WHOLE)

    lines = result.stdout_bytes.decode()
    assert lines.startswith(",".join(FULL_COLUMNS) + "\r\n")
    assert {int(each["conversation_id"]) for each in read_csv(lines)} == sandbox.ids("unassigned")
    assert result.stderr.endswith(" · complete\n")


@pytest.mark.parametrize(
    ("name", "options", "form"),
    [
        ("inbox.csv", (), "csv"),
        ("inbox.jsonl", (), "jsonl"),
        ("INBOX.NDJSON", (), "jsonl"),
        ("inbox.txt", (), "csv"),
        ("inbox.jsonl", ("--format", "csv"), "csv"),
    ],
)
def test_the_file_s_name_says_the_format_where_nothing_else_does(
    sandbox: Sandbox, tmp_path: Path, name: str, options: tuple[str, ...], form: str
) -> None:
    result = run(sandbox, "export", "--output", str(tmp_path / name), *options, *WHOLE)

    assert result.exit_code == 0
    begins = {"csv": "conversation_id,phone_number,", "jsonl": '{"conversation_id":'}
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins[form])


def test_standard_output_gets_csv_where_nothing_is_said(sandbox: Sandbox) -> None:
    assert run(sandbox, "export", "--output", "-", *WHOLE).stdout.startswith("conversation_id,phone_number,")


def test_a_byte_order_mark_is_written_on_request_only(sandbox: Sandbox) -> None:
    asked = ("--format", "csv", "--output", "-", "--search", "no such contact")

    assert run(sandbox, "export", *asked, "--bom").stdout_bytes.startswith(b"\xef\xbb\xbfconversation_id")
    assert run(sandbox, "export", *asked).stdout_bytes.startswith(b"conversation_id")


@pytest.mark.parametrize("output", ["missing/inbox.csv", ".", "\0", "folder/", "folder/.", "folder/.."])
def test_a_place_that_cannot_be_written_is_refused_before_any_request(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, snapshot: Snapshot
) -> None:
    monkeypatch.chdir(tmp_path)
    before = len(sandbox.requests)

    result = run(sandbox, "export", "--format", "csv", "--output", output)

    assert result.exit_code == 2
    snapshot.shared(result.stderr)
    assert (len(sandbox.requests), list(tmp_path.iterdir())) == (before, [])


def test_an_error_leaves_the_file_as_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "inbox.csv"
    file.write_text("old")

    result = run(sandbox, "export", "--format", "csv", "--output", str(file), CONVIRZA_TOKEN="another")

    assert result.exit_code == 1
    assert ([each.name for each in tmp_path.iterdir()], file.read_text()) == (["inbox.csv"], "old")


@pytest.mark.parametrize("ending", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_a_signal_in_the_middle_leaves_nothing_beside_the_file(tmp_path: Path, ending: signal.Signals) -> None:
    output = tmp_path / "inbox.csv"
    output.write_text("as it was", encoding="utf-8")
    reading_on = threading.Event()

    async def nothing_more(exchange: Exchange) -> None:
        reading_on.set()
        await exchange.hung_up()

    with FaultServer(page([row(each) for each in range(200)]), nothing_more) as server:
        settings = environment(CONVIRZA_BASE_URL=server.base_url, CONVIRZA_TOKEN="x")
        with subprocess.Popen([*EXPORT, str(output)], env=settings, stderr=subprocess.PIPE, text=True) as process:
            assert reading_on.wait(20)
            assert len(list(tmp_path.iterdir())) == 2
            process.send_signal(ending)
            _, err = process.communicate(timeout=180)

    assert process.returncode == 130
    assert err.strip() == ""
    assert [each.name for each in tmp_path.iterdir()] == ["inbox.csv"]
    assert output.read_text(encoding="utf-8") == "as it was"


@pytest.mark.long
def test_an_inbox_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    peaks = []
    for conversations in (2_000, 50_000):
        with Sandbox(conversations=conversations, now=NOW) as sandbox:
            settings = environment(CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_TOKEN=sandbox.token)
            output = tmp_path / f"{conversations}.csv"
            command = [*EXPORT, str(output), "--type", "all", *WHOLE]
            measured = subprocess.run([*MEASURED, *command], env=settings, capture_output=True, text=True, check=True)
        assert len(read_csv(output.read_text(encoding="utf-8"))) == conversations
        peaks.append(int(measured.stdout) / 1024)

    # Ids and times are kept, to tell what has come already.
    assert peaks[1] - peaks[0] < 32


def test_an_incomplete_file_is_kept_and_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "inbox.jsonl"
    pages = [page([], data={"total": 9, "conversation": rows}) for rows in ([row(1), row(2)], [])]
    with FaultServer(*pages) as server:
        reached = {"CONVIRZA_TOKEN": "x", "CONVIRZA_BASE_URL": server.base_url}
        result = run(None, "export", "--format", "jsonl", "--output", str(file), *WHOLE, **reached)

    assert result.exit_code == 1
    assert result.stderr.endswith(f" · not complete: {Gap.FEWER}\n")
    assert len(file.read_bytes().splitlines()) == 2


A_MONTH = ("--start", "2026-02-04T16:12:00Z", "--end", "2026-03-06T16:12:00Z")


@pytest.mark.parametrize(
    ("given", "keeps"),
    [
        (("--only", "unread"), lambda each: bool(each["unread_count"])),
        (("--agent", "lopez"), lambda each: each["agent"] == "Maria Lopez"),
        (
            ("--agent", "none", "--phone-number", "0101"),
            lambda each: (each["agent"], each["phone_number"][-4:]) == (None, "0101"),
        ),
        (("--only", "never_answered, pinned"), lambda each: each["first_response_time"] is None and each["pin"]),
    ],
)
@pytest.mark.parametrize("privacy", ["off", "mask"])
def test_what_meets_conditions_is_exported_alone(
    inbox: Sandbox, given: tuple[str, ...], keeps: Callable[[dict[str, Any]], bool], privacy: str
) -> None:
    result = run(
        inbox,
        "export",
        "--output",
        "-",
        "--format",
        "jsonl",
        "--type",
        "all",
        *A_MONTH,
        *given,
        CONVIRZA_PRIVACY=privacy,
    )

    bounds = {"start": datetime(2026, 2, 4, 16, 12, tzinfo=UTC), "end": NOW}
    rows = [each for view in ("allOpen", "close") for each in inbox.ask(type=view, **bounds).rows]
    kept = sorted(
        filter(keeps, rows), key=lambda each: (each["conversation_updated"], each["conversation_id"]), reverse=True
    )
    assert result.exit_code == 0, result.stderr
    assert [json.loads(each)["conversation_id"] for each in result.stdout.splitlines()] == [
        each["conversation_id"] for each in kept
    ]
    assert f"{len(kept)} conversations · {len(rows)} of {len(rows)} conversations read · all" in result.stderr


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--phone-number", "801"), "2 lines fit the --phone-number given"),
        (("--agent", "Zyxwv"), "No agent fits the --agent given"),
        (("--only", "unread", "--search", "Ana"), "`--search` goes alone, without `--only`, `--by-time`, "),
        (("--only", "nonsense"), "`--only` takes "),
    ],
)
def test_an_unclear_filter_leaves_the_file_as_it_was(
    inbox: Sandbox, tmp_path: Path, given: tuple[str, ...], sentence: str
) -> None:
    file = tmp_path / "inbox.csv"
    file.write_text("before", encoding="utf-8")

    result = run(inbox, "export", "--output", str(file), *A_MONTH, *given)

    assert (result.exit_code, file.read_text(encoding="utf-8")) == (2, "before")
    assert sentence in " ".join(result.stderr.split())
