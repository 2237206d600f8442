"""How far a probe gets, against servers that fail at each step."""

import gc
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import pytest

import faults
from convirza_mcp.api.http.connection import Obstacle
from convirza_mcp.api.http.probe import Probe, probe
from convirza_mcp.errors import SettingsError
from faults import FaultServer, closed_port
from faults.certificates import Authority
from faults.proofs import assert_only_gets

pytestmark = pytest.mark.usefixtures("no_proxy")

NOW = datetime(2026, 4, 3, 12, 0, tzinfo=UTC)


async def probed(url: str, seconds: float = 20.0) -> Probe:
    return await probe(url, seconds=seconds, now=lambda: NOW)


def dated(moment: datetime, *others: tuple[str, str]) -> faults.Answer:
    return faults.status(404, headers=[("Date", format_datetime(moment, usegmt=True)), *others])


@pytest.mark.parametrize("status", [200, 301, 401, 404, 500])
async def test_any_answer_is_one_and_it_takes_one_get_without_a_token(status: int) -> None:
    with FaultServer(faults.status(status)) as host:
        assert await probed(host.base_url) == Probe("127.0.0.1", None)

        assert_only_gets(host)
        assert [(request.path, request.header("authorization")) for request in host.requests] == [("/v3", None)]


@pytest.mark.usefixtures("trusted")
async def test_over_tls_with_a_good_certificate(authority: Authority) -> None:
    with FaultServer(dated(NOW), tls=authority.serves()) as host:
        assert await probed(host.base_url) == Probe("127.0.0.1", None, ahead=timedelta(0))


@pytest.mark.parametrize("hours", [-2, 0, 2])
async def test_the_clock_is_compared(hours: int) -> None:
    with FaultServer(dated(NOW - timedelta(hours=hours))) as host:
        assert (await probed(host.base_url)).ahead == timedelta(hours=hours)


async def test_an_answer_out_of_a_cache_is_as_old_as_it_says() -> None:
    with FaultServer(dated(NOW - timedelta(hours=2), ("Age", "7200"))) as host:
        assert (await probed(host.base_url)).ahead == timedelta(0)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Apr 2026 12:00:00 GMT", "9" * 400])
async def test_an_unreadable_date_header_is_ignored(date: str) -> None:
    with FaultServer(faults.status(404, headers=[("Date", date)])) as host:
        assert await probed(host.base_url) == Probe("127.0.0.1", None)


@pytest.mark.parametrize("headers", [[], [("Date", "soon")]], ids=["no date", "no readable date"])
async def test_the_envelope_s_time_counts_where_the_answer_has_no_date(headers: list[tuple[str, str]]) -> None:
    body = {"code": 401, "message": "Unauthorized", "timestamp": (NOW - timedelta(hours=2)).isoformat()}
    for answer, ahead in (
        (faults.status(401, json.dumps(body).encode(), headers), timedelta(hours=2)),
        (faults.status(401, b'{"timestamp":"2026"}', headers), None),
        (faults.status(401, b"<html>", headers), None),
        (faults.truncated(code=401), None),
    ):
        with FaultServer(answer) as host:
            assert await probed(host.base_url) == Probe("127.0.0.1", None, ahead=ahead)


async def test_a_name_without_an_address() -> None:
    made = await probed("https://convirza.invalid/v3")

    assert made == Probe("convirza.invalid", Obstacle.UNKNOWN_NAME)


async def test_a_look_up_that_hangs_is_given_up() -> None:
    let_go = threading.Event()

    made = await probe("http://localhost:9/v3", seconds=0.2, resolve=lambda _host, _port: let_go.wait())
    let_go.set()

    assert made == Probe("localhost", Obstacle.UNKNOWN_NAME)


async def test_a_closed_port_is_no_connection() -> None:
    made = await probed(f"http://127.0.0.1:{closed_port()}/v3")

    assert made == Probe("127.0.0.1", Obstacle.NO_CONNECTION)


async def test_an_unknown_authority_is_told_apart(authority: Authority) -> None:
    with FaultServer(faults.page(), tls=authority.serves()) as host:
        assert await probed(host.base_url) == Probe("127.0.0.1", Obstacle.UNKNOWN_AUTHORITY)

        assert host.received == b""


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("host", "expired", "obstacle"),
    [
        ("127.0.0.1", True, Obstacle.OUT_OF_DATE),
        ("127.0.0.2", False, Obstacle.OTHER_HOST),
        ("login.hotel.example", False, Obstacle.OTHER_HOST),
    ],
)
async def test_a_certificate_that_proves_nothing(
    authority: Authority, host: str, expired: bool, obstacle: Obstacle
) -> None:
    with FaultServer(faults.page(), tls=authority.serves(host, expired=expired)) as server:
        assert await probed(server.base_url) == Probe("127.0.0.1", obstacle)

        assert server.received == b""


async def test_a_host_that_speaks_no_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        made = await probed(f"https://127.0.0.1:{plain.getsockname()[1]}/v3")
        thread.join()

    assert made == Probe("127.0.0.1", Obstacle.NO_TLS)


async def test_a_handshake_that_never_ends_is_given_up_and_its_connection_let_go() -> None:
    with FaultServer(faults.page()) as host:
        made = await probed(host.base_url.replace("http:", "https:"), seconds=1.0)
        let_go = await anyio.to_thread.run_sync(host.all_closed)

    gc.collect()
    assert made == Probe("127.0.0.1", Obstacle.NO_TLS)
    assert let_go


@pytest.mark.parametrize("answer", [faults.hang(), faults.nonsense(), faults.reset_after(5)])
async def test_a_connection_without_an_answer_is_told_apart(answer: faults.Answer) -> None:
    with FaultServer(answer) as host:
        assert await probed(host.base_url, seconds=0.5) == Probe("127.0.0.1", Obstacle.NO_ANSWER)


async def test_a_proxy_that_gives_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in (faults.status(403), faults.hang()):
        with FaultServer(answer) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://localhost:{proxy.port}")
            made = await probed("https://platform-api.convirza.example/v3", seconds=1.5)

            assert made == Probe("platform-api.convirza.example", Obstacle.PROXY, proxied=True)
            assert [request.method for request in proxy.requests] == ["CONNECT"]

    monkeypatch.setenv("HTTPS_PROXY", f"http://localhost:{closed_port()}")
    assert (await probed("https://platform-api.convirza.example/v3")).obstacle is Obstacle.PROXY


async def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:canary@127.0.0.1")

    with pytest.raises(SettingsError) as refused:
        await probed("https://platform-api.convirza.example/v3")

    assert "canary" not in str(refused.value)
