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
from support.snapshots import Snapshot


def checked(value: str, machine: tzinfo | None, **options: object) -> Finding:
    read = read_settings({"CONVIRZA_TIMEZONE": value} if value else {})
    return check_zone(read, value, machine=lambda: machine, **options)  # type: ignore[arg-type]


def without_time(finding: Finding) -> str:
    return re.sub(r"\b\d\d:\d\d\b", "HH:MM", finding.detail)


def test_the_zone_that_is_set(snapshot: Snapshot) -> None:
    finding = checked("America/Denver", ZoneInfo("America/Denver"))

    assert finding.ok is True
    snapshot(without_time(finding))


def test_another_zone_than_this_computers_can_be_seen(snapshot: Snapshot) -> None:
    finding = checked("America/Denver", ZoneInfo("Europe/Berlin"))

    assert finding.ok is True
    snapshot(without_time(finding))


@pytest.mark.parametrize("value", ["America/Dever", "new york", "US/Montain", "CNVZ-AT-7f3e9d"])
def test_an_unknown_zone_suggests_the_closest(value: str, snapshot: Snapshot) -> None:
    snapshot(checked(value, UTC))


@pytest.mark.parametrize(
    ("value", "machine", "place"), [("EST", UTC, "America/New_York"), ("", ZoneInfo("MST"), "America/Denver")]
)
def test_a_zone_that_is_seldom_meant_by_its_name(value: str, machine: tzinfo, place: str, snapshot: Snapshot) -> None:
    read = read_settings({"CONVIRZA_TIMEZONE": value or "MST"})

    finding = check_zone(read, value, machine=lambda: machine)

    assert finding.ok is False
    snapshot(without_time(finding))
    snapshot(finding.remedy)


def test_a_computer_without_zones(snapshot: Snapshot) -> None:
    finding = checked("Nowhere/Atall", UTC, known=lambda: set())

    snapshot(finding)


def test_a_computer_that_does_not_say_its_zone(snapshot: Snapshot) -> None:
    finding = checked("", None)

    snapshot(finding.ok, without_time(finding), finding.remedy)


@pytest.mark.parametrize("machine", ["America/Denver", "Etc/UTC"])
def test_the_zone_of_this_computer(machine: str, snapshot: Snapshot) -> None:
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
    snapshot(finding.ok, without_time(finding), finding.remedy)
