"""Replicas with a store: which settings they compare, and when they are ready."""

import subprocess
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import VARIABLES, Settings
from convirza_mcp.store.agreement import Agreement
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, HttpSettings, shared_settings
from support.http_servers import serving
from support.processes import environment
from support.stores import STORE_KEYS

KEYS = {"CONVIRZA_STORE_KEYS": STORE_KEYS}
GIVEN = {
    "CONVIRZA_TIMEZONE": "America/Denver",
    "CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00",
    "CONVIRZA_HOLIDAYS": "US-UT",
    "CONVIRZA_OIDC_REQUIRE": "groups=a, groups=b, groups=c, domain=x",
}
PRINT = """
from convirza_mcp.settings import VARIABLES, Settings
from convirza_mcp.transports.http.settings import HttpSettings, shared_settings
print(shared_settings(Settings.from_environment(), HttpSettings.from_environment(), b"key"))
"""


def ready(transport: httpx2.AsyncBaseTransport, path: Path, **settings: str) -> Any:
    shared = shared_settings(Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC"} | settings), HttpSettings(), None)
    return serving(transport, agreement=Agreement(SQLiteStore(path), Cipher(STORE_KEYS), shared))


async def test_a_replica_with_other_settings_is_alive_and_not_ready(tmp_path: Path) -> None:
    transport, path = httpx2.MockTransport(lambda _: httpx2.Response(500)), tmp_path / "store.sqlite"
    async with AsyncExitStack() as stack:
        clients = [
            (await stack.enter_async_context(ready(transport, path, **settings)))[1]
            for settings in ({}, {"CONVIRZA_PRIVACY": "mask"}, {})
        ]
        answers = {
            each: [(await client.get(each)).status_code for client in clients] for each in ("/healthz", "/readyz")
        }

    assert answers == {"/healthz": [200, 200, 200], "/readyz": [200, 503, 200]}


async def test_without_its_store_a_replica_is_not_ready(tmp_path: Path) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(500))
    async with ready(transport, tmp_path / "none" / "store.sqlite") as (_, client):
        assert (await client.get("/readyz")).status_code == 503


def test_equal_settings_are_equal_texts_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env=environment(**GIVEN, PYTHONHASHSEED=seed),
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
    assert " at 0x" not in said.pop()


def test_what_changes_answers_is_compared_and_what_is_secret_is_not() -> None:
    settings = Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_TOKEN": "CNVZ-AT-7f3e9d"} | KEYS)
    texts = shared_settings(settings, HttpSettings(), None)

    assert texts.keys() <= {*VARIABLES, *HTTP_VARIABLES}
    assert {*VARIABLES, *HTTP_VARIABLES} - texts.keys() == {
        "CONVIRZA_TOKEN",
        "CONVIRZA_TOKEN_FILE",
        "CONVIRZA_FRONT",
        "CONVIRZA_PRIVACY_KEY",
        "CONVIRZA_PRIVACY_KEY_FILE",
        "CONVIRZA_STORE",
        "CONVIRZA_STORE_KEYS",
        "CONVIRZA_STORE_KEYS_FILE",
        "CONVIRZA_HTTP_KEYS_FILE",
        "CONVIRZA_HTTP_METRICS",
    }
    assert "CNVZ" not in str(texts)
    assert shared_settings(settings, HttpSettings(), b"a") != shared_settings(settings, HttpSettings(), b"b")
    other = replace(settings, timeout=31.0)
    differing = {name for name, text in shared_settings(other, HttpSettings(), None).items() if texts[name] != text}
    assert differing == {"CONVIRZA_TIMEOUT"}


def test_logins_in_a_store_need_a_key() -> None:
    with pytest.raises(SettingsError):
        Settings().store_cipher()
