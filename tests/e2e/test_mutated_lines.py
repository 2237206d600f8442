"""Lines that no client should send, to a real server process: each is answered once, and the next one as before."""

import json
import queue
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import pytest

from convirza_mcp.sandbox import Sandbox
from support.processes import ENVELOPE, INITIALIZE, INITIALIZED, SERVE, environment

pytestmark = pytest.mark.long

SECONDS = 1.0
"""By when the next request is answered; a busy machine gets ten times that."""

FRAMES: tuple[dict[str, Any], ...] = (
    {"jsonrpc": "2.0", "id": 5, "method": "ping"},
    {"jsonrpc": "2.0", "id": 6, "method": "tools/list", "params": {}},
    {"jsonrpc": "2.0", "id": 7, "method": "prompts/get", "params": {"name": "triage_inbox", "arguments": {"x": "1"}}},
    {
        "jsonrpc": "2.0",
        "id": 8,
        "method": "tools/call",
        "params": {"name": "list_sms_conversations", "arguments": {"limit": 2, "search": "a\u2028\U0001f600"}},
    },
    {
        "jsonrpc": "2.0",
        "id": "nine",
        "method": "tools/call",
        "params": {"name": "summarize_sms_inbox", "arguments": {}, "_meta": {"progressToken": 1}},
    },
    {"jsonrpc": "2.0", "id": 12, "method": "tools/list", "params": {"_meta": ENVELOPE}},
    {
        "jsonrpc": "2.0",
        "id": 13,
        "method": "tools/call",
        "params": {"name": "list_sms_conversations", "arguments": {"limit": 2}, "_meta": ENVELOPE},
    },
    {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 8, "reason": "no"}},
    {"jsonrpc": "2.0", "id": 10, "result": {"ok": True}},
    {"jsonrpc": "2.0", "id": 11, "error": {"code": -1, "message": "no"}},
    INITIALIZE,
    INITIALIZED,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x" * 300,
    [],
    {},
    [[[]]],
    {"a": {"b": []}},
    "\ud800",
    "\u202e",
)
BLANK = (b"", b" ", b"\t", b"\r", b"\x00", b"\xef\xbb\xbf", b"null", b"[]", b"{}", b'""', b"0")
INVALID_UTF8 = (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xc0\xaf")


class Wire:
    """A server process in raw bytes, both of its outputs read all the time, so that it never waits for us."""

    def __init__(self, process: "subprocess.Popen[bytes]", era: str) -> None:
        self.process = process
        self._era = era
        self.logged = bytearray()
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._asked = 0
        self.answered: Counter[str] = Counter()
        """How often each id was answered, by its JSON."""
        for read in (self._read_lines, self._read_log):
            threading.Thread(target=read, daemon=True).start()

    def send(self, line: bytes) -> None:
        _pipe(self.process.stdin).write(line + b"\n")

    def flush(self) -> None:
        _pipe(self.process.stdin).flush()

    def shake_hands(self) -> None:
        if self._era == "legacy":
            self.send(json.dumps(INITIALIZE).encode())
            self.flush()
            assert json.loads(self._lines.get(timeout=60))["result"]["serverInfo"]["name"] == "convirza-mcp"
            self.send(json.dumps(INITIALIZED).encode())
        self.assert_answers(within=60)

    def assert_answers(self, within: float = 10 * SECONDS) -> None:
        """A request is answered in time; every other line is JSON-RPC too."""
        self._asked += 1
        ours = f"our request {self._asked}"
        if self._era == "legacy":
            request = {"jsonrpc": "2.0", "id": ours, "method": "ping"}
        else:
            request = {"jsonrpc": "2.0", "id": ours, "method": "server/discover", "params": {"_meta": ENVELOPE}}
        self.send(json.dumps(request).encode())
        self.flush()
        began = time.monotonic()
        while (answer := self._next(max(0.001, began + within - time.monotonic()))).get("id") != ours:
            pass
        assert answer["result"] is not None

    def wait_for(self, ids: set[str]) -> None:
        while not ids <= self.answered.keys():
            self._next(60)

    def _next(self, within: float) -> dict[str, Any]:
        answer = json.loads(self._lines.get(timeout=within))
        assert answer["jsonrpc"] == "2.0"
        if "id" in answer:
            self.answered[json.dumps(answer["id"])] += 1
        return answer

    def _read_lines(self) -> None:
        for line in _pipe(self.process.stdout):
            self._lines.put(line)

    def _read_log(self) -> None:
        while chunk := _pipe(self.process.stderr).read1(65_536):  # type: ignore[attr-defined]
            self.logged += chunk


def _pipe(pipe: "IO[bytes] | None") -> IO[bytes]:
    assert pipe is not None
    return pipe


@pytest.fixture(scope="module", params=["legacy", "auto"])
def server(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """One process for all of these lines: what one of them broke, the next would find."""
    with (
        Sandbox(conversations=30) as sandbox,
        subprocess.Popen(
            SERVE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(
                CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_MAX_CALLS_PER_MINUTE="0"
            ),
        ) as process,
    ):
        found = Wire(process, request.param)
        try:
            found.shake_hands()
            yield found
            assert process.poll() is None
            _pipe(process.stdin).close()
            assert process.wait(timeout=6) == 0
            assert b"Traceback" not in found.logged
        finally:
            process.kill()


def mutated(draw: random.Random, number: int) -> bytes:
    """A frame changed as a value, as bytes, or as both; a request's own id is no other one's."""
    frame: Any = json.loads(json.dumps(draw.choice(FRAMES)))
    if "id" in frame and "method" in frame:
        # Twice, so that no changed digit makes it another line's.
        frame["id"] = f"line {number} is {number * 7919}"
    if draw.random() < 0.6:
        _change_value(frame, draw)
    line = bytearray(json.dumps(frame, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass"))
    if draw.random() < 0.6:
        for _ in range(draw.randint(1, 4)):
            _change_bytes(line, draw)
    return bytes(line).replace(b"\n", b" ")


def answers_due(line: bytes) -> tuple[int, int, str | None]:
    """The fewest and the most answers that a line may get, and the id of a well-formed request."""
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if not text.strip():
        return 0, 0, None
    try:
        found = json.loads(text)
    except ValueError:
        return 1, 1, None
    if not isinstance(found, dict):
        return 1, max(1, len(found)) if isinstance(found, list) else 1, None
    method, told = found.get("method"), found.get("id")
    if {"result", "error"} & found.keys():
        # A response, well-formed or not, or what might be taken for one.
        return 0, 1, None
    formed = found.get("jsonrpc") == "2.0" and isinstance(method, str)
    formed = formed and isinstance(found.get("params"), dict | None)
    if formed and "id" not in found:
        return 0, 0, None
    if formed and isinstance(told, str | int) and not isinstance(told, bool):
        # Half an emoji is no text, and a request with it in its id is not well-formed.
        return 1, 1, None if "\\ud8" in json.dumps(told) else json.dumps(told)
    return 1, 1, None


def _change_value(value: Any, draw: random.Random) -> None:
    while True:
        if not isinstance(value, dict) or not value:
            return
        key = draw.choice(list(value))
        if isinstance(value[key], dict) and draw.random() < 0.7:
            value = value[key]
            continue
        match draw.randrange(4):
            case 0:
                del value[key]
            case 1:
                value[draw.choice(("id", "method", "params", "\u2029x"))] = draw.choice(VALUES)
            case _:
                value[key] = draw.choice(VALUES)
        return


def _change_bytes(line: bytearray, draw: random.Random) -> None:
    place = draw.randrange(len(line) + 1)
    match draw.randrange(6):
        case 0:
            line[place : place + 1] = bytes([draw.randrange(256)])
        case 1:
            del line[place : place + draw.randint(1, 20)]
        case 2:
            line[place:place] = line[place : place + draw.randint(1, 20)]
        case 3:
            line[place:place] = draw.choice(INVALID_UTF8)
        case 4:
            line[place:place] = draw.choice((b'"', b"{", b"]", b"\\u", b"\\ud83d", b"\r", b"\x00", b"1e999", b"NaN"))
        case 5:
            del line[place:]


@pytest.mark.parametrize("count", [20_000])
def test_each_mutated_line_is_answered_once(server: Wire, count: int) -> None:
    draw = random.Random(count)
    before, fewest, most = server.answered.total(), 0, 0
    formed: set[str] = set()
    for number in range(1, count + 1):
        line = mutated(draw, count + number)
        server.send(line)
        few, many, told = answers_due(line)
        fewest, most = fewest + few, most + many
        if told is not None and told.startswith('"line '):
            formed.add(told)
        if number % 25 == 0:
            server.assert_answers(within=30 * SECONDS)
            fewest, most = fewest + 1, most + 1
    server.wait_for(formed)
    server.assert_answers(within=30 * SECONDS)

    assert len(formed) > count / 10
    assert {each for each in formed if server.answered[each] != 1} == set()
    assert fewest <= server.answered.total() - before - 1 <= most


def test_after_blank_lines_and_no_text_the_next_request_is_answered(server: Wire) -> None:
    for line in (*BLANK, *INVALID_UTF8):
        server.send(line)
        server.send(line * 500)
        server.assert_answers()
    for line in INVALID_UTF8:
        request = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{"limit":1}}}'
        server.send(request % line)
        server.assert_answers()


def test_after_a_deep_line_the_next_request_is_answered(server: Wire) -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        server.send(opening * 100_000)
        server.send(opening * 100_000 + b"1" + closing * 100_000)
        server.send(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + opening * 5_000 + closing * 5_000 + b"}")
        server.assert_answers()


@pytest.mark.parametrize("megabytes", [2, 100])
@pytest.mark.parametrize("valid", [False, True], ids=["no JSON", "a request"])
def test_after_a_very_long_line_the_next_request_is_answered(server: Wire, megabytes: int, valid: bool) -> None:
    begin, end = (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"', b'"}}') if valid else (b"", b"")
    server.send(begin + b"x" * (megabytes * 1_000_000) + end)
    # However long that takes to read: the clock is the next one's.
    server.assert_answers(within=60)
    server.assert_answers()
