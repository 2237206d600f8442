"""A renewal that fails: what is said, what serves meanwhile, and when it is tried again."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from convirza_mcp.api.login.store import STORE_NAME, CredentialStore
from convirza_mcp.errors import ConvirzaError, CredentialUnusableError, LoginExpiredError, LoginRefreshError
from support.logins import A_DAY, A_MINUTE, AN_HOUR, FIRST, SECOND, Clock, Service, login, opened_token, stored
from support.snapshots import Snapshot


async def test_expired_login_is_not_retried_for_a_minute(
    ended: CredentialStore, clock: Clock, service: Service, snapshot: Snapshot
) -> None:
    before = ended.path.read_bytes()
    sentences: set[str] = set()
    service.faults = [httpx2.Response(400, json={"error": "invalid_grant"}), httpx2.Response(401)]
    asked = []
    async with opened_token(ended, service) as credential:
        for seconds in (0, 59, 1):
            clock.pass_by(timedelta(seconds=seconds))
            for _ in range(20):
                with pytest.raises(LoginExpiredError) as caught:
                    await credential.bearer_token()
                sentences.add(str(caught.value))
            with pytest.raises(LoginExpiredError):
                await credential.try_refresh(FIRST)
            asked.append(len(service.asked))

    assert asked == [1, 1, 2]
    snapshot(*sorted(sentences))
    assert ended.path.read_bytes() == before


async def test_a_refused_renewal_is_said_at_once_and_not_when_the_last_token_ends(
    due: CredentialStore, service: Service
) -> None:
    service.faults = [httpx2.Response(401)]
    async with opened_token(due, service) as credential:
        for _ in range(3):
            with pytest.raises(LoginExpiredError):
                await credential.bearer_token()

    assert service.asked == ["CNVZ-RT-1"]


LOST: list[httpx2.Response | Exception] = [
    httpx2.ReadTimeout("CNVZ-RT-1"),
    httpx2.RemoteProtocolError("CNVZ-RT-1"),
    httpx2.Response(500),
    httpx2.Response(200, text="<html>"),
]


@pytest.mark.parametrize("fault", LOST, ids=["time-out", "reset", "500", "sign-in page"])
async def test_when_the_answer_is_lost_the_old_token_serves_until_its_end(
    due: CredentialStore, clock: Clock, service: Service, fault: Any
) -> None:
    service.faults = [fault]
    asked = []
    async with opened_token(due, service) as credential:
        for _ in range(23):
            assert await credential.bearer_token() == FIRST
            clock.pass_by(AN_HOUR)
        asked.append(len(service.asked))
        # The refresh token may be spent, but nothing else is left to try.
        clock.pass_by(AN_HOUR)
        assert await credential.bearer_token() == SECOND
        asked.append(len(service.asked))

    assert asked == [1, 2]


async def test_when_no_request_got_out_it_is_tried_again_in_a_minute(
    due: CredentialStore, clock: Clock, service: Service
) -> None:
    service.faults = [httpx2.ConnectError("") for _ in range(3)]
    tokens = []
    async with opened_token(due, service) as credential:
        for _ in range(3):
            tokens.append(await credential.bearer_token())
            clock.pass_by(A_MINUTE / 2)

    assert tokens == [FIRST, FIRST, SECOND]


async def test_a_refused_token_is_not_kept_alive_by_its_clock(due: CredentialStore, service: Service) -> None:
    service.faults = [httpx2.Response(500)]
    async with opened_token(due, service) as credential:
        with pytest.raises(LoginRefreshError):
            await credential.try_refresh(FIRST)


@pytest.mark.parametrize(
    ("fault", "rests"),
    [
        (httpx2.ReadTimeout("CNVZ-RT-1"), A_MINUTE),
        (httpx2.Response(503), A_MINUTE),
        (httpx2.Response(429, headers={"Retry-After": "600"}), 10 * A_MINUTE),
    ],
)
async def test_when_the_token_has_ended_a_failed_renewal_says_why(
    ended: CredentialStore, clock: Clock, service: Service, fault: Any, rests: timedelta, snapshot: Snapshot
) -> None:
    service.faults = [fault]
    async with opened_token(ended, service) as credential:
        for _ in range(3):
            with pytest.raises(LoginRefreshError) as caught:
                await credential.bearer_token()
            snapshot(caught.value)
        clock.pass_by(rests - timedelta(seconds=1))
        with pytest.raises(LoginRefreshError):
            await credential.bearer_token()
        assert len(service.asked) == 1
        clock.pass_by(timedelta(seconds=1))

        assert await credential.bearer_token() == SECOND


async def test_an_unreachable_service_is_asked_by_each_call_that_needs_it(
    ended: CredentialStore, service: Service, snapshot: Snapshot
) -> None:
    service.faults = [httpx2.ConnectError("") for _ in range(3)]
    async with opened_token(ended, service) as credential:
        with pytest.raises(LoginRefreshError) as error:
            await credential.bearer_token()
        snapshot(error.value)

        assert await credential.bearer_token() == SECOND


async def test_nothing_is_sent_when_the_store_cannot_be_written(
    tmp_path: Path, clock: Clock, service: Service, snapshot: Snapshot
) -> None:
    store = stored(tmp_path / "state", login(clock, left=A_DAY))
    in_the_way = store.path.parent / f".{STORE_NAME}.new"
    in_the_way.mkdir()
    async with opened_token(store, service) as credential:
        alive = await credential.bearer_token()
        clock.pass_by(2 * A_DAY)
        with pytest.raises(CredentialUnusableError) as error:
            await credential.bearer_token()
        snapshot(error.value)
        asked = list(service.asked)
        in_the_way.rmdir()
        now = await credential.bearer_token()

    assert (alive, asked, now) == (FIRST, [], SECOND)


async def test_a_pair_that_could_not_be_kept_is_kept_later_and_not_used_before(
    ended: CredentialStore, service: Service
) -> None:
    in_the_way = ended.path.parent / f".{STORE_NAME}.new"
    # The disk breaks between the proof and the answer.
    service.on_request = in_the_way.mkdir
    async with opened_token(ended, service) as credential:
        for _ in range(3):
            with pytest.raises(CredentialUnusableError):
                await credential.bearer_token()
        in_the_way.rmdir()
        token = await credential.bearer_token()
        kept = ended.read()

    assert (token, service.asked) == (SECOND, ["CNVZ-RT-1"])
    assert kept is not None
    assert kept.pair.access_token == SECOND


async def test_no_secret_is_said_or_shown(
    ended: CredentialStore, clock: Clock, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    service.faults = [*LOST, httpx2.Response(400, json={"message": "CNVZ-RT-1"})]
    for _ in range(len(LOST) + 2):
        async with opened_token(ended, service) as credential:
            try:
                await credential.bearer_token()
            except ConvirzaError as error:
                said.append(f"{error!r} {vars(error)}")
            said.append(repr(credential) + repr(vars(credential)))
        clock.pass_by(A_MINUTE)
    said += [record.getMessage() for record in caplog.records]

    assert len(service.asked) == len(LOST) + 2
    assert not any("CNVZ" in text for text in said)
