"""Assertions about what the fault server was sent."""

from faults.server import FaultServer


def assert_only_gets(server: FaultServer) -> None:
    """Requests are GETs without a body, and nothing was sent besides them."""
    assert {request.method for request in server.requests} <= {"GET"}
    assert all(request.header("content-length") is None for request in server.requests)
    assert all(request.header("transfer-encoding") is None for request in server.requests)
    assert server.received == b"".join(request.raw for request in server.requests)


def assert_token_only_in_authorization(server: FaultServer, token: str) -> None:
    """Each request carries the token once, as its bearer, and nowhere else."""
    assert all(request.header("authorization") == f"Bearer {token}" for request in server.requests)
    assert server.received.count(token.encode()) == len(server.requests)


def assert_no_cookies(server: FaultServer) -> None:
    assert all(request.header("cookie") is None for request in server.requests)


def assert_untouched(server: FaultServer) -> None:
    """No connection was opened."""
    assert server.connections == []
