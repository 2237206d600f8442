import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.business_lines import BusinessLine
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.clock.public_holidays import PublicHolidays
from convirza_mcp.clock.zones import zone_of_this_machine
from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import PRODUCTION_BASE_URL, PRODUCTION_OAUTH_URL, VARIABLES, Settings, without_blanks
from convirza_mcp.text.address import checked_address
from support.snapshots import Snapshot

SECRET = "CNVZ-AT-7f3e9d"


def test_defaults_are_production_without_a_token() -> None:
    settings = Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC"})

    assert settings == Settings(
        token=None,
        token_file=None,
        base_url=PRODUCTION_BASE_URL,
        oauth_url=PRODUCTION_OAUTH_URL,
        zone=UTC,
        business_hours=ROUND_THE_CLOCK,
        max_result_tokens=16_000,
        output="both",
        timeout=30.0,
        max_calls_per_minute=120,
    )


def test_every_setting_is_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET, encoding="utf-8")

    lines = tmp_path / "lines.csv"
    lines.write_text("phone_number,name\n18015550101,Main office\n", encoding="utf-8")

    settings = Settings.from_environment(
        {
            "CONVIRZA_TOKEN": SECRET,
            "CONVIRZA_TOKEN_FILE": str(file),
            "CONVIRZA_BASE_URL": "http://127.0.0.1:8787/v3/",
            "CONVIRZA_OAUTH_URL": "http://127.0.0.1:8787/",
            "CONVIRZA_TIMEZONE": "America/Denver",
            "CONVIRZA_BUSINESS_HOURS": " mon-fri 08:00-18:00 ",
            "CONVIRZA_HOLIDAYS": "us-ut",
            "CONVIRZA_LINES_FILE": str(lines),
            "CONVIRZA_MAX_RESULT_TOKENS": "4000",
            "CONVIRZA_OUTPUT": "text",
            "CONVIRZA_PRIVACY": "strict",
            "CONVIRZA_TIMEOUT": "2.5",
            "CONVIRZA_MAX_CALLS_PER_MINUTE": "0",
            "CONVIRZA_DEMO": " True ",
        }
    )

    assert settings == Settings(
        token=SECRET,
        token_file=file,
        base_url="http://127.0.0.1:8787/v3",
        oauth_url="http://127.0.0.1:8787",
        zone=ZoneInfo("America/Denver"),
        business_hours=BusinessHours.parse("Mon-Fri 08:00-18:00").without(PublicHolidays("US-UT")),
        holidays=PublicHolidays("US-UT"),
        lines={"8015550101": BusinessLine("Main office")},
        max_result_tokens=4_000,
        output="text",
        privacy="strict",
        timeout=2.5,
        max_calls_per_minute=0,
        demo=True,
    )


def test_a_blank_optional_setting_counts_as_unset() -> None:
    blank = dict.fromkeys(
        (
            *("CONVIRZA_TOKEN_FILE", "CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL", "CONVIRZA_BUSINESS_HOURS"),
            *("CONVIRZA_MAX_RESULT_TOKENS", "CONVIRZA_OUTPUT", "CONVIRZA_PRIVACY"),
            *("CONVIRZA_MAX_CALLS_PER_MINUTE", "CONVIRZA_DEMO"),
        ),
        " ",
    )

    assert Settings.from_environment(blank | {"CONVIRZA_TIMEZONE": "UTC"}) == Settings()


def test_a_reference_that_the_host_did_not_fill_in_counts_as_unset() -> None:
    references = {name: f"${{user_config.{name.lower()}}}" for name in VARIABLES}

    assert Settings.from_environment(references) == Settings.from_environment({})


def test_what_a_form_leaves_blank_is_not_set_and_the_rest_stays() -> None:
    form = dict.fromkeys(VARIABLES, " ") | {"CONVIRZA_DEMO": "${user_config.demo}", "CONVIRZA_PRIVACY": "mask"}

    assert without_blanks(form | {"HOME": "", "PATH": "/bin"}) == {
        "CONVIRZA_PRIVACY": "mask",
        "HOME": "",
        "PATH": "/bin",
    }


@pytest.mark.parametrize(
    ("text", "demo"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False)]
)
def test_the_demo_is_a_switch(text: str, demo: bool) -> None:
    assert Settings.from_environment({"CONVIRZA_DEMO": text}).demo is demo


@pytest.mark.parametrize("given", [SECRET, f"Bearer {SECRET}", f"bearer  {SECRET}\n", f"  {SECRET}\n"])
def test_a_token_may_carry_its_scheme_and_white_space_around_it(given: str) -> None:
    assert Settings.from_environment({"CONVIRZA_TOKEN": given}).token == SECRET


BAD_VALUES = {
    "CONVIRZA_TOKEN": ("", "Bearer ", f"{SECRET}\nx", f"{SECRET} {SECRET}", f"{SECRET}é", f"{SECRET}\x00"),
    "CONVIRZA_TOKEN_FILE": ("/no/such/file",),
    "CONVIRZA_TIMEZONE": ("Mars/Olympus", "../etc", "America", "${user_config.timezone}x"),
    "CONVIRZA_BUSINESS_HOURS": ("9 to 5", "Mon-Fri", f"Mon 08:00-18:00, {SECRET}"),
    "CONVIRZA_MAX_RESULT_TOKENS": ("99", "1e4"),
    "CONVIRZA_MAX_CALLS_PER_MINUTE": ("-1", "10001", "1.5", "none"),
    "CONVIRZA_OUTPUT": ("json",),
    "CONVIRZA_DEMO": ("yes please",),
    "CONVIRZA_TIMEOUT": ("0", "601", "nan", "soon", "-5"),
}


@pytest.mark.parametrize("variable", BAD_VALUES)
def test_a_bad_value_is_one_line_that_names_the_variable_and_not_the_value(variable: str, snapshot: Snapshot) -> None:
    for value in BAD_VALUES[variable]:
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment({variable: value})

        assert str(caught.value).startswith(f"{variable} ")
        assert SECRET not in str(caught.value)
        snapshot(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://platform-api.convirza.com/v3",
        "https://proxy.example:8443/convirza/v3",
        "http://localhost:8787/v3",
        "http://127.0.0.1/v3",
        "http://127.8.8.8:1/v3",
        "http://[::1]:8787/v3",
    ],
)
def test_a_base_url_that_may_be_sent_a_token(address: str) -> None:
    assert checked_address(address + "/", "CONVIRZA_BASE_URL", PRODUCTION_BASE_URL) == address


@pytest.mark.parametrize(
    "address",
    [
        "https://999.1.1.1/v3",
        "https://[v1.x]/v3",
        "https://platform-api.convirza.com\x7f/v3",
        "https://" + "a" * 70_000 + "/v3",
        "",
        "platform-api.convirza.com/v3",
        "ftp://platform-api.convirza.com",
        "https://",
        "https://user:secret@platform-api.convirza.com/v3",
        "https://platform-api.convirza.com/v3?x=1",
        "https://platform-api.convirza.com/v3#x",
        "https://platform-api.convirza。com/v3",
        "https://platform-api.convirza.com:99999/v3",
        "https://platform api.convirza.com/v3",
        "http://platform-api.convirza.com/v3",
        "http://localhost.evil.example/v3",
        "http://127.0.0.1.nip.io/v3",
        "http://2130706433/v3",
        "http://0x7f.1/v3",
        "http://127.1/v3",
        "http://[::ffff:127.0.0.1]/v3",
        "http://0.0.0.0/v3",
        "http://localhost@evil.example/v3",
        "http://evil.example\\@localhost/v3",
        "http://[::1/v3",
    ],
)
def test_a_base_url_that_may_not(address: str, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_address(address, "CONVIRZA_BASE_URL", PRODUCTION_BASE_URL)

    snapshot(caught.value)
    assert "secret" not in str(caught.value)
    assert "evil" not in str(caught.value)


def test_the_oauth_service_is_held_to_the_same(snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"CONVIRZA_OAUTH_URL": "http://oauth.evil.example"})

    snapshot(caught.value)


def test_the_token_is_not_in_the_settings_repr() -> None:
    assert SECRET not in repr(Settings(token=SECRET))


@pytest.mark.parametrize("machine", ["America/New_York", "Nowhere/Atall", "Etc/UTC"])
def test_the_zone_of_the_machine_is_the_default(machine: str, snapshot: Snapshot) -> None:
    # In a process of its own: the machine's zone is looked up once a process.
    program = "from convirza_mcp import Settings; print(Settings.from_environment({}).zone)"

    shown = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TZ": machine}, capture_output=True, text=True, check=True
    )

    snapshot(shown.stdout, shown.stderr)


@pytest.mark.parametrize("path", ["x" * 400, "~nobody-of-that-name/token", "a\0b", "/no/such/file"])
def test_a_token_file_that_is_none(path: str, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({"CONVIRZA_TOKEN_FILE": path, "CONVIRZA_TIMEZONE": "UTC"})
    snapshot.shared(error.value)


@pytest.mark.parametrize(
    ("given", "zone"),
    [
        ("America/Denver", "America/Denver"),
        (":America/Denver", "America/Denver"),
        (":/usr/share/zoneinfo/America/Denver", "America/Denver"),
        ("EST5EDT", "EST5EDT"),
        ("Nowhere/Atall", "None"),
        ("<+03>-3", "None"),
    ],
)
def test_tz_says_what_the_zone_of_this_process_is(monkeypatch: pytest.MonkeyPatch, given: str, zone: str) -> None:
    monkeypatch.setenv("TZ", given)

    assert str(zone_of_this_machine()) == zone


@pytest.mark.skipif(not Path("/etc/localtime").exists(), reason="the system has no such file")
def test_a_path_in_tz_is_followed_as_the_machines_own_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    own = zone_of_this_machine()
    monkeypatch.setenv("TZ", ":/etc/localtime")

    assert zone_of_this_machine() == own
