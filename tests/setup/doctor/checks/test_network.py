"""What is said of each obstacle; how they are told apart is `tests/api/test_probe.py`'s affair."""

from pathlib import Path

import pytest

import faults
from convirza_mcp.setup.clients.environment import NETWORK
from convirza_mcp.setup.doctor.checks.network import INBOX, LOGIN, probe_host
from convirza_mcp.setup.doctor.checks.settings import read_settings
from convirza_mcp.setup.doctor.finding import Finding
from faults import FaultServer, closed_port
from faults.canaries import TOKEN, canaries_in
from faults.certificates import Authority
from support.snapshots import Snapshot

pytestmark = pytest.mark.usefixtures("no_proxy")


async def reached(base_url: str) -> Finding:
    read = read_settings({"CONVIRZA_BASE_URL": base_url, "CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_TOKEN": TOKEN})
    return (await probe_host(INBOX, read, seconds=20.0))[0]


async def test_hosts_that_answer_are_found_without_a_token() -> None:
    with FaultServer(faults.status(404)) as inbox, FaultServer(faults.status(404)) as login:
        read = read_settings(
            {"CONVIRZA_BASE_URL": inbox.base_url, "CONVIRZA_OAUTH_URL": login.origin, "CONVIRZA_TOKEN": TOKEN}
        )
        findings = [(await probe_host(host, read))[0] for host in (INBOX, LOGIN)]

        assert [request.path for request in inbox.requests] == ["/v3"]
        assert [request.path for request in login.requests] == ["/"]
        assert canaries_in((inbox.received + login.received).decode()) == []
    assert findings == [
        Finding("inbox host", True, "127.0.0.1 answers."),
        Finding("login host", True, "127.0.0.1 answers."),
    ]


async def test_an_unreachable_host_is_told_from_an_unknown_name(snapshot: Snapshot) -> None:
    snapshot(await reached(f"http://127.0.0.1:{closed_port()}/v3"))
    snapshot(await reached("https://convirza.invalid/v3"))


async def test_an_intercepted_connection_is_named_and_sends_nothing(snapshot: Snapshot) -> None:
    with FaultServer(faults.page(), tls=Authority().serves()) as between:
        finding = await reached(between.base_url)

        assert between.received == b""
    snapshot(finding)


async def test_a_certificate_file_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))

    finding = await reached("https://convirza.invalid/v3")

    snapshot(finding)


@pytest.mark.parametrize(
    ("variable", "value"), [("HTTPS_PROXY", "socks5://127.0.0.1:9"), ("all_proxy", "socks5h://a:canary@127.0.0.1:9")]
)
async def test_the_variable_that_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, snapshot: Snapshot
) -> None:
    for name in NETWORK:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)

    finding = await reached("https://convirza.invalid/v3")

    snapshot(finding)


async def test_an_address_that_cannot_be_used_is_not_replaced_by_another(snapshot: Snapshot) -> None:
    finding, probe = await probe_host(INBOX, read_settings({"CONVIRZA_BASE_URL": "http://convirza.example"}))

    assert probe is None
    snapshot(finding)
