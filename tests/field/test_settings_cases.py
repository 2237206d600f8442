"""Settings, files, zones and times as computers really hand them over: a case is a row of `settings.toml`."""

import json
import os
import re
import subprocess
import sys
import tomllib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.api.login.credentials import read_token_file
from convirza_mcp.business_lines import BusinessLine, parse_lines
from convirza_mcp.cli import commands
from convirza_mcp.clock.window import read_span
from convirza_mcp.errors import SettingsError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, HttpSettings

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("settings.toml").read_text(encoding="utf-8")
)
FIELDS = {"CONVIRZA_TIMEZONE": "zone"}
DENVER = ZoneInfo("America/Denver")
NOW = datetime(2026, 3, 5, 9, 12, tzinfo=DENVER)
MIDNIGHT = datetime(2026, 3, 5, tzinfo=DENVER).astimezone(UTC)


@pytest.mark.parametrize("case", CASES["settings"], ids=lambda case: f"{case['variable']}={case['input']!a}")
def test_a_setting_is_read_or_refused_with_a_sentence(case: dict[str, str]) -> None:
    variable, (refused, _, sentence) = case["variable"], case["expected"].partition(": ")
    environment = {"CONVIRZA_TIMEZONE": "UTC", variable: case["input"]}
    read = HttpSettings.from_environment if variable in HTTP_VARIABLES else Settings.from_environment

    if refused == "refused":
        with pytest.raises(SettingsError, match=f"^{re.escape(sentence)}") as caught:
            read(environment)
        assert case["input"] not in str(caught.value)
    else:
        value = getattr(read(environment), FIELDS.get(variable, variable[9:].lower()))
        assert getattr(value, "text", str(value)) == case["expected"]


@pytest.mark.parametrize("case", CASES["times"], ids=lambda case: ascii(case["input"]))
def test_a_time_is_read_or_refused(case: dict[str, str]) -> None:
    try:
        span = read_span(case["input"], now=NOW, zone=DENVER)
    except ValueError:
        assert case["expected"] == "refused"
    else:
        assert f"{span.first:%Y-%m-%dT%H:%M:%S} {span.last:%Y-%m-%dT%H:%M:%S}" == case["expected"]


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("summarize_sms_inbox", {"start": "today"}),
        ("summarize_sms_inbox", {"start": "today", "end": "now"}),
        ("list_waiting_sms_conversations", {"start": "00:00"}),
        ("search_sms_messages", {"query": "refund", "start": "2026-03-05"}),
        ("list_sms_conversations", {"start": "today"}),
        ("list_sms_conversations", {"start": "today 00:00"}),
        ("list_sms_changes", {"since": "today"}),
    ],
)
async def test_at_the_first_moment_of_a_day_today_is_empty(tool: str, given: dict[str, Any]) -> None:
    with Sandbox(now=MIDNIGHT) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url, zone=DENVER)
        async with Client(build_server(settings, now=lambda: MIDNIGHT)) as client:
            result = await client.call_tool(tool, given)

    assert not result.is_error
    answer = result.structured_content
    assert answer is not None
    assert answer["window"].endswith("to 2026-03-05 00:00 America/Denver")
    assert {answer.get(key, 0) for key in ("conversations", "waiting", "matches", "total", "changes")} == {0}


@pytest.mark.parametrize(
    "given",
    [{"start": "now"}, {"start": "0m"}, {"start": "now", "end": "now"}, {"start": "today", "end": "today 00:00"}],
)
@pytest.mark.parametrize("microsecond", [0, 500_000])
async def test_a_window_that_ends_where_it_begins_by_mistake_is_refused(
    given: dict[str, str], microsecond: int
) -> None:
    settings = Settings(token="x", base_url="http://127.0.0.1:9", zone=DENVER)
    moment = MIDNIGHT.replace(hour=20, microsecond=microsecond)
    async with Client(build_server(settings, now=lambda: moment)) as client:
        result = await client.call_tool("summarize_sms_inbox", given)

    assert result.is_error


def said(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the system has no zone data, so that only the package tzdata has."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("CONVIRZA_", "TZ"))}
    return subprocess.run(
        [sys.executable, "-m", "convirza_mcp", *arguments],
        env=environment | {"PYTHONTZPATH": str(folder), "COLUMNS": "120"} | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("old", ["US/Mountain", pytest.param(":US/Mountain", marks=pytest.mark.long)])
def test_days_are_in_the_zone_of_an_old_name(tmp_path: Path, old: str) -> None:
    ended = said(tmp_path, "summary", "--demo", "--group-by", "day", TZ=old)

    assert ended.returncode == 0, ended.stderr
    assert "US/Mountain" in ended.stdout
    assert "No time zone found" not in ended.stderr


@pytest.mark.long
@pytest.mark.parametrize("unknown", ["Nowhere/Atall", "US/Nowhere", "<+03>-3"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_days_in_utc_for_want_of_a_zone_say_so(tmp_path: Path, unknown: str, form: tuple[str, ...]) -> None:
    ended = said(tmp_path, "summary", "--demo", "--group-by", "day", *form, TZ=unknown)

    assert ended.returncode == 0, ended.stderr
    assert "CONVIRZA_TIMEZONE" in ended.stderr
    assert '"zone":"UTC"' in ended.stdout.replace(" ", "") if form else "UTC (no time zone found" in ended.stdout


async def test_each_answer_says_that_utc_was_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Nowhere/Atall")
    with Sandbox() as sandbox:
        environment = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        async with Client(build_server(Settings.from_environment(environment))) as client:
            result = await client.call_tool("summarize_sms_inbox", {"group_by": "day"})

    assert result.structured_content is not None
    assert "CONVIRZA_TIMEZONE" in result.structured_content["window"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "advice"), [("US/Mountain", None), ("US/Montain", "US/Mountain"), ("US/Pacfic", "US/Pacific")]
)
def test_doctor_knows_old_names_of_zones(tmp_path: Path, name: str, advice: str | None) -> None:
    ended = said(tmp_path, "doctor", CONVIRZA_TIMEZONE=name, CONVIRZA_DEMO="true", HOME=str(tmp_path))

    assert "Canada/Mountain" not in ended.stdout
    assert (f"Set CONVIRZA_TIMEZONE to {advice}" if advice else f"{name}, from CONVIRZA_TIMEZONE") in ended.stdout


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("case", CASES["files"], ids=lambda case: f"{case['variable']}={case['input']!a}")
def test_a_file_is_read_in_any_encoding(tmp_path: Path, codec: str, case: dict[str, str]) -> None:
    file, variable = tmp_path / "file", case["variable"]
    file.write_bytes(case["input"].encode(codec))

    def read() -> object:
        settings = Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC", variable: str(file)})
        value = getattr(settings, variable[9:].lower())
        return read_token_file(value) if variable == "CONVIRZA_TOKEN_FILE" else value

    if case["expected"] == "refused":
        with pytest.raises(SettingsError):
            read()
    else:
        found = read()
        assert (urlsafe_b64encode(found).decode()[:43] if isinstance(found, bytes) else found) == case["expected"]


@pytest.mark.parametrize("case", CASES["lines"], ids=lambda case: ascii(case["input"]))
def test_a_number_of_a_lines_file_is_read_or_refused(case: dict[str, str]) -> None:
    cell = case["input"].replace('"', '""')
    try:
        found = parse_lines(f'phone–number,name\n"{cell}",Main\n')
    except SettingsError:
        assert case["expected"] == "refused"
    else:
        assert found == {case["expected"]: BusinessLine("Main")}


@pytest.mark.parametrize("case", CASES["commands"], ids=lambda case: ascii(case["input"]))
def test_a_command_is_read_as_what_it_means(case: dict[str, list[str]]) -> None:
    def said(arguments: list[str]) -> tuple[int, str]:
        environment = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        environment["CONVIRZA_TIMEZONE"] = "America/Denver"
        result = CliRunner().invoke(commands, arguments, env=environment, obj=lambda: NOW, prog_name="convirza-mcp")
        return result.exit_code, result.stdout

    with Sandbox(now=NOW, conversations=30) as sandbox:
        status, output = said(case["expected"])
        assert status in (0, 1)
        assert output
        assert said(case["input"]) == (status, output)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ['"Bearer sandbox-token" \r\n'])
def test_a_token_file_may_have_any_encoding(tmp_path: Path, codec: str, text: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(text.encode(codec))
    with Sandbox() as sandbox:
        settings = {
            "CONVIRZA_TOKEN_FILE": f'"{file}"',
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_TIMEZONE": "UTC",
        }
        result = CliRunner().invoke(commands, ["list", "--limit", "1"], env=settings, prog_name="convirza-mcp")

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("piped", [False, True])
def test_a_login_is_taken_from_a_file_of_any_encoding(tmp_path: Path, codec: str, piped: bool) -> None:
    response = {
        "access_token": "a" * 20,
        "refresh_token": "r" * 20,
        "expires_in": "2099-01-01T00:00:00Z",
        "refresh_expires_in": "2099-02-01T00:00:00Z",
    }
    content = json.dumps(response, indent=1).replace("\n", "\r\n").encode(codec)
    (tmp_path / "login.json").write_bytes(content)
    result = CliRunner().invoke(
        commands,
        ["login", "--from-json", "-" if piped else str(tmp_path / "login.json")],
        env={"XDG_STATE_HOME": str(tmp_path / "state"), "CONVIRZA_TIMEZONE": "UTC"},
        input=content if piped else None,
        prog_name="convirza-mcp",
    )

    assert (result.exit_code, result.output.startswith("Logged in. ")) == (0, True), result.output
