"""The port that the sandbox listens on."""

import os
import socket


class PortError(Exception):
    """The port cannot be listened on; the message is one sentence that names it and what to do."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a TCP socket that listens on an IPv4 address and a port, 0 for a free one; PortError on failure."""
    # Named as TCP, which `socket.create_server` leaves out: asyncio switches Nagle's algorithm off only on such
    # sockets, and with it on, every answer waits 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # So that a sandbox can follow at once on one that has just ended; on Windows it would mean sharing.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as refused:
        listening.close()
        reason = refused.strerror if isinstance(refused, OSError) else "there is no such port"
        raise PortError(
            f"Port {port} on {host} cannot be used ({reason}): choose another, or 0 for a free one."
        ) from None
    return listening
