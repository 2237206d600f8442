"""The account's users: every page of the active and the inactive ones, kept for ten minutes, and never in the way."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.accounts.users import UserList
from convirza_mcp.api.login.credentials import FixedToken
from convirza_mcp.errors import AuthenticationError, PermissionDeniedError, ServerError
from convirza_mcp.questions.teams import teams_of
from convirza_mcp.rules.terms import Member
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.single_flight import background_tasks
from support.rows import answering

SANDBOX = {"conversations": 10}


@asynccontextmanager
async def account_of(sandbox: Sandbox, **settings: Any) -> AsyncIterator[Account]:
    configured = Settings(token=sandbox.token, base_url=sandbox.base_url, **settings)
    client = ConvirzaClient.from_settings(configured)
    async with open_account(client, configured, read_key=lambda: b"k" * 32) as account:
        yield account


def user_requests(sandbox: Sandbox) -> list[tuple[str, str]]:
    asked = [dict(each.query) for each in sandbox.requests if each.path == "/v3/users/list"]
    return [(each["user_status"], each["offset"]) for each in asked]


@pytest.mark.parametrize("privacy", ["off", "mask", "strict"])
async def test_all_pages_of_active_and_inactive_users_are_read_once(sandbox: Sandbox, privacy: str) -> None:
    before = len(user_requests(sandbox))
    async with account_of(sandbox, privacy=privacy) as account:
        request = account.request()
        found = []

        async def ask() -> None:
            found.append(await teams_of(request))

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(ask)
        again = await teams_of(account.request())

    users = [each for each in sandbox.users if each["status"] != "deleted"]
    assert again.note is None
    assert again.members == {
        each["ct_user_id"]: Member(each["group"], each["parent_group"], each["account"]) for each in users
    }
    assert found == [again] * 3
    assert user_requests(sandbox)[before:] == [("active", "0"), ("active", "200"), ("inactive", "0")]
    assert "@" not in repr(again.members)


@pytest.mark.parametrize(("variant", "members"), [("fewer-users", 120), ("null-groups", 241)])
async def test_users_that_lack_or_have_no_group_spoil_nothing(variant: str, members: int) -> None:
    with Sandbox(conversations=10, variants=[variant]) as sandbox:
        async with account_of(sandbox) as account:
            teams = await teams_of(account.request())

    assert len(teams.members) == members
    assert (Member() in teams.members.values()) == (variant == "null-groups")


async def test_a_refusal_is_a_note_and_is_not_asked_again() -> None:
    with Sandbox(conversations=10, variants=["users-403"]) as sandbox:
        async with account_of(sandbox) as account:
            teams = [await teams_of(account.request()) for _ in range(2)]

    assert [(each.members, "(403)" in str(each.note)) for each in teams] == [({}, True)] * 2
    assert len(user_requests(sandbox)) == 1


class Users:
    """A client's API: one page of users, or a status; counts the requests."""

    def __init__(self) -> None:
        self.status = 200
        self.requests = 0
        self.rows = [{"ct_user_id": 1, "group": "A"}]

    def __call__(self, _: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        body = {"code": self.status, "data": {"users": self.rows, "total": 1}}
        return httpx2.Response(self.status, content=json.dumps(body))

    @asynccontextmanager
    async def list_over(self, clock: list[float]) -> AsyncIterator[UserList]:
        async with ConvirzaClient("token", transport=answering(self)) as client, background_tasks() as tasks:
            users = UserList(client, tasks, clock=lambda: clock[0])
            yield users
            users.close()


async def test_users_are_read_anew_after_ten_minutes() -> None:
    api, clock = Users(), [5_000.0]
    async with api.list_over(clock) as users:
        counts = []
        for seconds in (0, 599, 2, 0):
            clock[0] += seconds
            await users.read()
            counts.append(api.requests)

    assert counts == [2, 2, 4, 4]


async def test_a_refusal_is_kept_and_another_failure_is_not() -> None:
    api, clock = Users(), [5_000.0]
    async with api.list_over(clock) as users:
        api.status = 500
        with pytest.raises(ServerError):
            await users.read()
        api.status = 403
        for _ in range(2):
            with pytest.raises(PermissionDeniedError):
                await users.read()
        refused = api.requests
        api.status = 200
        clock[0] += 601
        found = await users.read()

    assert set(found) == {1}
    assert api.requests == refused + 2


async def test_a_refused_token_is_not_renewed_for_a_list_of_users() -> None:
    renewals = 0

    class Renewing(FixedToken):
        async def try_refresh(self, refused: str | None) -> bool:
            nonlocal renewals
            renewals += 1
            return True

    api = Users()
    api.status = 401
    async with ConvirzaClient(Renewing("token"), transport=answering(api)) as client, background_tasks() as tasks:
        users = UserList(client, tasks)
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                await users.read()
        users.close()

    # It may be the role, not the token; the next question tries again.
    assert (renewals, api.requests) == (0, 2)


async def test_a_list_that_ignores_the_offset_ends() -> None:
    api = Users()
    api.rows = [{"ct_user_id": each} for each in range(200)]
    async with api.list_over([0.0]) as users:
        found = await users.read()

    assert (len(found), api.requests) == (200, 2)
