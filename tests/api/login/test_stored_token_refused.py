"""A call whose token is refused: renewed once, asked once more."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx2
import pytest

from convirza_mcp import ConvirzaClient
from convirza_mcp.api.login.credentials import TokenFile
from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.errors import (
    APITimeoutError,
    AuthenticationError,
    ConvirzaError,
    LoginExpiredError,
    LoginRefreshError,
)
from convirza_mcp.sandbox import Sandbox
from faults import FaultServer, hang
from support.logins import FIRST, Clock, Service, login, stored, stored_token
from support.rows import envelope

REFUSED = httpx2.Response(401, json={"message": "Unauthorized"})
REFUSED_IN_BODY = httpx2.Response(200, json={"code": "401", "message": "Unauthorized", "data": None})
FAILED = httpx2.Response(503)
GOOD = httpx2.Response(200, json=envelope([]))
API = "https://api.example/v3"


class Api(httpx2.AsyncBaseTransport):
    """Gives the answers one after the other, the last one for ever, and keeps the tokens it was asked with."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self._answers = list(answers)
        self.tokens: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return httpx2.Response(answer.status_code, content=answer.content, headers=answer.headers)


async def asked(
    api: Api, credential: StoredToken | TokenFile | str, *, times: int = 1
) -> list[type[ConvirzaError] | None]:
    """What each of so many calls ended with."""
    ends: list[type[ConvirzaError] | None] = []
    async with ConvirzaClient(credential, base_url=API, transport=api) as client:
        for _ in range(times):
            try:
                await client.list_sms_conversations()
            except ConvirzaError as error:
                ends.append(type(error))
            else:
                ends.append(None)
    return ends


@pytest.fixture
def service() -> Service:
    return Service(Clock())


@pytest.fixture
def credential(tmp_path: Path, service: Service) -> StoredToken:
    return stored_token(stored(tmp_path, login(service.clock)), service)


@pytest.mark.parametrize("refused", [REFUSED, REFUSED_IN_BODY], ids=["by the status", "in the body only"])
async def test_a_refused_token_is_renewed_and_the_request_made_again(
    credential: StoredToken, service: Service, refused: httpx2.Response
) -> None:
    api = Api(refused, GOOD)

    assert await asked(api, credential, times=2) == [None, None]

    assert (api.tokens, service.asked) == ([FIRST, "CNVZ-AT-2", "CNVZ-AT-2"], ["CNVZ-RT-1"])


async def test_a_token_that_stays_refused_is_renewed_once(credential: StoredToken, service: Service) -> None:
    api = Api(REFUSED)

    assert await asked(api, credential, times=5) == [AuthenticationError] * 5

    assert (api.tokens, service.asked) == ([FIRST, *["CNVZ-AT-2"] * 5], ["CNVZ-RT-1"])


@pytest.mark.parametrize(
    ("answers", "end", "requests"),
    [
        ([FAILED, REFUSED, GOOD], None, 3),
        ([REFUSED, FAILED, GOOD], None, 3),
        ([REFUSED, FAILED, REFUSED], AuthenticationError, 3),
        ([REFUSED, REFUSED, GOOD], AuthenticationError, 2),
    ],
)
async def test_failures_before_and_after_it_count_as_ever(
    credential: StoredToken,
    service: Service,
    answers: list[httpx2.Response],
    end: type[ConvirzaError] | None,
    requests: int,
) -> None:
    api = Api(*answers)

    assert await asked(api, credential) == [end]

    assert (len(api.tokens), service.asked) == (requests, ["CNVZ-RT-1"])


@pytest.mark.parametrize(
    ("fault", "end"), [(httpx2.Response(400), LoginExpiredError), (httpx2.ReadTimeout(""), LoginRefreshError)]
)
async def test_a_renewal_that_fails_ends_the_call_and_is_not_repeated(
    credential: StoredToken, service: Service, fault: httpx2.Response | Exception, end: type[ConvirzaError]
) -> None:
    service.faults = [fault]
    api = Api(REFUSED)

    assert await asked(api, credential, times=20) == [end] * 20

    assert (api.tokens, service.asked) == ([FIRST] * 20, ["CNVZ-RT-1"])


async def test_a_given_token_is_asked_with_once() -> None:
    api = Api(REFUSED)

    assert await asked(api, FIRST) == [AuthenticationError]

    assert api.tokens == [FIRST]


async def test_a_token_file_that_was_renewed_meanwhile_serves_the_same_call(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(FIRST, encoding="utf-8")

    class RenewedByItsOwner(Api):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            file.write_text("CNVZ-AT-2", encoding="utf-8")
            return await super().handle_async_request(request)

    api = RenewedByItsOwner(REFUSED, GOOD)

    assert await asked(api, TokenFile(file)) == [None]

    assert api.tokens == [FIRST, "CNVZ-AT-2"]


async def test_the_renewal_counts_into_the_deadline_of_the_call(tmp_path: Path) -> None:
    store = CredentialStore(tmp_path / "state")
    with FaultServer(hang()) as oauth:
        ended = login(Clock(), left=timedelta(hours=-1), oauth_url=oauth.origin)
        store.write(ended)
        credential = StoredToken(FileLogin(store), oauth_url=oauth.origin)
        api = Api(GOOD)
        async with ConvirzaClient(credential, base_url=API, timeout=0.3, transport=api) as client:
            with anyio.fail_after(12), pytest.raises(APITimeoutError):
                await client.list_sms_conversations()
        # The client's end gave the renewal some time more, and then let its connection go.
        assert oauth.all_closed()

    assert (api.tokens, len(oauth.requests), store.read()) == ([], 1, ended)


@pytest.fixture(params=[(), ("refresh-ends-access",)], ids=["documented", "a refresh ends the old token"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox(conversations=20, variants=request.param)


def logged_in(sandbox: Sandbox, folder: Path) -> CredentialStore:
    pair = read_token_response(json.dumps(sandbox.issue()).encode(), now=datetime.now(UTC))
    store = CredentialStore(folder)
    store.write(StoredCredential(pair, account="5ad0c0", oauth_url=sandbox.oauth_url))
    return store


async def test_eight_calls_at_once_with_an_ended_token_over_real_http(sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox:
        store = logged_in(sandbox, tmp_path / "state")
        credential = StoredToken(FileLogin(store), oauth_url=sandbox.oauth_url)
        totals: list[int | None] = []
        async with ConvirzaClient(credential, base_url=sandbox.base_url) as client:

            async def call() -> None:
                totals.append((await client.list_sms_conversations()).total)

            for _ in range(3):
                sandbox.expire_access_tokens()
                async with anyio.create_task_group() as calls:
                    for _ in range(8):
                        calls.start_soon(call)

    assert len(set(totals)) == 1
    assert len(totals) == 24
    posts = [(request.path, request.status) for request in sandbox.requests if request.method == "POST"]
    assert posts == [("/oauth/refresh-token", 200)] * 3
    assert not any("authorization" in request.headers for request in sandbox.requests if request.method == "POST")
