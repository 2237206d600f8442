"""Ports for programs that must be told one, and waiting for such a program."""

import secrets
import socket
import time
from contextlib import suppress


def free_port() -> int:
    """Return a port of loopback from below the range that the system gives away: nobody takes it meanwhile."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for(port: int) -> None:
    """Return when something listens on a port of loopback."""
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return
