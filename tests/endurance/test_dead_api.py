"""A Convirza that answers nothing but 503, through a real server: few requests more than calls, and quick failures."""

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import faults
from endurance.busy_server import Call, busy_server
from faults import FaultServer
from faults.cases import both_eras
from faults.proofs import assert_only_gets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="named pipes and /proc")

CALLS = 1_000
RETRIES = 500 // 14
QUICK = 0.9
"""Seconds; the promise is 0.3 for half of the calls, bounded at three times that."""


@pytest.mark.long
@both_eras
def test_calls_fail_quickly_and_hardly_anything_is_asked_twice(
    tmp_path: Path, era: str, record_property: Callable[[str, object], None]
) -> None:
    with (
        FaultServer(faults.status(503)) as convirza,
        busy_server(tmp_path, era=era, base_url=convirza.base_url) as server,
    ):
        asking = (Call("list_sms_conversations", {"offset": number}) for number in range(CALLS))
        results = [result for _, result in server.answers(asking)]
        log = server.end()

        assert len(convirza.requests) == CALLS + RETRIES
        assert_only_gets(convirza)
    assert [result["isError"] for result in results] == [True] * CALLS
    assert {line["outcome"] for line in log} == {"ServerError"}
    assert sum(line["attempts"] for line in log) == CALLS + RETRIES
    # The budget is gone as soon as calls are asked only once.
    last_retry = max(place for place, line in enumerate(log) if line["attempts"] > 1)
    half = statistics.median(line["ms"] for line in log[last_retry + 1 :]) / 1_000
    record_property("half of the calls without a retry, seconds", half)
    assert half < QUICK
