"""A client that does not wait: what it sends while the server still imports is answered once, as at any other time."""

import json
import os
import signal
import subprocess
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convirza_mcp.sandbox import Sandbox
from support.processes import ENVELOPE, INITIALIZE, INITIALIZED, SERVE, ServerProcess, environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")

# The promise is two seconds; on a busy machine it is bounded at three times that.
SOON = 6.0
LISTS = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"]
Json = dict[str, Any]


class Client:
    """A server process at the moment of its start, and every line that it says."""

    def __init__(self, era: str = "legacy", **given: str) -> None:
        self.process = subprocess.Popen(
            SERVE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(**{"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_TOKEN": "CNVZ-AT-7f3e9d", **given}),
        )
        self._era = era
        self._meta = {"_meta": ENVELOPE} if era == "auto" else {}
        self._read = threading.Thread(target=self._listen, daemon=True)
        self._heard = threading.Condition()
        self.answers: list[Json] = []
        self._read.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._heard:
                # Nothing but JSON-RPC is on stdout.
                self.answers.append(json.loads(line))
                self._heard.notify_all()

    def send(self, *messages: Json | str) -> None:
        assert self.process.stdin is not None
        lines = [each if isinstance(each, str) else json.dumps(each) for each in messages]
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def open(self) -> None:
        if self._era == "legacy":
            self.send(INITIALIZE, INITIALIZED)
        else:
            self.send(self.request(0, "server/discover"))

    def request(self, number: int, method: str, params: Json | None = None) -> Json:
        return {"jsonrpc": "2.0", "id": number, "method": method, "params": (params or {}) | self._meta}

    def call(self, number: int, arguments: Json | None = None) -> Json:
        return self.request(number, "tools/call", {"name": "list_sms_conversations", "arguments": arguments or {}})

    def wait_for(self, *numbers: int) -> dict[int, Json]:
        with self._heard:
            assert self._heard.wait_for(lambda: {*numbers} <= {each.get("id") for each in self.answers}, 60)
            return {each["id"]: each for each in self.answers if each.get("id") in numbers}

    def counts(self) -> dict[Any, int]:
        told = [each["id"] for each in self.answers if "id" in each]
        return {each: told.count(each) for each in told}

    def end(self, within: float = SOON) -> tuple[int, str]:
        assert self.process.stdin is not None
        assert self.process.stderr is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            status = self.process.wait(within)
        finally:
            self.process.kill()
        self._read.join(5)
        err = self.process.stderr.read()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return status, err


@pytest.mark.parametrize(
    ("era", "front"),
    [
        ("legacy", "on"),
        *(pytest.param(*each, marks=pytest.mark.long) for each in (("auto", "on"), ("legacy", "off"), ("auto", "off"))),
    ],
)
def test_requests_before_the_import_is_done_are_answered_once(era: str, front: str) -> None:
    with Sandbox() as sandbox:
        client = Client(era, CONVIRZA_FRONT=front, CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
        client.open()
        client.send(
            client.call(1, {"limit": 1}),
            *(client.request(number, method) for number, method in enumerate(LISTS, 2)),
            "hello",
            client.call(6, {"limit": 0}),
        )
        answers = client.wait_for(*range(7))
        client.send(client.request(7, "tools/list"))
        client.wait_for(7)
        status, _ = client.end()

    assert status == 0
    assert client.counts() == {**dict.fromkeys(range(8), 1), None: 1}
    assert answers[1]["result"]["structuredContent"]["rows"]
    assert answers[6]["result"]["isError"] is True
    assert len(answers[2]["result"]["tools"]) == 6


@pytest.mark.long
def test_a_probe_before_the_handshake_works() -> None:
    client = Client()
    client.send({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": ENVELOPE}})
    assert "2026-07-28" in client.wait_for(1)[1]["result"]["supportedVersions"]
    client.send(INITIALIZE, INITIALIZED, client.request(2, "tools/list"), client.call(3, {"limit": 0}))
    answers = client.wait_for(0, 2, 3)
    status, _ = client.end()

    assert status == 0
    assert answers[0]["result"]["protocolVersion"] == "2025-11-25"
    assert "result" in answers[3]


@pytest.mark.long
def test_a_call_that_is_cancelled_during_the_import_is_not_answered() -> None:
    client = Client()
    client.open()
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    client.send(client.call(1), cancel, client.call(2, {"limit": 0}))
    client.wait_for(0, 2)
    status, _ = client.end()

    assert status == 0
    assert client.counts() == {0: 1, 2: 1}


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_import_ends_the_process(number: int) -> None:
    client = Client()
    client.open()
    client.send(client.call(1))
    client.wait_for(0)
    client.process.send_signal(number)
    assert client.process.wait(SOON) == 0

    assert client.end() == (0, "")
    assert client.counts() == {0: 1}


@pytest.mark.long
def test_the_end_of_input_during_the_import_leaves_no_request_open() -> None:
    client = Client()
    client.open()
    client.send(client.call(1), client.request(2, "tools/list"), client.request(3, "completion/complete"))
    status, err = client.end()

    assert status == 0
    assert "Traceback" not in err
    assert client.counts() == {0: 1, 1: 1, 2: 1, 3: 1}


@pytest.mark.long
def test_a_client_that_does_not_read_gets_its_answers_later() -> None:
    client = Client()
    numbers = range(1, 101)
    # The pipe holds some of these, and the rest waits for the real server.
    client.open()
    client.send(*(client.request(number, "tools/list") for number in numbers))
    client.wait_for(0, *numbers)
    status, _ = client.end()

    assert status == 0
    assert set(client.counts().values()) == {1}


@pytest.mark.long
def test_where_stdin_cannot_be_polled_a_thread_reads_it() -> None:
    program = """
from convirza_mcp.transports.stdio import lines
lines.can_be_polled = lambda _: False
from convirza_mcp.__main__ import main
import sys
sys.argv[1:] = ["serve"]
main()
"""
    unpolled = [SERVE[0], "-c", program]
    with subprocess.Popen(
        unpolled, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment()
    ) as process:
        server = ServerProcess(process)
        server.send(INITIALIZE)
        assert "result" in server.receive()
        server.send(INITIALIZED)
        server.call(1, {"limit": 0})
        server.request(2, "tools/list")
        assert {server.receive()["id"], server.receive()["id"]} == {1, 2}
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(SOON) == 0


ACTIONS = st.lists(
    st.tuples(
        st.floats(0, 0.4),
        st.sampled_from([*LISTS, "ping", "call", "bad call", "cancelled call", "hello", "half a request"]),
    ),
    max_size=8,
)
ENDS = st.sampled_from(["end of input", "SIGTERM", "answered"])


@pytest.mark.long
@pytest.mark.parametrize("starts", [150])
def test_each_request_of_a_random_start_is_answered_once(starts: int) -> None:
    @settings(max_examples=starts, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(era=st.sampled_from(["legacy", "auto"]), actions=ACTIONS, end=ENDS, wait=st.floats(0, 0.4))
    def start(era: str, actions: list[tuple[float, str]], end: str, wait: float) -> None:
        _start(sandbox, era, actions, end, wait)

    with Sandbox(conversations=30) as sandbox:
        start()


def _start(sandbox: Sandbox, era: str, actions: list[tuple[float, str]], end: str, wait: float) -> None:
    client = Client(era, CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url)
    client.open()
    wanted, errors, maybe = {0}, 0, set()
    for number, (pause, action) in enumerate(actions, 1):
        time.sleep(pause)  # when a client sends is what is drawn here
        match action:
            case "call" | "bad call":
                client.send(client.call(number, {"limit": 1 if action == "call" else 0}))
            case "cancelled call":
                cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
                client.send(client.call(number), cancel)
                maybe.add(number)
                continue
            case "hello":
                client.send("hello")
                errors += 1
                continue
            case "half a request":
                client.send(f'{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":')
                if end == "end of input":
                    # Where the import takes too long, the front answers without knowing the id.
                    errors += 1
                    maybe.add(number)
                    continue
            case method:
                client.send(client.request(number, method))
        wanted.add(number)
    if end == "answered":
        client.wait_for(*wanted)
    else:
        time.sleep(wait)
    if end == "SIGTERM":
        client.process.terminate()
    began = time.monotonic()
    status, err = client.end(3 * SOON)

    # Before Python is up, a signal ends the process as it ends any.
    assert status == 0 or (status, end, client.answers) == (-signal.SIGTERM, "SIGTERM", [])
    assert time.monotonic() - began < SOON
    assert "Traceback" not in err
    counts = client.counts()
    nameless = counts.pop(None, 0)
    assert set(counts.values()) <= {1}
    assert counts.keys() <= wanted | maybe
    if end != "SIGTERM":
        assert wanted <= counts.keys()
    assert nameless <= errors
    if end == "answered":
        assert counts.keys() - maybe == wanted
