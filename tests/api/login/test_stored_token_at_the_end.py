"""A renewal that is under way when the call, or the program, ends."""

import anyio
import httpx2
import pytest

from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.errors import ConvirzaError, LoginRefreshError
from convirza_mcp.single_flight import background_tasks
from support.logins import SECOND, Clock, Service, opened_token, stored_token


async def test_a_cancelled_call_s_renewal_completes_and_is_kept(ended: CredentialStore, clock: Clock) -> None:
    service = Service(clock, hold=True)
    async with opened_token(ended, service) as credential:
        async with anyio.create_task_group() as calls:
            calls.start_soon(credential.bearer_token)
            await service.reached.wait()
            calls.cancel_scope.cancel()
        service.let_through()
        token = await credential.bearer_token()

    assert (token, service.asked) == (SECOND, ["CNVZ-RT-1"])


ENDS = pytest.mark.parametrize("cancelled", [False, True], ids=["in the ordinary way", "by cancelling"])


@ENDS
async def test_a_renewal_under_way_at_the_end_is_waited_for(
    ended: CredentialStore, clock: Clock, cancelled: bool
) -> None:
    service = Service(clock, hold=True)
    async with anyio.create_task_group() as outside:

        async def answer_when_all_else_has_ended() -> None:
            await service.reached.wait()
            await anyio.wait_all_tasks_blocked()
            service.let_through()

        outside.start_soon(answer_when_all_else_has_ended)
        await run_until_asked(ended, service, cancelled=cancelled)
        kept = ended.read()

    assert kept is not None
    assert (kept.pair.access_token, service.asked) == (SECOND, ["CNVZ-RT-1"])


@ENDS
async def test_the_end_waits_for_a_refresh_only_for_its_limit(
    ended: CredentialStore, clock: Clock, cancelled: bool
) -> None:
    before = ended.read()

    with anyio.fail_after(12):
        await run_until_asked(ended, Service(clock, hold=True), cancelled=cancelled)

    assert ended.read() == before
    assert [path.name for path in sorted(ended.path.parent.iterdir())] == ["credentials.json", "credentials.lock"]
    with ended.lock(0):
        pass


async def test_an_answer_that_comes_in_the_last_moment_is_kept(ended: CredentialStore, clock: Clock) -> None:
    class InTheLastMoment(Service):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            try:
                return await super().handle_async_request(request)
            except anyio.get_cancelled_exc_class():
                return httpx2.Response(200, json={"access_token": SECOND})

    await run_until_asked(ended, InTheLastMoment(clock, hold=True), cancelled=False)
    kept = ended.read()

    assert kept is not None
    assert kept.pair.access_token == SECOND


async def test_an_end_that_finds_no_request_made_waits_for_none(ended: CredentialStore, service: Service) -> None:
    # Waiting for the lock takes longer.
    with ended.lock(0), anyio.fail_after(10):
        async with opened_token(ended, service) as credential, anyio.create_task_group() as calls:
            calls.start_soon(credential.bearer_token)
            await anyio.wait_all_tasks_blocked()
            calls.cancel_scope.cancel()

    assert service.asked == []


async def run_until_asked(store: CredentialStore, service: Service, *, cancelled: bool) -> None:
    """A program that ends as soon as the OAuth service has its question."""
    with anyio.CancelScope() as program:
        async with opened_token(store, service) as credential, anyio.create_task_group() as calls:
            calls.start_soon(credential.bearer_token)
            await service.reached.wait()
            (program if cancelled else calls.cancel_scope).cancel()


async def test_one_task_opens_a_credential_and_another_closes_it(ended: CredentialStore, clock: Clock) -> None:
    service = Service(clock, hold=True)
    credential = stored_token(ended, service)
    ends: list[ConvirzaError] = []

    async def call() -> None:
        try:
            await credential.bearer_token()
        except ConvirzaError as error:
            ends.append(error)

    async with background_tasks() as tasks:

        async def open_it() -> None:
            credential.open(tasks)
            with anyio.move_on_after(0):
                await credential.bearer_token()

        async def close_it() -> None:
            with anyio.fail_after(12):
                await credential.aclose()

        async with anyio.create_task_group() as opening:
            opening.start_soon(open_it)
        await service.reached.wait()
        async with anyio.create_task_group() as calls:
            for _ in range(20):
                calls.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            calls.start_soon(close_it)

    assert {type(each) for each in ends} == {LoginRefreshError}
    assert len({id(each) for each in ends}) == 20
    assert service.asked == ["CNVZ-RT-1"]
