"""A login that other programs hold, renew, remove or spoil while it is to be renewed."""

from contextlib import AbstractContextManager

import anyio
import pytest

from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.errors import CredentialLockedError, CredentialUnusableError, MissingCredentialError
from support.logins import FIRST, OAUTH_URL, SECOND, Clock, Service, login, opened, opened_token
from support.snapshots import Snapshot


async def test_while_another_program_holds_the_lock_the_old_token_serves(
    due: CredentialStore, service: Service
) -> None:
    turns = 0

    async def go_round() -> None:
        nonlocal turns
        while True:
            await anyio.sleep(0.01)
            turns += 1

    async with opened_token(due, service) as credential, anyio.create_task_group() as tasks:
        tasks.start_soon(go_round)
        with due.lock(0), anyio.fail_after(1.2):
            token = await credential.bearer_token()
            asked = list(service.asked)
        tasks.cancel_scope.cancel()

    assert (token, asked) == (FIRST, [])
    # Half of the call's time was waited, and everything else went on meanwhile.
    assert turns >= 3


@pytest.mark.long
async def test_a_lock_that_is_never_let_go_is_waited_for_only_so_long(
    ended: CredentialStore, service: Service, snapshot: Snapshot
) -> None:
    async with opened_token(ended, service) as credential:
        with ended.lock(0), anyio.fail_after(45), pytest.raises(CredentialLockedError) as caught:
            await credential.bearer_token()

    snapshot(caught.value)
    assert service.asked == []


async def test_a_login_renewed_by_another_program_is_used_without_waiting_for_the_lock(
    ended: CredentialStore, clock: Clock, service: Service
) -> None:
    tokens: list[str] = []
    async with opened_token(ended, service) as credential:

        async def call() -> None:
            tokens.append(await credential.bearer_token())

        with ended.lock(0), anyio.fail_after(30):
            async with anyio.create_task_group() as waiting:
                waiting.start_soon(call)
                await anyio.wait_all_tasks_blocked()
                ended.write(login(clock, access_token="CNVZ-AT-theirs", refresh_token="CNVZ-RT-theirs"))

    assert (tokens, service.asked) == (["CNVZ-AT-theirs"], [])


async def test_a_login_renewed_by_another_program_just_before_the_lock_is_used(
    ended: CredentialStore, clock: Clock, service: Service
) -> None:
    theirs = login(clock, access_token="CNVZ-AT-theirs", refresh_token="CNVZ-RT-theirs")

    class LockedAfterThem(CredentialStore):
        def lock(self, seconds: float) -> AbstractContextManager[None]:
            ended.write(theirs)
            return super().lock(seconds)

    store = LockedAfterThem(ended.path.parent)
    async with opened(
        StoredToken(FileLogin(store), oauth_url=OAUTH_URL, transport=service, now=clock.now)
    ) as credential:
        assert await credential.bearer_token() == "CNVZ-AT-theirs"

    assert (service.asked, ended.read()) == ([], theirs)


async def test_a_login_removed_by_another_program_is_gone(
    ended: CredentialStore, service: Service, snapshot: Snapshot
) -> None:
    async with opened_token(ended, service) as credential:
        await credential.bearer_token()
        ended.delete()

        for use in (credential.bearer_token(), credential.try_refresh(SECOND), credential.fingerprint()):
            with pytest.raises(MissingCredentialError) as error:
                await use
            snapshot(error.value)


async def test_a_store_that_became_unusable_is_not_used_and_not_replaced(
    due: CredentialStore, service: Service, snapshot: Snapshot
) -> None:
    async with opened_token(due, service) as credential:
        due.path.write_bytes(b"{")
        for _ in range(2):
            with pytest.raises(CredentialUnusableError) as error:
                await credential.bearer_token()
            snapshot(error.value)

    assert (service.asked, due.path.read_bytes()) == ([], b"{")
