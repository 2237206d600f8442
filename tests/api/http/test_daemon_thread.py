import subprocess
import sys
import threading

import anyio
import pytest

from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread


async def test_the_result_or_error_of_the_work_is_returned() -> None:
    assert await run_in_daemon_thread(lambda: 7) == 7
    with pytest.raises(KeyError):
        await run_in_daemon_thread(lambda: {}["missing"])


async def test_waiting_can_be_given_up() -> None:
    let_go = threading.Event()

    with anyio.move_on_after(0.05) as scope:
        await run_in_daemon_thread(let_go.wait)
    let_go.set()

    assert scope.cancelled_caught


def test_the_process_ends_without_it() -> None:
    program = (
        "import anyio, threading\n"
        "from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread\n"
        "async def main():\n"
        "    with anyio.move_on_after(0.05):\n"
        "        await run_in_daemon_thread(threading.Event().wait)\n"
        "anyio.run(main)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=20, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
