"""Metrics: what is counted, under which labels, and that no caller's text is among them."""

import socket

import httpx2
import pytest

from convirza_mcp.accounts.calls import observers
from convirza_mcp.errors import SettingsError
from convirza_mcp.transports.http.metrics import Metrics
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL, headers, message, serving
from support.ports import free_port
from support.rows import answering, envelope, row

METRICS = HttpSettings(http_url=URL, http_metrics=("127.0.0.1", 1))


async def test_calls_and_refusals_are_counted() -> None:
    async with serving(answering(envelope([row(1)])), METRICS) as (app, client):
        assert app.metrics is not None
        for name in ("list_sms_conversations", "tell_me_of_priya"):
            call = message("tools/call", {"name": name, "arguments": {"search": "canary-sms-8841"}})
            await client.post(URL, json=call, headers=headers("tools/call", name))
        await client.get("/mcp")
        port = free_port()
        stop = app.metrics.serve("127.0.0.1", port)
        try:
            async with httpx2.AsyncClient() as scraper:
                page = (await scraper.get(f"http://127.0.0.1:{port}/metrics")).text
        finally:
            stop()

    assert 'convirza_calls_total{kind="tool",name="list_sms_conversations",outcome="ok"} 1.0' in page
    assert 'convirza_calls_total{kind="tool",name="unknown",outcome="UnknownTool"} 1.0' in page
    assert 'convirza_refusals_total{status="405"} 1.0' in page
    assert "convirza_upstream_requests_total 1.0" in page
    assert "convirza_accounts_open 1.0" in page
    assert "convirza_listeners 0.0" in page
    assert "priya" not in page
    assert "canary" not in page
    assert observers == []


def test_an_address_that_cannot_be_bound_is_a_setting_s_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError):
        Metrics({}).serve("127.0.0.1", taken.getsockname()[1])
