"""The zone line. Its clock is the real one, so a text is taken apart at the time that stands in it."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.setup.doctor.checks.settings import read_settings
from convirza_mcp.setup.doctor.checks.zone import check_zone
from convirza_mcp.setup.doctor.finding import Finding


def checked(value: str, machine: tzinfo | None, **options: object) -> Finding:
    read = read_settings({"CONVIRZA_TIMEZONE": value} if value else {})
    return check_zone(read, value, machine=lambda: machine, **options)  # type: ignore[arg-type]


def without_time(finding: Finding) -> str:
    return re.sub(r"\b\d\d:\d\d\b", "HH:MM", finding.detail)


def test_the_zone_that_is_set() -> None:
    finding = checked("America/Denver", ZoneInfo("America/Denver"))

    assert finding.ok is True
    assert without_time(finding) == "America/Denver, from CONVIRZA_TIMEZONE: it is HH:MM there now."


def test_another_zone_than_this_computers_can_be_seen() -> None:
    finding = checked("America/Denver", ZoneInfo("Europe/Berlin"))

    assert finding.ok is True
    assert without_time(finding) == (
        "America/Denver, from CONVIRZA_TIMEZONE: it is HH:MM there now; this computer is set to Europe/Berlin."
    )


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("America/Dever", "Set CONVIRZA_TIMEZONE to America/Denver, if that was meant, or to another zone's name."),
        ("new york", "Set CONVIRZA_TIMEZONE to America/New_York, if that was meant, or to another zone's name."),
        ("CNVZ-AT-7f3e9d", "Set CONVIRZA_TIMEZONE to one such as America/Denver, or UTC."),
    ],
)
def test_a_wrong_zone(value: str, remedy: str) -> None:
    assert checked(value, UTC) == Finding(
        "time zone", False, "CONVIRZA_TIMEZONE names no time zone that this computer knows.", remedy
    )


@pytest.mark.parametrize(
    ("value", "machine", "detail", "place"),
    [
        ("EST", UTC, "CONVIRZA_TIMEZONE is EST, which", "America/New_York"),
        ("", ZoneInfo("MST"), "What this computer is set to is MST, which", "America/Denver"),
    ],
)
def test_a_zone_that_few_mean_who_name_it(value: str, machine: tzinfo, detail: str, place: str) -> None:
    read = read_settings({"CONVIRZA_TIMEZONE": value or "MST"})

    finding = check_zone(read, value, machine=lambda: machine)

    assert finding.ok is False
    assert without_time(finding) == f"{detail} has no summer time: it is HH:MM there now."
    assert finding.remedy == f"Set CONVIRZA_TIMEZONE to the zone of a place, such as {place}."


def test_a_computer_without_zones() -> None:
    finding = checked("Nowhere/Atall", UTC, known=lambda: set())

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "CONVIRZA_TIMEZONE cannot be used: this computer knows no time zones at all.",
        "Install them: `pip install tzdata`, or the system's own package of that name.",
    )


def test_a_computer_that_does_not_say_its_zone() -> None:
    finding = checked("", None)

    assert (finding.ok, without_time(finding), finding.remedy) == (
        False,
        "This computer does not say in which time zone it is, so UTC is used: it is HH:MM there now.",
        "Set CONVIRZA_TIMEZONE to your business's zone, such as America/Denver.",
    )


@pytest.mark.parametrize(
    ("machine", "detail"),
    [
        ("America/Denver", "America/Denver, as this computer is set: it is HH:MM there now."),
        (
            "Etc/UTC",
            (
                "UTC, as this computer is set: it is HH:MM there now; if your business is elsewhere, set "
                "CONVIRZA_TIMEZONE."
            ),
        ),
    ],
)
def test_the_zone_of_this_computer(machine: str, detail: str) -> None:
    # In a process of its own: the machine's zone is looked up once a process.
    program = (
        "import json\n"
        "from dataclasses import astuple\n"
        "from convirza_mcp.setup.doctor.checks.settings import read_settings\n"
        "from convirza_mcp.setup.doctor.checks.zone import check_zone\n"
        "print(json.dumps(astuple(check_zone(read_settings({})))))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TZ": machine}, capture_output=True, text=True, check=True
    )

    finding = Finding(*json.loads(ended.stdout))
    assert (finding.ok, without_time(finding), finding.remedy) == (True, detail, None)
