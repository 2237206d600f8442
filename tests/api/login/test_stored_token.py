"""One stored login, renewed once, whatever happens meanwhile."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.errors import CredentialUnusableError, LoginExpiredError
from support.logins import (
    A_DAY,
    A_MINUTE,
    A_WEEK,
    AN_HOUR,
    FIRST,
    OAUTH_URL,
    SECOND,
    Clock,
    Service,
    login,
    opened,
    opened_token,
    stored,
    the_middle,
)
from support.snapshots import Snapshot

ENDED = -AN_HOUR


def lowest(least: float, _: float) -> float:
    return least


def highest(_: float, most: float) -> float:
    return most


# A fifth of seven days is 33.6 hours, give or take a tenth of it.
@pytest.mark.parametrize(
    ("uniform", "hours", "is_refreshed"),
    [
        (the_middle, 34.0, False),
        (the_middle, 33.0, True),
        (lowest, 30.5, False),
        (lowest, 30.0, True),
        (highest, 37.0, False),
        (highest, 36.5, True),
    ],
)
async def test_a_token_is_refreshed_with_a_fifth_of_its_life_left(
    tmp_path: Path, clock: Clock, service: Service, uniform: Any, hours: float, is_refreshed: bool
) -> None:
    store = stored(tmp_path, login(clock, left=timedelta(hours=hours)))

    async with opened_token(store, service, uniform=uniform) as credential:
        tokens = [await credential.bearer_token() for _ in range(3)]

    assert tokens == [SECOND if is_refreshed else FIRST] * 3
    assert service.asked == (["CNVZ-RT-1"] if is_refreshed else [])


async def test_what_is_renewed_is_stored_for_all_before_it_is_used(
    ended: CredentialStore, clock: Clock, service: Service
) -> None:
    async with opened_token(ended, service) as credential:
        token = await credential.bearer_token()
        kept = ended.read()

    assert (token, service.urls) == (SECOND, {f"{OAUTH_URL}/oauth/refresh-token"})
    assert kept == login(
        clock, access_token=SECOND, refresh_token="CNVZ-RT-2", expires_at=clock.time + A_WEEK, obtained_at=clock.time
    )


@pytest.mark.parametrize("refused", [False, True], ids=["ended by the clock", "refused with 401"])
async def test_many_calls_at_once_renew_once(tmp_path: Path, clock: Clock, service: Service, refused: bool) -> None:
    store = stored(tmp_path, login(clock, left=A_WEEK if refused else ENDED))
    tokens: list[str] = []
    async with opened_token(store, service) as one, opened_token(store, service) as other:

        async def call(credential: StoredToken) -> None:
            assert not refused or await credential.try_refresh(FIRST)
            tokens.append(await credential.bearer_token())

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(call, one)
                tasks.start_soon(call, other)

    assert (tokens, service.asked) == ([SECOND] * 16, ["CNVZ-RT-1"])


async def test_a_refused_token_that_is_not_the_stored_one_needs_no_renewal(
    ended: CredentialStore, service: Service
) -> None:
    async with opened_token(ended, service) as credential:
        assert await credential.try_refresh("an-older-one")

    assert service.asked == []


async def test_a_long_life_renews_week_after_week(tmp_path: Path, clock: Clock, service: Service) -> None:
    store = stored(tmp_path, login(clock))
    async with opened_token(store, service) as credential:
        for _ in range(120):
            clock.pass_by(A_DAY)
            await credential.bearer_token()

    assert len(service.asked) == len(set(service.asked)) == 20


async def test_a_new_login_counts_at_once(ended: CredentialStore, clock: Clock, service: Service) -> None:
    service.faults = [httpx2.Response(400)]
    async with opened_token(ended, service) as credential:
        with pytest.raises(LoginExpiredError):
            await credential.bearer_token()
        before = await credential.fingerprint()
        # Its access token has ended as well: it is renewed, within the minute.
        anew = login(clock, left=ENDED, access_token="CNVZ-AT-anew", refresh_token="CNVZ-RT-anew")
        ended.write(replace(anew, account="another"))
        service.faults = [httpx2.Response(200, json={"access_token": "CNVZ-AT-newer"})]
        token = await credential.bearer_token()
        after = await credential.fingerprint()

    assert (token, service.asked) == ("CNVZ-AT-newer", ["CNVZ-RT-1", "CNVZ-RT-anew"])
    assert before != after


async def test_a_renewal_keeps_the_fingerprint(ended: CredentialStore, service: Service) -> None:
    async with opened_token(ended, service) as credential:
        prints = [await credential.fingerprint()]
        await credential.bearer_token()
        prints.append(await credential.fingerprint())

    assert prints[0] == prints[1]
    assert "CNVZ" not in prints[0]


SENSELESS = [None, 0, -1, "604800", 1e99, 1, "2020-01-01T00:00:00.000Z", "soon"]


@pytest.mark.parametrize("expires_in", SENSELESS)
async def test_a_senseless_end_makes_no_loop(ended: CredentialStore, clock: Clock, expires_in: Any) -> None:
    service = Service(clock)
    service.changes = {"expires_in": expires_in}
    for _ in range(3):
        async with opened_token(ended, service) as credential:
            for _ in range(20):
                assert await credential.bearer_token() == SECOND
                clock.pass_by(A_MINUTE)

    assert service.asked == ["CNVZ-RT-1"]


@pytest.mark.parametrize("hours", [-2, 2])
@pytest.mark.parametrize("life", [A_WEEK, AN_HOUR])
async def test_a_clock_that_is_off_makes_no_loop(
    ended: CredentialStore, clock: Clock, hours: int, life: timedelta
) -> None:
    service = Service(clock)
    service.changes = {"expires_in": (clock.time + timedelta(hours=hours) + life).isoformat()}
    for _ in range(3):
        async with opened_token(ended, service) as credential:
            for _ in range(20):
                assert await credential.bearer_token() == SECOND
                clock.pass_by(timedelta(seconds=1))

    assert service.asked == ["CNVZ-RT-1"]


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(ended: CredentialStore, service: Service) -> None:
    service.changes = {"refresh_token": None}
    async with opened_token(ended, service) as credential:
        await credential.bearer_token()
    kept = ended.read()

    assert kept is not None
    assert (kept.pair.access_token, kept.pair.refresh_token) == (SECOND, "CNVZ-RT-1")


async def test_without_a_refresh_token_it_is_used_until_it_is_refused(
    tmp_path: Path, clock: Clock, service: Service, snapshot: Snapshot
) -> None:
    store = stored(tmp_path, login(clock, left=ENDED, refresh_token=None))
    async with opened_token(store, service) as credential:
        token = await credential.bearer_token()
        with pytest.raises(LoginExpiredError) as caught:
            await credential.try_refresh(FIRST)

    assert (token, service.asked) == (FIRST, [])
    snapshot(caught.value)


@pytest.mark.parametrize(
    "configured",
    ["https://platform-oauth.convirza.com", "https://oauth.example.evil.example", "https://oauth.example:444"],
)
async def test_a_login_from_another_service_is_not_used(
    ended: CredentialStore, service: Service, configured: str, snapshot: Snapshot
) -> None:
    async with opened_token(ended, service, oauth_url=configured) as credential:
        for use in (credential.bearer_token(), credential.try_refresh(FIRST), credential.fingerprint()):
            with pytest.raises(CredentialUnusableError) as caught:
                await use

    # Where nothing is set, as in the first case, there is nothing to set back.
    snapshot(caught.value)
    assert service.asked == []


async def test_an_unchanged_store_is_not_read_again(
    tmp_path: Path, clock: Clock, service: Service, snapshot: Snapshot
) -> None:
    reads = 0

    class Counting(CredentialStore):
        def read(self) -> Any:
            nonlocal reads
            reads += 1
            return super().read()

    store = Counting(stored(tmp_path, login(clock)).path.parent)
    async with opened(
        StoredToken(FileLogin(store), oauth_url=OAUTH_URL, transport=service, now=clock.now)
    ) as credential:
        for _ in range(20):
            await credential.bearer_token()
            await credential.fingerprint()
        # A token that is not due is never checked for more than that.
        assert reads == 1
        store.path.chmod(0o644)
        with pytest.raises(CredentialUnusableError) as error:
            await credential.bearer_token()
        snapshot(error.value)


async def test_what_is_raised_inside_comes_out_as_it_is(ended: CredentialStore, service: Service) -> None:
    async def program() -> None:
        async with opened_token(ended, service) as credential:
            await credential.bearer_token()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await program()
