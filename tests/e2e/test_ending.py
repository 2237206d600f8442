"""How a server that is in the middle of everything ends: soon, quietly, and with a line on each call."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.cases import each_era
from support.processes import ServerProcess, close_stdin, interrupt, server_process, terminate
from support.rows import row

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")]

TOKEN = "CNVZ-AT-7f3e9d"
# The promise is two seconds; on a busy machine it is bounded at three times that.
SOON = 6.0

VIEW = faults.page(data={"total": 2_000, "conversation": [row(each) for each in range(200)]})
LATER = faults.status(503, b"", [("Retry-After", "9")])
CALLS = 40


def close_stdout(server: ServerProcess) -> None:
    assert server.process.stdout is not None
    server.process.stdout.close()
    server.process.stdout = None
    # What is written next finds nobody.
    server.request(1_000, "tools/list")


def interrupt_twice(server: ServerProcess) -> None:
    interrupt(server)
    interrupt(server)


def terminate_and_interrupt(server: ServerProcess) -> None:
    terminate(server)
    interrupt(server)


def make_busy(server: ServerProcess, convirza: FaultServer) -> None:
    """A whole view, a back-off, a body that drips, answers that never come, and a queue, all at once."""
    server.request(0, "tools/list")
    server.receive()
    server.call(1, {"type": "close"}, "summarize_sms_inbox")
    for number in range(2, CALLS + 1):
        server.call(number, {})
    # Answered while all the others wait: they are under way by then.
    server.call(CALLS + 1, {"limit": 0})
    assert server.receive()["id"] == CALLS + 1
    assert convirza.has_requests(1)


@each_era
@pytest.mark.parametrize(
    "end",
    [
        close_stdin,
        close_stdout,
        terminate,
        interrupt_twice,
        interrupt,
        terminate_and_interrupt,
    ],
)
def test_a_server_in_the_middle_of_everything_ends_soon_and_quietly(
    end: Callable[[ServerProcess], None], era: str
) -> None:
    with (
        FaultServer(VIEW, LATER, faults.drip(), faults.hang()) as convirza,
        server_process(era=era, CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=convirza.base_url) as server,
    ):
        make_busy(server, convirza)
        end(server)
        status, out, err = server.end(SOON)

        assert convirza.all_closed(SOON)
    assert status == 0
    log = [json.loads(line) for line in err.splitlines()]
    assert [line["outcome"] for line in log] == ["InvalidArgumentError", *["cancelled"] * CALLS]
    assert {message["error"]["message"] for message in messages(out)} <= {"Connection closed"}


def messages(out: str | None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out or "").splitlines()]


def test_a_log_whose_reader_has_gone_hurts_nothing() -> None:
    with (
        FaultServer(faults.page()) as convirza,
        server_process(CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=convirza.base_url) as server,
    ):
        assert server.process.stderr is not None
        server.process.stderr.close()
        server.process.stderr = None
        for number in range(3):
            server.call(number, {})
            assert server.receive()["result"]["structuredContent"]["total"] == 2
        close_stdin(server)

        assert server.end(SOON)[:2] == (0, "")


def test_an_unread_log_holds_up_no_call() -> None:
    with server_process(CONVIRZA_MAX_CALLS_PER_MINUTE="0") as server:
        # About 150 bytes each: most would have to wait for room in the pipe.
        for number in range(1_500):
            server.call(number, {"limit": 0})
            assert server.receive()["id"] == number
        close_stdin(server)
        status, out, err = server.end(SOON)

    assert (status, out) == (0, "")
    kept = [json.loads(line) for line in err.splitlines()]
    assert 100 < len(kept) < 1_500
    assert {line["outcome"] for line in kept} == {"InvalidArgumentError"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_log_on_a_full_disk_hurts_nothing() -> None:
    serve = f'exec "{sys.executable}" -m convirza_mcp serve 2>/dev/full'
    with server_process(["sh", "-c", serve]) as server:
        for number in range(3):
            server.call(number, {"limit": 0})
            assert server.receive()["id"] == number
        close_stdin(server)

        assert server.end(SOON) == (0, "", "")
