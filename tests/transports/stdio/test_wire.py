import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from convirza_mcp.transports.stdio import lines
from convirza_mcp.transports.stdio.lines import LineReader
from convirza_mcp.transports.stdio.wire import LinesIn, LinesOut

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes cannot be waited for on Windows")


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """Where to read and where to write; some hosts hand over pipes, some sockets."""
    if request.param == "pipe":
        reading, writing = os.pipe()
    else:
        reading, writing = (each.detach() for each in socket.socketpair())
    yield reading, writing
    for descriptor in (reading, writing):
        # The test may have closed it.
        with suppress(OSError):
            os.close(descriptor)


@pytest.fixture(params=["polled", "read ahead"])
def reads_ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pipes cannot be polled, as on Windows, a thread reads them."""
    if request.param == "read ahead":
        monkeypatch.setattr(lines, "can_be_polled", lambda _: False)


async def all_lines(descriptor: int) -> list[bytes]:
    return [line async for line in LinesIn(LineReader(descriptor))]


async def write_all(out: LinesOut, *written: str) -> None:
    for line in written:
        out.put(line)
    out.close()
    await out.write_lines()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", []),
        (b"one\n", [b"one"]),
        (b"one\ntwo\n", [b"one", b"two"]),
        (b"one\n\ntwo", [b"one", b"", b"two"]),
        (b"bad \xff byte\n", [b"bad \xff byte"]),
        (b"carriage\r\n", [b"carriage\r"]),
    ],
)
@pytest.mark.usefixtures("reads_ahead")
async def test_lines_are_read_to_the_end(ends: tuple[int, int], sent: bytes, expected: list[bytes]) -> None:
    reading, writing = ends
    os.write(writing, sent)
    os.close(writing)

    assert await all_lines(reading) == expected


@pytest.mark.usefixtures("reads_ahead")
def test_another_thread_can_end_a_wait(ends: tuple[int, int]) -> None:
    reader = LineReader(ends[0])
    reader.wake()
    reader.wait()

    assert not reader.lines
    os.write(ends[1], b"half a line, ")
    reader.wait()
    assert not reader.lines
    os.write(ends[1], b"and the rest\n")
    reader.wait()
    assert [*reader.lines] == [b"half a line, and the rest"]
    os.close(ends[1])
    reader.wait()
    assert reader.ended


async def test_a_line_may_come_in_pieces_and_be_long(ends: tuple[int, int]) -> None:
    reading, writing = ends
    long = "é" * 300_000

    async def write() -> None:
        await write_all(LinesOut(writing, unsent=b"the rest of a line\n"), long, "second")
        os.close(writing)

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            assert await all_lines(reading) == [b"the rest of a line", long.encode(), b"second"]


async def test_waiting_for_a_line_can_be_cancelled(ends: tuple[int, int]) -> None:
    with anyio.move_on_after(0.05) as scope:
        await all_lines(ends[0])

    assert scope.cancelled_caught


async def test_waiting_for_a_reader_can_be_cancelled(ends: tuple[int, int]) -> None:
    with anyio.move_on_after(0.05) as scope:
        await write_all(LinesOut(ends[1]), "x" * 4_000_000)

    assert scope.cancelled_caught


async def test_a_reader_that_has_gone_is_an_error(ends: tuple[int, int]) -> None:
    reading, writing = ends
    os.close(reading)

    with pytest.raises(BrokenPipeError):
        await write_all(LinesOut(writing), "x")


async def test_separators_that_break_clients_are_escaped(ends: tuple[int, int]) -> None:
    reading, writing = ends

    await write_all(LinesOut(writing), '{"a":"1\x852\u20283\u20294"}')
    os.close(writing)

    assert await all_lines(reading) == [b'{"a":"1\\u00852\\u20283\\u20294"}']


async def test_only_the_first_of_the_lines_to_drop_is_dropped(ends: tuple[int, int]) -> None:
    reading, writing = ends

    await write_all(LinesOut(writing, dropped=b'{"id":"x",'), '{"id":1,}', '{"id":"x",}', '{"id":"x",1}')
    os.close(writing)

    assert await all_lines(reading) == [b'{"id":1,}', b'{"id":"x",1}']


async def test_files_and_the_null_device_serve_as_well(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    with file.open("wb") as target:
        await write_all(LinesOut(target.fileno()), "one", "two")

    with file.open("rb") as source, Path(os.devnull).open("rb") as nothing:
        assert await all_lines(source.fileno()) == [b"one", b"two"]
        assert await all_lines(nothing.fileno()) == []
