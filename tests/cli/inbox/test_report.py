"""`convirza-mcp report`: one page with the tools' own answers in it, written whole or not at all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.app.page import app_page
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.commands import NOW

PERIOD = ("--start", "2026-02-20", "--end", "2026-03-06")


def run(sandbox: Sandbox, *arguments: str, **settings: str) -> Result:
    reached = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_TIMEZONE": "UTC"}
    return CliRunner().invoke(commands, ["report", *arguments], env=reached | settings, obj=lambda: NOW)


def data_in(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def answers_in(data: dict[str, Any]) -> dict[str, Any]:
    return {part["kind"]: part["answer"] for part in data["parts"]}


@pytest.fixture
def inbox() -> Any:
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


def test_the_file_has_the_data_that_json_prints(inbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "report.html"

    ended = run(inbox, "--output", str(file), "--json", "--compare-to", "previous", *PERIOD)

    page = file.read_text(encoding="utf-8")
    data = data_in(page)
    assert ended.exit_code == 0
    assert json.loads(ended.stdout) == data
    assert [part["kind"] for part in data["parts"]] == ["figures", "hours", "slowest", "waits"]
    assert data["complete"] is True
    assert data["period"].startswith("2026-02-20 00:00 to 2026-03-06")
    assert "compared with" in data["period"]
    # The same program as in a chat.
    assert page.rpartition('<script type="module">')[2] == app_page().rpartition('<script type="module">')[2]


def test_all_parts_are_about_the_same_conversations(inbox: Sandbox) -> None:
    answers = answers_in(json.loads(run(inbox, "--json", *PERIOD).stdout))

    figures, hours, slowest = answers["figures"], answers["hours"], answers["slowest"]
    assert {each["window"] for each in answers.values()} == {figures["window"]}
    assert hours["conversations"] == figures["conversations"] == sum(sum(row[1:]) for row in hours["rows"])
    assert sum(row[1] for row in figures["rows"]) == figures["conversations"]
    assert slowest["matches"] == figures["first_response"]["count"]
    assert answers["waits"]["waiting"] == figures["waiting"]
    assert len(slowest["rows"]) == len(answers["waits"]["rows"]) == 10


def test_the_slowest_replies_are_the_slowest(inbox: Sandbox) -> None:
    answer = answers_in(json.loads(run(inbox, "--json", *PERIOD).stdout))["slowest"]

    by_id = {row["conversation_id"]: row for row in inbox.conversations}
    shown = [by_id[row[0]]["first_response_time"] for row in answer["rows"]]
    assert shown == sorted(shown, reverse=True)
    assert None not in shown


def test_a_named_period_ends_with_itself(inbox: Sandbox) -> None:
    last_week = json.loads(run(inbox, "--json", "--start", "last-week").stdout)
    open_ended = json.loads(run(inbox, "--json", "--start", "last-week", "--end", "now").stdout)

    assert last_week["period"].startswith("2026-02-23 00:00 to 2026-03-01 23:59")
    assert open_ended["period"].startswith("2026-02-23 00:00 to 2026-03-06 16:12")


@pytest.mark.parametrize("mode", ["mask", "strict"])
def test_the_privacy_modes_hold(inbox: Sandbox, tmp_path: Path, mode: str) -> None:
    file = tmp_path / "report.html"
    names = {row["source_name"] for row in inbox.conversations if row["source_name"]}
    messages = {row["message"] for row in inbox.conversations if len(row["message"] or "") > 40}

    ended = run(inbox, "--output", str(file), *PERIOD, CONVIRZA_PRIVACY=mode)

    page = file.read_text(encoding="utf-8")
    data = data_in(page)
    assert ended.exit_code == 0
    assert data["privacy"].startswith(f"{mode}: ")
    agents = {row["agent"] for row in inbox.conversations}
    assert [name for name in names - agents if f'"{name}"' in page] == []
    if mode == "strict":
        assert [message for message in messages if message[:30] in page] == []


def test_an_error_leaves_the_file_as_it_was(inbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("before", encoding="utf-8")

    ended = run(inbox, "--output", str(file), CONVIRZA_TOKEN="wrong")

    assert ended.exit_code == 1
    assert file.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--output", "-", "--json"),
        ("--output", "no/such/folder/report.html"),
        ("--output", "r.html", "--agent", "zzz"),
    ],
)
def test_what_cannot_be_written_is_refused(
    inbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(inbox, *arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_report_of_a_large_inbox_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    with Sandbox(conversations=2_000, now=NOW) as sandbox:
        ended = run(sandbox, "--output", str(file), "--start", "365d", "--compare-to", "previous")

    assert ended.exit_code == 0
    assert file.stat().st_size <= 250_000


def test_standard_output_gets_the_page_alone(inbox: Sandbox) -> None:
    ended = run(inbox, "--output", "-", *PERIOD)

    assert ended.exit_code == 0
    assert ended.stdout.startswith("<!doctype html>")
    assert ended.stdout.endswith("</html>\n")


@pytest.mark.parametrize(
    ("start", "group_by"),
    [
        ("yesterday", "hour"),
        ("last-week", "day"),
        ("last-month", "none"),
        ("today", "hour"),
        ("this-week", "none"),
        ("7d", "day"),
        ("2026-03-01", "day"),
    ],
)
def test_every_start_makes_a_whole_report(inbox: Sandbox, start: str, group_by: str) -> None:
    ended = run(inbox, "--json", "--start", start, "--group-by", group_by, "--compare-to", "previous")

    data = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert {part["answer"]["window"] for part in data["parts"]} == {data["period"].partition(", compared")[0]}


def test_a_report_of_nothing_says_so(inbox: Sandbox) -> None:
    data = json.loads(run(inbox, "--json", "--start", "1m").stdout)

    assert [part["note"] for part in data["parts"]] == [None] * 4
    assert [part["answer"]["rows"] for part in data["parts"]] == [[]] * 4
