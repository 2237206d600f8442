"""A client that listens over stdio: it is told what it will hear of, and keeps no server from ending."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.subscriptions import MAX_SUBSCRIPTIONS
from support.processes import ServerProcess, close_stdin, server_process, terminate

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")]

INBOX = "convirza://sms/inbox"
# The promise is two seconds; on a busy machine it is bounded at three times that.
SOON = 6.0


@pytest.mark.parametrize("end", [close_stdin, terminate])
def test_a_subscription_ends_with_the_server(end: Callable[[ServerProcess], None]) -> None:
    with Sandbox(conversations=20) as sandbox:
        settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        with server_process(era="auto", **settings) as server:
            server.request(7, "subscriptions/listen", {"notifications": {"resourceSubscriptions": [INBOX]}})
            acknowledged: dict[str, Any] = server.receive()
            server.call(8, {"limit": 1})
            answered = server.receive()
            end(server)
            status, _, log = server.end(within=SOON)

    assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
    assert acknowledged["params"]["notifications"] == {"resourceSubscriptions": [INBOX]}
    assert acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 7
    # Others are answered meanwhile.
    assert (answered["id"], len(answered["result"]["structuredContent"]["rows"])) == (8, 1)
    assert [(each.method, dict(each.query)["limit"]) for each in sandbox.requests] == [("GET", "200"), ("GET", "1")]
    assert status == 0
    assert "Traceback" not in log


def test_subscriptions_are_limited_and_a_cancelled_one_makes_room() -> None:
    with Sandbox(conversations=20) as sandbox:
        settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        with server_process(era="auto", **settings) as server:

            def listen(number: int) -> dict[str, Any]:
                server.request(number, "subscriptions/listen", {"notifications": {"resourceSubscriptions": [INBOX]}})
                return server.receive()

            for number in range(1, MAX_SUBSCRIPTIONS + 1):
                assert listen(number)["method"] == "notifications/subscriptions/acknowledged"
            refused = listen(100)
            for number in range(1, 40):
                server.cancel(number)
                # Answered after that, so the place is free.
                server.request(1_000 + number, "tools/list")
                assert server.receive()["id"] == 1_000 + number
                assert listen(MAX_SUBSCRIPTIONS + number)["method"] == "notifications/subscriptions/acknowledged"

    assert (refused["id"], "error" in refused) == (100, True)
    # However many come and go within a minute, there is one look at the inbox.
    assert len(sandbox.requests) == 1
