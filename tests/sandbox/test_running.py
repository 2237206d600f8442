"""Starting, asking at once, recording and stopping."""

import gc
import logging
import socket
import threading
from datetime import UTC, datetime

import anyio
import httpx2
import pytest

from convirza_mcp.sandbox import PortError, Sandbox
from support.http_servers import until


def get(sandbox, **parameters):
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    # Loopback has no TLS; reading the machine's certificates would take longer than the test.
    return httpx2.get(sandbox.base_url + "/conversations/sms", params=parameters, headers=headers, verify=False)


def test_the_address_exists_only_while_it_serves():
    sandbox = Sandbox(conversations=3)
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sandbox.base_url
    with sandbox:
        address = sandbox.base_url
        assert get(sandbox).status_code == 200
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sandbox.base_url
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)
    assert "convirza-sandbox" not in {thread.name for thread in threading.enumerate()}


def test_a_sandbox_can_serve_again_but_not_twice_at_once():
    sandbox = Sandbox(conversations=3)
    with sandbox, pytest.raises(RuntimeError, match="already"):
        sandbox.__enter__()
    with sandbox:
        assert get(sandbox).status_code == 200


def test_a_taken_port_is_one_sentence():
    with Sandbox(conversations=1) as first:
        port = int(first.base_url.split(":")[2].split("/")[0])
        with pytest.raises(PortError, match=rf"Port {port} on 127\.0\.0\.1 cannot be used") as refused:
            Sandbox(conversations=1, port=port).__enter__()
        assert "\n" not in str(refused.value)
    with Sandbox(conversations=1, port=port) as second:
        assert second.base_url == f"http://127.0.0.1:{port}/v3"
        assert get(second).status_code == 200


def test_a_sandbox_listens_on_loopback_only():
    with Sandbox(conversations=1) as sandbox:
        assert sandbox.base_url.startswith("http://127.0.0.1:")


def test_every_request_is_recorded_with_its_status():
    with Sandbox(conversations=20, token="secret") as sandbox:
        get(sandbox, search="a b", limit="5")
        httpx2.get(sandbox.base_url + "/conversations/sms?limit=1&limit=2", headers={"X-Trace": "1"})
        httpx2.post(sandbox.base_url + "/elsewhere")
    first, second, third = sandbox.requests
    assert (first.method, first.path, first.status) == ("GET", "/v3/conversations/sms", 200)
    assert first.query == [("search", "a b"), ("limit", "5")]
    assert first.headers["authorization"] == "Bearer secret"
    assert (second.query, second.status, second.headers["x-trace"]) == ([("limit", "1"), ("limit", "2")], 401, "1")
    assert (third.method, third.path, third.status) == ("POST", "/v3/elsewhere", 404)


def test_asking_directly_is_not_recorded():
    with Sandbox(conversations=20) as sandbox:
        sandbox.ask()
        assert sandbox.requests == []


def test_without_a_now_the_clock_runs():
    before = datetime.now(UTC)
    sandbox = Sandbox(conversations=0)
    assert before <= sandbox.now <= datetime.now(UTC)
    frozen = datetime(2026, 3, 5, tzinfo=UTC)
    assert Sandbox(conversations=0, now=frozen).now == frozen


async def test_many_at_once_get_their_own_answers():
    with Sandbox(conversations=300, delay=0.01) as sandbox:
        pages = {}

        async def ask(offset):
            response = await client.get("/conversations/sms", params={"offset": offset, "limit": 1, "type": "close"})
            pages[offset] = response.json()["data"]["conversation"]

        headers = {"Authorization": f"Bearer {sandbox.token}"}
        async with (
            httpx2.AsyncClient(base_url=sandbox.base_url, headers=headers) as client,
            anyio.create_task_group() as group,
        ):
            for offset in range(40):
                group.start_soon(ask, offset)
    whole = sandbox.ask(type="close").rows
    assert pages == {offset: whole[offset : offset + 1] for offset in range(40)}


async def test_stopping_cuts_an_answer_short_and_leaves_nothing_open(caplog, capfd):
    def wait_for_ever():
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(b"GET /v3/conversations/sms HTTP/1.1\r\nHost: x\r\n\r\n")
            received.append(waiting.recv(100))

    received = []
    with caplog.at_level(logging.WARNING), Sandbox(conversations=1, delay=3600) as sandbox:
        port = int(sandbox.base_url.split(":")[2].split("/")[0])
        idle = httpx2.Client()
        asker = threading.Thread(target=wait_for_ever)
        asker.start()
        await until(lambda: len(sandbox.requests) == 1)
    asker.join(timeout=10)
    assert not asker.is_alive()
    idle.close()
    gc.collect()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_stopping_with_an_idle_connection_open():
    with httpx2.Client() as idle, Sandbox(conversations=1) as sandbox:
        assert idle.get(sandbox.base_url + "/conversations/sms").status_code == 401
    gc.collect()


def test_an_error_in_the_block_comes_through():
    with pytest.raises(KeyError, match="mine"), Sandbox(conversations=1):
        raise KeyError("mine")
