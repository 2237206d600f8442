"""One connection pool for the clients of many accounts."""

import json
from contextlib import AsyncExitStack

import anyio
import httpx2

from convirza_mcp import ConvirzaClient
from convirza_mcp.api.http.connection import REQUESTS_AT_ONCE, SharedConnections
from faults import FaultServer, cookie, hang, page
from faults.answers import json_body
from support.rows import envelope


async def test_accounts_share_a_connection_and_nothing_else() -> None:
    with FaultServer(cookie("session=ann", json.dumps(envelope()).encode()), page()) as convirza:
        connections = SharedConnections(httpx2.URL(convirza.base_url))
        for name in ("ann", "ben", "eve"):
            # One that closes leaves the connection to the next.
            async with ConvirzaClient(name, base_url=convirza.base_url, transport=connections) as client:
                await client.list_sms_conversations()
        assert not convirza.connections[0].closed
        await connections.aclose_all()

        assert convirza.all_closed()
        (connection,) = convirza.connections
        assert [each.header("authorization") for each in connection.requests] == [
            "Bearer ann",
            "Bearer ben",
            "Bearer eve",
        ]
        assert [each.header("cookie") for each in connection.requests] == [None, None, None]


async def test_an_account_that_waits_holds_up_no_other() -> None:
    answers = [*[hang()] * REQUESTS_AT_ONCE, json_body(envelope([]))]
    with FaultServer(*answers) as convirza:
        connections = SharedConnections(httpx2.URL(convirza.base_url))
        async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
            stack.push_async_callback(connections.aclose_all)
            ann, ben = [
                await stack.enter_async_context(ConvirzaClient(name, base_url=convirza.base_url, transport=connections))
                for name in ("ann", "ben")
            ]
            for _ in range(REQUESTS_AT_ONCE):
                tasks.start_soon(ann.list_sms_conversations)
            while len(convirza.requests) < REQUESTS_AT_ONCE:  # noqa: ASYNC110 - another thread has no event for it
                await anyio.sleep(0.01)
            assert (await ben.list_sms_conversations()).conversations == ()
            tasks.cancel_scope.cancel()
