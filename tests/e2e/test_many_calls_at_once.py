"""Very many calls at once: eight requests are under way, some wait, and the others are told so."""

import os

import pytest

import faults
from faults import FaultServer
from faults.cases import each_era
from faults.proofs import assert_only_gets
from support.processes import server_process

AT_ONCE = 8
WAITING = 64


@each_era
@pytest.mark.long
@pytest.mark.parametrize("calls", [2_000])
@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_8_requests_are_made_and_the_rest_are_told_to_come_back(calls: int, era: str) -> None:
    with (
        FaultServer(faults.hang()) as convirza,
        server_process(
            era=era,
            CONVIRZA_TOKEN="CNVZ-AT-7f3e9d",
            CONVIRZA_BASE_URL=convirza.base_url,
            CONVIRZA_MAX_CALLS_PER_MINUTE="0",
        ) as server,
    ):
        for number in range(calls):
            server.call(number, {"offset": number})
        # The log's pipe, which nobody reads meanwhile, has room for a few hundred lines.
        answers = [server.receive() for _ in range(calls - AT_ONCE - WAITING)]

        assert len({answer["id"] for answer in answers}) == len(answers)
        assert all(answer["result"]["content"][0]["text"].endswith(" [overloaded]") for answer in answers)
        assert all(answer["result"]["isError"] for answer in answers)
        assert (len(convirza.requests), len(convirza.connections)) == (AT_ONCE, AT_ONCE)
        assert_only_gets(convirza)
