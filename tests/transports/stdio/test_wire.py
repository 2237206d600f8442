import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

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


async def all_lines(descriptor: int) -> list[str]:
    return [line async for line in LinesIn(descriptor)]


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        (b"", []),
        (b"one\n", ["one"]),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\n\ntwo", ["one", "", "two"]),
        ("é漢🎉\n".encode(), ["é漢🎉"]),
        (b"bad \xff byte\n", ["bad \ufffd byte"]),
        (b"carriage\r\n", ["carriage\r"]),
    ],
)
async def test_lines_are_read_to_the_end(ends: tuple[int, int], sent: bytes, lines: list[str]) -> None:
    reading, writing = ends
    os.write(writing, sent)
    os.close(writing)

    assert await all_lines(reading) == lines


async def test_a_line_may_come_in_pieces_and_be_long(ends: tuple[int, int]) -> None:
    reading, writing = ends
    long = "é" * 300_000
    out = LinesOut(writing)

    async def write() -> None:
        for piece in (long[:7], long[7:], "\nsecond", "\n"):
            await out.write(piece)
            await out.flush()
        os.close(writing)

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            assert await all_lines(reading) == [long, "second"]


async def test_waiting_for_a_line_can_be_cancelled(ends: tuple[int, int]) -> None:
    with anyio.move_on_after(0.05) as scope:
        await all_lines(ends[0])

    assert scope.cancelled_caught


async def test_waiting_for_a_reader_can_be_cancelled(ends: tuple[int, int]) -> None:
    out = LinesOut(ends[1])
    await out.write("x" * 4_000_000)

    with anyio.move_on_after(0.05) as scope:
        await out.flush()

    assert scope.cancelled_caught


async def test_a_reader_that_has_gone_is_an_error(ends: tuple[int, int]) -> None:
    reading, writing = ends
    os.close(reading)
    out = LinesOut(writing)
    await out.write("x\n")

    with pytest.raises(BrokenPipeError):
        await out.flush()


async def test_separators_that_break_clients_are_escaped(ends: tuple[int, int]) -> None:
    reading, writing = ends
    out = LinesOut(writing)

    await out.write('{"a":"1\x852\u20283\u20294"}\n')
    await out.flush()
    os.close(writing)

    assert await all_lines(reading) == ['{"a":"1\\u00852\\u20283\\u20294"}']


async def test_files_and_the_null_device_serve_as_well(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    with file.open("wb") as target:
        out = LinesOut(target.fileno())
        await out.write("one\ntwo\n")
        await out.flush()

    with file.open("rb") as source, Path(os.devnull).open("rb") as nothing:
        assert await all_lines(source.fileno()) == ["one", "two"]
        assert await all_lines(nothing.fileno()) == []
