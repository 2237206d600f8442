"""What a server process lets onto stderr."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.transports.stdio.log_lines import LogLines
from faults.canaries import NAME, PHONE, canaries_in

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes that can be asked for their room")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        # Some tests have closed one.
        with suppress(OSError):
            os.close(end)


def log(handler: LogLines, text: str) -> None:
    handler.emit(logging.makeLogRecord({"msg": text}))


def test_log_record_is_one_line(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    handler = LogLines(writer)

    log(handler, "one")
    log(handler, "zwei ü \ud83d")

    assert os.read(reader, 1_000) == "one\nzwei ü ?\n".encode()


def test_what_a_full_pipe_has_no_room_for_is_lost_and_counted(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    handler = LogLines(writer)
    line = "x" * 99
    for _ in range(1_000):
        log(handler, line)
    held = os.read(reader, 200_000).decode().splitlines()
    log(handler, "there is room again")
    log(handler, "and again")

    assert set(held) == {line}
    assert 100 < len(held) < 1_000
    first, *rest = os.read(reader, 1_000).decode().splitlines()
    assert json.loads(first) == {"lines_lost": 1_000 - len(held)}
    assert rest == ["there is room again", "and again"]


def test_a_log_without_a_reader_raises_nothing(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    handler = LogLines(writer)
    os.close(reader)

    log(handler, "to nobody")


def test_a_log_on_a_closed_descriptor_raises_nothing(pipe: tuple[int, int]) -> None:
    _, writer = pipe
    handler = LogLines(writer)
    os.close(writer)

    log(handler, "nowhere")
    log(LogLines(writer), "nowhere")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_log_on_a_full_disk_raises_nothing() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        log(LogLines(descriptor), "no room")
    finally:
        os.close(descriptor)


def test_a_file_takes_every_line(tmp_path: Path) -> None:
    file = tmp_path / "log"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        handler = LogLines(descriptor)
        for number in range(2_000):
            log(handler, str(number))
    finally:
        os.close(descriptor)

    assert file.read_text(encoding="utf-8").split() == [str(number) for number in range(2_000)]


# Four lines with the next one: a program's first is the fifth.


def stderr_of(program: str) -> list[dict[str, Any]]:
    """What a process logs that is set up as a server's, and then does that."""
    setup = (
        "import logging, sys, threading, warnings\n"
        "from convirza_mcp.transports.stdio.log_lines import log_without_texts\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"{setup}log_without_texts()\nPHONE, NAME = {PHONE!r}, {NAME!r}\n{program}"],
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert ended.stdout == ""
    assert canaries_in(ended.stderr) == []
    return [json.loads(line) for line in ended.stderr.splitlines()]


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("logging.getLogger('mcp.server.runner').warning('dropped %r', PHONE)", {"level": "WARNING", "line": 5}),
        ("logging.getLogger('mcp.server.runner').warning(f'dropped {PHONE}')", {"level": "WARNING", "line": 5}),
        ("logging.getLogger('mcp.server.runner').error('no', extra={'number': PHONE})", {"level": "ERROR", "line": 5}),
        (
            "try:\n    raise LookupError(PHONE)\n"
            "except LookupError:\n    logging.getLogger('mcp.server.runner').exception(NAME)",
            {"level": "ERROR", "line": 8, "fault": "LookupError"},
        ),
        ("logging.getLogger('mcp.server.runner').info(PHONE)", None),
    ],
    ids=["arguments", "a made text", "extra fields", "an exception", "below a warning"],
)
def test_third_party_records_keep_only_level_and_place(program: str, line: dict[str, Any] | None) -> None:
    if line is None:
        assert stderr_of(program) == []
        return
    number = line.pop("line")
    expected = {"level": line["level"], "logger": "mcp.server.runner", "at": f"<string>:{number}"}
    assert stderr_of(program) == [expected | line]


def test_a_foreign_log_handler_gets_no_words_either() -> None:
    program = """
import json
class Everything(logging.Handler):
    def emit(self, record):
        print(json.dumps({"all": repr(vars(record)) + self.format(record)}), file=sys.stderr)
logging.basicConfig(level=logging.DEBUG, handlers=[Everything()], force=True)
logging.getLogger("httpx2").debug("GET %s", PHONE)
try:
    raise LookupError(NAME)
except LookupError:
    logging.getLogger("asyncio").exception("it was %s", NAME, stack_info=True)
"""
    assert len(stderr_of(program)) == 2


@pytest.mark.parametrize(
    ("program", "fault", "line"),
    [
        ("raise LookupError(PHONE)", "LookupError", 5),
        ("raise ExceptionGroup(NAME, [ExceptionGroup(NAME, [LookupError(PHONE)])])", "LookupError", None),
        (
            "def fail():\n    raise LookupError(PHONE)\n"
            "thread = threading.Thread(target=fail)\nthread.start()\nthread.join()",
            "LookupError",
            6,
        ),
        ("class Bad:\n    def __del__(self):\n        raise LookupError(PHONE)\nBad()", "LookupError", 7),
    ],
    ids=["uncaught", "a group", "in a thread", "in a finaliser"],
)
def test_an_uncaught_error_is_logged_as_class_and_place(program: str, fault: str, line: int | None) -> None:
    place = {} if line is None else {"at": f"<string>:{line}"}

    assert stderr_of(program) == [{"level": "CRITICAL", "fault": fault} | place]


def test_a_warning_is_only_where_it_came_from() -> None:
    (line,) = stderr_of("warnings.warn(f'Expected a number but got {PHONE}')")

    assert (line["level"], line["logger"]) == ("WARNING", "py.warnings")
