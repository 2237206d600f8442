import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.processes import environment


def demo(width: int) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        # Whatever is configured for a real account must not reach the demo.
        env=environment(
            CONVIRZA_TOKEN_FILE="/no/such/file", CONVIRZA_OUTPUT="neither", CONVIRZA_TIMEZONE="UTC", COLUMNS=str(width)
        ),
        timeout=180,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert max(map(cell_len, ended.stdout.splitlines())) <= width
    return ended.stdout


@pytest.mark.long
def test_the_demo_shows_three_answers_and_what_each_costs() -> None:
    shown = demo(160)

    assert re.findall(r"^(.*\?)  (\w+)\((.*)\)", shown, re.MULTILINE) == [
        ("Who has waited longest, in three weeks?", "list_waiting_sms_conversations", "start='21d', limit=4"),
        ("How are we doing?", "summarize_sms_inbox", ""),
        ("Who was the last to ask for a refund?", "search_sms_messages", "query='\"like a refund\"', limit=1"),
    ]
    # Wide enough for a line of JSON to be a line.
    panel = "".join(line.strip("│ ") for line in shown.splitlines() if line.startswith("│"))
    answer = json.loads(panel)
    table, _, _ = shown.partition("So a person reads it.")
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    assert len(rows) == 4
    for row in rows:
        assert all(str(row[column]) in table for column in ("conversation_id", "waiting", "source", "why"))
    assert rows[3]["why"].endswith("asked to stop")
    assert f"4 shown of {answer['waiting']} waiting · " in table
    figures = re.findall(r"reads about ([\d,]+) tokens; .* about ([\d,]+) \(([\d]+) times", shown)
    assert len(figures) == 3
    for ours, theirs, times in figures:
        assert times == f"{int(theirs.replace(',', '')) / int(ours.replace(',', '')):.0f}"
    assert "/v3/conversations" not in shown


@pytest.mark.long
def test_the_other_answers_are_of_the_same_inbox() -> None:
    shown = demo(160)
    sandbox = Sandbox()
    month = {"start": sandbox.now - timedelta(days=30), "end": sandbox.now}
    rows = [row for view in ("allOpen", "close") for row in sandbox.ask(type=view, **month).rows]
    refunds = [row for row in rows if "like a refund" in (row["message"] or "")]
    latest = max(refunds, key=lambda row: row["conversation_updated"])

    # The edge of the window moves on meanwhile.
    (counted,) = re.findall(r"^([0-9]+) conversations, ([0-9]+) of them closed · ", shown, re.MULTILINE)
    assert abs(int(counted[0]) - len(rows)) <= 2
    (found,) = re.findall(r"^1 shown of ([0-9]+) found · ", shown, re.MULTILINE)
    assert abs(int(found) - len(refunds)) <= 1
    assert str(latest["conversation_id"]) in shown.partition("Who was the last")[2]


@pytest.mark.long
def test_the_demo_is_at_most_64_lines() -> None:
    assert len(demo(100).splitlines()) <= 64


@pytest.mark.long
def test_the_demo_fits_a_narrow_terminal() -> None:
    shown = demo(60)

    assert "1 unread · asked to stop · James Carter" in shown
    assert len(shown.splitlines()) <= 100


def test_a_zone_that_is_none_is_one_sentence() -> None:
    result = CliRunner().invoke(commands, ["demo"], env={"CONVIRZA_TIMEZONE": "Foo"}, prog_name="convirza-mcp")

    assert result.exit_code == 2
    assert result.stderr.startswith("convirza-mcp: CONVIRZA_TIMEZONE ")


@pytest.mark.long
def test_a_company_s_proxy_and_certificates_do_not_concern_it() -> None:
    settings = environment(HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="socks5://127.0.0.1:9", SSL_CERT_FILE="/nowhere")

    ended = subprocess.run([sys.executable, "-m", "convirza_mcp", "demo"], env=settings, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.long
def test_a_demo_whose_reader_leaves_ends_quietly() -> None:
    command = [sys.executable, "-m", "convirza_mcp", "demo"]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complained = process.stderr.read()

    assert (process.returncode, complained) == (1, "")
