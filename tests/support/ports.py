"""Ports for programs that must be told one."""

import secrets
import socket
from contextlib import suppress


def free_port() -> int:
    """Return a port of loopback from below the range that the system gives away: nobody takes it meanwhile."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
