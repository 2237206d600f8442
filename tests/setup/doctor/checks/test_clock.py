from datetime import timedelta

import pytest

from convirza_mcp.api.http.connection import Obstacle
from convirza_mcp.api.http.probe import Probe
from convirza_mcp.setup.doctor.checks.clock import check_clock
from support.snapshots import Snapshot


def ahead(time: timedelta) -> Probe:
    return Probe("api.example", None, ahead=time)


@pytest.mark.parametrize("time", [timedelta(0), timedelta(minutes=4), timedelta(minutes=-5)])
def test_a_clock_that_is_right(time: timedelta, snapshot: Snapshot) -> None:
    snapshot.shared(check_clock([ahead(time)]))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(hours=2), "2 hours ahead"),
        (timedelta(hours=-2, seconds=3), "2 hours behind"),
        (timedelta(minutes=6), "6 minutes ahead"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute ahead"),
        (timedelta(days=-400), "400 days behind"),
    ],
)
def test_a_clock_that_is_wrong(time: timedelta, words: str, snapshot: Snapshot) -> None:
    snapshot(check_clock([ahead(time)]))


def test_whichever_host_answers_will_do_and_without_one_it_is_skipped(snapshot: Snapshot) -> None:
    silent = Probe("other.example", Obstacle.NO_ANSWER)

    assert check_clock([None, silent, ahead(timedelta(0))]).ok is True
    snapshot(check_clock([None, silent, Probe("third.example", None)]))
