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
from faults.pages import row
from faults.proofs import assert_only_gets
from support.ended_login import store_ended_login

JSON = ("Content-Type", "application/json")
REFUSED = "Convirza refused the token (401): it has expired (after 7 days), was revoked or is not a Convirza token."


async def called(answer: Answer, source: Source = "environment", *, seconds: float = 5.0) -> Finding:
    with FaultServer(answer) as convirza:
        finding = await check_call(
            Settings(base_url=convirza.base_url, token=TOKEN, timeout=600.0), source, seconds=seconds
        )
        assert_only_gets(convirza)
    assert finding.name == "call"
    assert canaries_in(str(finding)) == []
    return finding


async def test_it_works_and_nothing_of_the_inbox_is_said() -> None:
    finding = await called(faults.page([row(source=PHONE, source_name=NAME, message=MESSAGE)]))

    assert finding == Finding("call", True, "The inbox can be read.", None)


async def test_a_privacy_mode_without_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "convirza-mcp"
    folder.mkdir(mode=0o700)
    (folder / "privacy.key").touch(0o600)

    with FaultServer(faults.page([row()])) as convirza:
        settings = Settings(base_url=convirza.base_url, token=TOKEN, privacy="mask")
        finding = await check_call(settings, "environment")

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "CONVIRZA_PRIVACY needs its key, and the file privacy.key in convirza-mcp's private folder holds none, so "
        "nothing was read.",
        "Put the right one back, or delete it, which changes every alias.",
    )


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("environment", "Put a new token where CONVIRZA_TOKEN is set; or unset it, and run `convirza-mcp login`."),
        (
            "file",
            (
                "Put a new token into the file that CONVIRZA_TOKEN_FILE names; or unset it, and run "
                "`convirza-mcp login`."
            ),
        ),
        ("store", "Run `convirza-mcp login`."),
    ],
)
async def test_a_refused_token(source: Source, remedy: str) -> None:
    body = json.dumps({"message": f"{TOKEN} {PHONE}", "requestId": "b3919985-8448-4889-bc30-0b44d3806120"}).encode()

    finding = await called(faults.status(401, body), source)

    request_id = " Convirza's request id: b3919985-8448-4889-bc30-0b44d3806120."
    assert (finding.ok, finding.detail, finding.remedy) == (False, REFUSED + request_id, remedy)


@pytest.mark.parametrize(
    ("answer", "detail", "remedy"),
    [
        (
            lambda: faults.status(403),
            "Convirza denied access (403): the token's user belongs to no organization that may see this inbox.",
            "Ask a Convirza administrator.",
        ),
        (
            lambda: faults.status(404),
            "Convirza found nothing at this address (404).",
            "Check that CONVIRZA_BASE_URL is the V3 business API.",
        ),
        (
            lambda: faults.status(429, headers=[JSON, ("Retry-After", "3600")]),
            "Convirza asks for fewer requests (429).",
            "Wait 3600 seconds, then try again.",
        ),
        (
            lambda: faults.status(501),
            "Convirza failed (501): nothing is wrong with the call.",
            "Try again in a minute.",
        ),
        (
            lambda: faults.html(200),
            "127.0.0.1 answered with something other than JSON, as a sign-in page of a network does.",
            "Check the network and CONVIRZA_BASE_URL.",
        ),
    ],
)
async def test_other_faults(answer: Callable[[], Answer], detail: str, remedy: str) -> None:
    finding = await called(answer())

    assert (finding.ok, finding.detail, finding.remedy) == (False, detail, remedy)


async def test_a_login_service_that_fails_is_no_reason_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with FaultServer(faults.status(503)) as convirza:
        store_ended_login(tmp_path, convirza.origin, "ended", "still-good")
        finding = await check_call(Settings(base_url=convirza.base_url, oauth_url=convirza.origin), "store")

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "The login's access token has ended and could not be renewed: Convirza's OAuth service failed (503).",
        "Try again in a minute.",
    )


async def test_it_waits_for_no_longer_than_somebody_does() -> None:
    finding = await called(faults.hang(), seconds=0.3)

    assert (finding.ok, finding.remedy) == (False, "Try again in a minute.")
    assert finding.detail.startswith("127.0.0.1 did not answer within 0.3 seconds")
