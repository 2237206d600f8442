"""Waits that Convirza asks for, ports where nobody listens, and calls that are one too many: each told in time.

Each bound is three times what is promised, for busy machines.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.cases import NOT_REACHED, both_eras
from faults.proofs import assert_only_gets
from support.processes import ServerProcess, server_process

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")]

TOKEN = "CNVZ-AT-7f3e9d"
ALL_PLACES = 8 + 64
BUSY = "Too many calls are already waiting for Convirza. Try again in a few seconds. [overloaded]"


def timed(server: ServerProcess, number: int) -> tuple[dict[str, Any], float]:
    """The result of a call, and the seconds it took."""
    began = time.monotonic()
    server.call(number, {})
    answer = server.receive()
    assert answer["id"] == number
    return answer["result"], time.monotonic() - began


def log_of(server: ServerProcess) -> list[dict[str, Any]]:
    assert server.process.stdin is not None
    server.process.stdin.close()
    server.process.stdin = None
    status, _, err = server.end(6)
    assert status == 0
    return [json.loads(line) for line in err.splitlines()]


@both_eras
def test_a_short_wait_is_kept_and_a_long_one_is_told(era: str) -> None:
    two, many = (faults.status(429, b"", [("Retry-After", seconds)]) for seconds in ("2", "600"))
    with (
        FaultServer(two, faults.page(), many, faults.page()) as convirza,
        server_process(era=era, CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=convirza.base_url) as server,
    ):
        kept, waited = timed(server, 1)
        told, at_once = timed(server, 2)
        log = log_of(server)

        assert len(convirza.requests) == 3
        assert_only_gets(convirza)
    assert kept["structuredContent"]["total"] == 2
    assert waited >= 2.0
    assert told["content"][0]["text"] == (
        "Convirza asks for fewer requests (429). Wait 600 seconds, then try again. [rate_limited]"
    )
    assert at_once < 3.0
    assert [(line["outcome"], line["attempts"], line["status"]) for line in log] == [
        ("ok", 2, 200),
        ("RateLimitError", 1, 429),
    ]


@both_eras
def test_where_nobody_listens_is_told_soon_and_names_only_the_host(era: str) -> None:
    nowhere = f"http://127.0.0.1:{faults.closed_port()}/v3"
    with server_process(era=era, CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=nowhere) as server:
        result, took = timed(server, 1)

    assert result["content"][0]["text"] == f"{NOT_REACHED} [not_connected]"
    assert took < 15.0


@both_eras
def test_a_call_too_many_is_told_at_once(era: str, record_property: Callable[[str, object], None]) -> None:
    with (
        FaultServer(faults.hang()) as convirza,
        server_process(
            era=era, CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=convirza.base_url, CONVIRZA_MAX_CALLS_PER_MINUTE="0"
        ) as server,
    ):
        for number in range(ALL_PLACES):
            server.call(number, {})
        results = [timed(server, ALL_PLACES + number) for number in range(20)]
        log = log_of(server)

        assert len(convirza.requests) == 8
    assert {result["content"][0]["text"] for result, _ in results} == {BUSY}
    assert sorted(took for _, took in results)[10] < 0.3
    busy = [line for line in log if line["outcome"] == "OverloadedError"]
    assert [line["attempts"] for line in busy] == [0] * 20
    record_property("slowest answer to a call too many, seconds", max(took for _, took in results))
