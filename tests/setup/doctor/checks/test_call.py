import json
from collections.abc import Callable
from pathlib import Path

import pytest

import faults
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.call import check_call
from convirza_mcp.setup.doctor.checks.credential import Source
from convirza_mcp.setup.doctor.finding import Finding
from faults import Answer, FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in
from faults.proofs import assert_only_gets
from support.ended_login import store_ended_login
from support.rows import row
from support.snapshots import Snapshot

JSON = ("Content-Type", "application/json")


async def called(answer: Answer, source: Source = "environment", *, seconds: float = 5.0) -> Finding:
    with FaultServer(answer) as convirza:
        finding = await check_call(
            Settings(base_url=convirza.base_url, token=TOKEN, timeout=600.0), source, seconds=seconds
        )
        assert_only_gets(convirza)
    assert finding.name == "call"
    assert canaries_in(str(finding)) == []
    return finding


async def test_a_call_that_works_repeats_nothing_of_the_inbox(snapshot: Snapshot) -> None:
    finding = await called(faults.page([row(source=PHONE, source_name=NAME, message=MESSAGE)]))

    snapshot(finding)


async def test_a_privacy_mode_without_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "convirza-mcp"
    folder.mkdir(mode=0o700)
    (folder / "privacy.key").touch(0o600)

    with FaultServer(faults.page([row()])) as convirza:
        settings = Settings(base_url=convirza.base_url, token=TOKEN, privacy="mask")
        finding = await check_call(settings, "environment")

    snapshot(finding)


@pytest.mark.parametrize("source", ["environment", "file", "store"])
async def test_the_remedy_for_a_refused_token_names_its_source(source: Source, snapshot: Snapshot) -> None:
    body = json.dumps({"message": f"{TOKEN} {PHONE}", "requestId": "b3919985-8448-4889-bc30-0b44d3806120"}).encode()

    finding = await called(faults.status(401, body), source)

    snapshot(finding)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: faults.status(403),
        lambda: faults.status(404),
        lambda: faults.status(429, headers=[JSON, ("Retry-After", "3600")]),
        lambda: faults.status(501),
        lambda: faults.html(200),
    ],
)
async def test_each_api_error_has_its_own_remedy(answer: Callable[[], Answer], snapshot: Snapshot) -> None:
    finding = await called(answer())

    snapshot(finding)


async def test_a_login_service_that_fails_is_no_reason_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with FaultServer(faults.status(503)) as convirza:
        store_ended_login(tmp_path, convirza.origin, "ended", "still-good")
        finding = await check_call(Settings(base_url=convirza.base_url, oauth_url=convirza.origin), "store")

    snapshot(finding)


async def test_a_hanging_call_is_given_up(snapshot: Snapshot) -> None:
    finding = await called(faults.hang(), seconds=0.3)

    snapshot(finding)
