"""Every fault of a renewal, with every logger at DEBUG: both tokens are where they belong, and only there."""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import faults
from faults import Answer, FaultServer
from faults.cases import both_eras
from faults.exchange import Exchange
from faults.proofs import assert_untouched
from support import egress
from support.ended_login import store_ended_login
from support.processes import TALKATIVE, close_stdin, server_process

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")]

ACCESS, REFRESH = "CNVZ-AT-7f3e9d", "CNVZ-RT-51c0aa"
RENEWED_ACCESS, RENEWED_REFRESH = "CNVZ-AT-b2c4e6", "CNVZ-RT-88d1f0"
EVERY = (ACCESS, REFRESH, RENEWED_ACCESS, RENEWED_REFRESH)
# As a careless service repeats what it was sent.
WORDS = json.dumps({"error": "invalid_grant", "message": " ".join(EVERY), "requestId": "7c9e-11"}).encode()
GOOD = {"access_token": RENEWED_ACCESS, "refresh_token": RENEWED_REFRESH, "expires_in": "2099-01-01T00:00:00.000Z"}


def failures(elsewhere: str) -> dict[str, Callable[[], Answer]]:
    return {
        **{str(code): partial(faults.status, code, WORDS) for code in (204, 400, 401, 403, 404, 418, 500, 503)},
        "429": partial(faults.status, 429, WORDS, [("Retry-After", "0")]),
        "307": partial(faults.redirect, 307, f"{elsewhere}/oauth/refresh-token?{REFRESH}"),
        "302": partial(faults.redirect, 302, f"file:///{REFRESH}"),
        "a web page": partial(faults.html, 200),
        "a web page with 500": partial(faults.html, 500),
        "no JSON": partial(faults.json_body, WORDS[:-20]),
        "null": partial(faults.json_body, None),
        "a list": partial(faults.json_body, [RENEWED_ACCESS]),
        "no access token": partial(faults.json_body, {"refresh_token": RENEWED_REFRESH}),
        "a token with a line break": partial(faults.json_body, {"access_token": f"{RENEWED_ACCESS}\nX: 1"}),
        "reset": faults.reset_after,
        "too short": faults.truncated,
        "no gzip": faults.broken_gzip,
        "a flood": partial(faults.flood, 1),
        "another protocol": faults.nonsense,
    }


@both_eras
def test_no_fault_of_a_renewal_brings_a_token_out(tmp_path: Path, era: str) -> None:
    state, log = tmp_path / "state", tmp_path / "everything.log"
    script: list[Answer] = []

    async def answer(exchange: Exchange) -> None:
        await (faults.page() if exchange.request.method == "GET" else script[-1])(exchange)

    with FaultServer(faults.page()) as elsewhere, FaultServer(answer) as convirza:
        for name in ("tmp", "home"):
            (tmp_path / name).mkdir()
        settings = {
            "TMPDIR": str(tmp_path / "tmp"),
            "HOME": str(tmp_path / "home"),
            "XDG_STATE_HOME": str(state),
            "CONVIRZA_BASE_URL": convirza.base_url,
            "CONVIRZA_OAUTH_URL": convirza.origin,
            "CONVIRZA_TIMEOUT": "1",
            **egress.watched(tmp_path / "egress"),
        }
        said = ""
        with server_process([sys.executable, "-c", TALKATIVE, str(log)], era=era, **settings) as server:
            for number, failing in enumerate(failures(elsewhere.origin).values(), 1):
                # A new login counts at once, whatever became of the one before.
                store_ended_login(state, convirza.origin, f"{ACCESS}-{number}", f"{REFRESH}-{number}")
                script.append(failing())
                server.call(number, {"offset": number})
                answered = server.receive()
                assert (answered["id"], answered["result"]["isError"]) == (number, True)
                said += json.dumps(answered)
            asked = len(convirza.requests)
            store = store_ended_login(state, convirza.origin, f"{ACCESS}-last", f"{REFRESH}-last")
            script.append(faults.json_body(GOOD))
            server.call(0, {})
            said += json.dumps(server.receive())
            kept = store.read()
            # The last one gets no answer: the process ends in the middle of it.
            store_ended_login(state, convirza.origin, f"{ACCESS}-hang", f"{REFRESH}-hang")
            script.append(faults.hang())
            server.call(1_000, {"offset": 1_000})
            said += json.dumps(server.receive())
            cmdline = Path(f"/proc/{server.process.pid}/cmdline")
            said += cmdline.read_text(encoding="utf-8") if cmdline.exists() else ""
            close_stdin(server)
            status, rest, err = server.end(6)

        assert_untouched(elsewhere)
        requests = convirza.requests
        received = convirza.received.decode("latin-1")
        port = convirza.port
    assert (status, rest) == (0, "")
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["outcome"] for line in lines[-2:]] == ["ok", "APITimeoutError"]
    assert {line["outcome"] for line in lines[:-2]} <= {"LoginExpiredError", "LoginRefreshError"}
    # One question for each fault: whatever became of it, it is not asked again.
    assert [request.method for request in requests].count("POST") == asked + 2 == len(script)
    assert [request.path for request in requests if request.method == "GET"] == ["/v3/conversations/sms"]
    for number in [*range(1, asked + 1), "last", "hang"]:
        # A connection that is reset may take a body along that nobody has read yet.
        assert received.count(f'{REFRESH}-{number}"') <= 1
        assert f"{ACCESS}-{number}" not in received
    assert received.count(REFRESH) > asked - 3
    assert received.count(f"Bearer {RENEWED_ACCESS}\r\n") == received.count(RENEWED_ACCESS) == 1
    assert RENEWED_REFRESH not in received

    everything = log.read_text(encoding="utf-8")
    assert "DEBUG" in everything
    assert not any(secret in said + err + everything for secret in ("CNVZ", "7f3e9d", "51c0aa", "b2c4e6", "88d1f0"))
    for path in (each for each in tmp_path.rglob("*") if each.is_file() and each != store.path):
        assert b"CNVZ" not in path.read_bytes(), path
    assert kept is not None
    assert (kept.pair.access_token, kept.pair.refresh_token) == (RENEWED_ACCESS, RENEWED_REFRESH)
    assert {*egress.seen(tmp_path / "egress")} == {("socket.connect", ("127.0.0.1", port))}
