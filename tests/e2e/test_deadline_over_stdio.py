"""The time of a call is the time of a call: whatever takes for ever, its answer comes when that has run out."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.cases import each_era
from support.ended_login import store_ended_login
from support.processes import ServerProcess, server_process

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")]

TOKEN = {"CONVIRZA_TOKEN": "CNVZ-AT-7f3e9d"}
# What a name server does that takes its time. anyio hands the host over as bytes.
SLOW_NAMES = """
import socket, time
plain = socket.getaddrinfo
def slow(host, *rest, **more):
    if host in ("slow.example", b"slow.example"):
        time.sleep(60)
    return plain(host, *rest, **more)
socket.getaddrinfo = slow
"""


@contextmanager
def hanging(_: Path) -> Iterator[dict[str, str]]:
    with FaultServer(faults.hang()) as convirza:
        yield {"CONVIRZA_BASE_URL": convirza.base_url, **TOKEN}


@contextmanager
def dripping(_: Path) -> Iterator[dict[str, str]]:
    with FaultServer(faults.drip()) as convirza:
        yield {"CONVIRZA_BASE_URL": convirza.base_url, **TOKEN}


@contextmanager
def silent_tls(_: Path) -> Iterator[dict[str, str]]:
    # A plain server waits for the end of a request that the client's first handshake message is not.
    with FaultServer(faults.page()) as convirza:
        yield {"CONVIRZA_BASE_URL": convirza.base_url.replace("http:", "https:"), **TOKEN}


@contextmanager
def slow_names(folder: Path) -> Iterator[dict[str, str]]:
    (folder / "sitecustomize.py").write_text(SLOW_NAMES, encoding="utf-8")
    yield {"CONVIRZA_BASE_URL": "https://slow.example/v3", "PYTHONPATH": str(folder), **TOKEN}


@contextmanager
def silent_oauth(folder: Path) -> Iterator[dict[str, str]]:
    with FaultServer(faults.hang()) as convirza:
        store_ended_login(folder, convirza.origin, "CNVZ-AT-7f3e9d", "CNVZ-RT-51c0aa")
        yield {
            "CONVIRZA_BASE_URL": convirza.base_url,
            "CONVIRZA_OAUTH_URL": convirza.origin,
            "XDG_STATE_HOME": str(folder),
        }


SLOWNESSES = [hanging, dripping, silent_tls, slow_names, silent_oauth]
NO_PROXIES = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), "")


def time_of_a_call(server: ServerProcess, **given: Any) -> float:
    began = time.monotonic()
    server.call(1, given)
    result = server.receive()["result"]
    took = time.monotonic() - began
    assert result["isError"] is True
    assert " in time" in result["content"][0]["text"] or " within " in result["content"][0]["text"]
    return took


@each_era
@pytest.mark.parametrize("slowness", SLOWNESSES)
def test_the_answer_comes_at_the_deadline(slowness: Callable[..., Any], era: str, tmp_path: Path) -> None:
    with (
        slowness(tmp_path) as settings,
        server_process(era=era, CONVIRZA_TIMEOUT="1", **NO_PROXIES, **settings) as server,
    ):
        assert 0.9 < time_of_a_call(server) < 3.0


def test_a_look_up_that_hangs_does_not_keep_the_process_from_ending(tmp_path: Path) -> None:
    with slow_names(tmp_path) as settings, server_process(**NO_PROXIES, **settings) as server:
        server.call(1, {})
        server.request(2, "tools/list")
        assert server.receive()["id"] == 2
        server.process.terminate()
        status, out, err = server.end(6)

    assert (status, json.loads(out)["error"]["message"]) == (0, "Connection closed")
    assert json.loads(err)["outcome"] == "cancelled"
