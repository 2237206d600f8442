"""Proxy variables as people have them set: the one that counts is used, and no other one matters."""

import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest

import faults
from convirza_mcp import ConvirzaClient
from convirza_mcp.api.http.proxy import proxy_for
from convirza_mcp.errors import ConnectionBrokenError, SettingsError
from faults import FaultServer
from faults.canaries import TOKEN

CASES = tomllib.loads((Path(__file__).parent / "proxies.toml").read_text(encoding="utf-8"))["environment"]

pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.mark.parametrize("case", CASES, ids=[str(case["input"]) for case in CASES])
def test_the_proxy_that_counts(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in case["input"].items():
        monkeypatch.setenv(name, value)

    url = httpx2.URL(case.get("url", "https://platform-api.convirza.com/v3"))
    if case["expected"] == "refused":
        with pytest.raises(SettingsError, match=f"^{next(iter(case['input']))} is a placeholder"):
            proxy_for(url)
        return
    proxy = proxy_for(url)

    assert proxy == (None if case["expected"] == "direct" else (case["expected"], case["setting"]))


async def test_a_variable_that_does_not_apply_keeps_nothing_from_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(*[faults.status(403)] * 3) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
        monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:1")
        async with ConvirzaClient(TOKEN, base_url="https://convirza.invalid/v3", timeout=20.0) as client:
            with pytest.raises(ConnectionBrokenError):
                await client.list_sms_conversations()

        assert {request.method for request in proxy.requests} == {"CONNECT"}


def test_the_variable_that_applies_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://ana:canary@127.0.0.1:1")

    with pytest.raises(SettingsError) as caught:
        ConvirzaClient(TOKEN, base_url="https://convirza.invalid/v3")

    assert "ALL_PROXY" in str(caught.value)
    assert "canary" not in str(caught.value)
