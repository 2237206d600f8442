"""The three questions to the OAuth service, and what becomes of each answer."""

import json
import logging
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp.api.login.oauth import OAuthService, TokenPair
from convirza_mcp.errors import (
    APITimeoutError,
    BadRequestError,
    ConnectError,
    ConnectionBrokenError,
    ConvirzaError,
    InvalidResponseError,
    LoginExpiredError,
    LoginRejectedError,
    RateLimitError,
    ServerError,
    SettingsError,
)
from faults import (
    Answer,
    FaultServer,
    closed_port,
    gzip_bomb,
    hang,
    html,
    json_body,
    redirect,
    reset_after,
    status,
    truncated,
)
from support.snapshots import Snapshot

EMAIL, PASSWORD = "demo@example.com", "correct horse ½ \ud83d battery"
ACCESS, REFRESH = "CNVZ-AT-7f3e9d", "CNVZ-RT-a81c02"
SECRETS = (EMAIL, PASSWORD, "correct horse", ACCESS, REFRESH)
TOKENS = {
    "access_token": ACCESS,
    "refresh_token": "CNVZ-RT-next",
    "expires_in": "2036-04-10T12:00:00.000Z",
    "refresh_expires_in": "2036-10-01T12:00:00.000Z",
}

Ask = Callable[[OAuthService], Awaitable[Any]]


def log_in(service: OAuthService) -> Awaitable[TokenPair]:
    return service.log_in(EMAIL, PASSWORD)


def refresh(service: OAuthService) -> Awaitable[TokenPair]:
    return service.refresh(REFRESH)


def revoke(service: OAuthService) -> Awaitable[None]:
    return service.revoke(REFRESH, "refresh")


QUESTIONS = [log_in, refresh, revoke]


async def asked(answer: httpx2.Response, ask: Ask) -> tuple[httpx2.Request, Any]:
    requests: list[httpx2.Request] = []

    def service_answers(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return answer

    transport = httpx2.MockTransport(service_answers)
    async with OAuthService("https://oauth.example/", transport=transport) as service:
        answered = await ask(service)
    (request,) = requests
    return request, answered


@pytest.mark.parametrize(
    ("ask", "path", "body"),
    [
        (log_in, "/oauth/token", {"email": EMAIL, "password": PASSWORD}),
        (refresh, "/oauth/refresh-token", {"refresh_token": REFRESH}),
        (revoke, "/oauth/revoke-token", {"token": REFRESH, "token_type": "refresh"}),
    ],
)
async def test_each_question_is_one_post_of_json_without_a_bearer(ask: Ask, path: str, body: dict[str, str]) -> None:
    request, _ = await asked(httpx2.Response(200, json=TOKENS), ask)

    assert (request.method, str(request.url)) == ("POST", f"https://oauth.example{path}")
    assert json.loads(request.content) == body
    assert request.headers["Content-Type"] == "application/json"
    assert {"authorization", "cookie"}.isdisjoint(request.headers)


@pytest.mark.parametrize("ask", [log_in, refresh])
async def test_tokens_come_back_with_their_ends(ask: Ask) -> None:
    before = datetime.now(UTC)
    # Whatever it calls itself: a spent token's answer is not thrown away.
    answer = httpx2.Response(201, text=json.dumps(TOKENS), headers={"Content-Type": "text/plain"})

    _, pair = await asked(answer, ask)

    assert before <= pair.obtained_at <= datetime.now(UTC)
    assert pair == TokenPair(
        access_token=ACCESS,
        refresh_token="CNVZ-RT-next",
        expires_at=datetime(2036, 4, 10, 12, 0, tzinfo=UTC),
        refresh_expires_at=datetime(2036, 10, 1, 12, 0, tzinfo=UTC),
        obtained_at=pair.obtained_at,
    )


@pytest.mark.parametrize(
    ("ask", "code", "error"),
    [
        (log_in, 401, LoginRejectedError),
        (refresh, 400, LoginExpiredError),
        (refresh, "401", LoginExpiredError),
        (refresh, 429, RateLimitError),
        (revoke, 500, ServerError),
    ],
)
async def test_a_fault_in_the_body_only_is_the_fault_of_its_status(
    ask: Ask, code: int | str, error: type[ConvirzaError]
) -> None:
    with pytest.raises(error):
        await asked(httpx2.Response(200, json={"code": code, "message": PASSWORD[:7], "data": None}), ask)


async def test_an_answer_with_tokens_is_used_whatever_else_it_says() -> None:
    _, pair = await asked(httpx2.Response(200, json=TOKENS | {"code": 500}), refresh)

    assert pair.access_token == ACCESS


async def test_a_revoked_token_may_be_answered_with_nothing() -> None:
    _, answered = await asked(httpx2.Response(204), revoke)

    assert answered is None


# It repeats what it was sent, as careless services do.
WORDS = json.dumps({"error": "invalid_grant", "message": f"{REFRESH} {EMAIL} {PASSWORD}", "requestId": "req-7c9e-11"})


REFUSALS = [
    *((refresh, code, LoginExpiredError) for code in (400, 401)),
    *((log_in, code, LoginRejectedError) for code in (400, 401)),
    *((ask, 429, RateLimitError) for ask in QUESTIONS),
    *((ask, 503, ServerError) for ask in QUESTIONS),
    *((ask, 404, BadRequestError) for ask in QUESTIONS),
    (revoke, 401, BadRequestError),
]


@pytest.mark.parametrize(("ask", "code", "error"), REFUSALS)
async def test_a_refusal_says_what_to_do_and_repeats_no_secret(
    ask: Ask, code: int, error: type[ConvirzaError], snapshot: Snapshot
) -> None:
    with pytest.raises(error) as caught:
        await asked(httpx2.Response(code, text=WORDS, headers={"Retry-After": "17"}), ask)

    assert type(caught.value) is error
    snapshot(caught.value)
    assert not any(secret in repr(vars(caught.value)) for secret in SECRETS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(hang(), APITimeoutError, id="hang"),
        pytest.param(reset_after(0), ConnectionBrokenError, id="reset"),
        pytest.param(reset_after(60), ConnectionBrokenError, id="reset within the answer"),
        pytest.param(truncated(), ConnectionBrokenError, id="truncated"),
        pytest.param(status(500), ServerError, id="500"),
        pytest.param(html(200), InvalidResponseError, id="sign-in page"),
        pytest.param(json_body({"code": 200}), InvalidResponseError, id="no token"),
        pytest.param(json_body(bytes(100_000)), InvalidResponseError, id="large"),
        pytest.param(gzip_bomb(64), InvalidResponseError, id="bomb"),
        pytest.param(redirect(307, "/oauth/elsewhere"), InvalidResponseError, id="redirect"),
    ],
)
async def test_a_refresh_whose_fate_is_unknown_is_never_sent_twice(
    answer: Answer, error: type[ConvirzaError], snapshot: Snapshot
) -> None:
    with FaultServer(answer) as server:
        async with OAuthService(server.origin, timeout=0.5 if error is APITimeoutError else 10) as service:
            with pytest.raises(error) as caught:
                await service.refresh(REFRESH)
        assert server.all_closed()

    assert type(caught.value) is error
    snapshot(caught.value)
    assert [(request.method, request.target) for request in server.requests] == [("POST", "/oauth/refresh-token")]


@pytest.mark.parametrize("fault", [httpx2.ConnectError, httpx2.ConnectTimeout])
async def test_where_no_connection_could_be_opened_it_is_tried_again(fault: type[httpx2.TransportError]) -> None:
    attempts: list[bytes] = []

    def third_time_lucky(request: httpx2.Request) -> httpx2.Response:
        attempts.append(request.content)
        if len(attempts) < 3:
            raise fault("no connection")
        return httpx2.Response(200, json=TOKENS)

    async with OAuthService("https://oauth.example", transport=httpx2.MockTransport(third_time_lucky)) as service:
        pair = await service.refresh(REFRESH)

    assert (pair.access_token, len(attempts), len(set(attempts))) == (ACCESS, 3, 1)


async def test_where_none_can_be_opened_at_all_it_says_so(snapshot: Snapshot) -> None:
    async with OAuthService(f"http://127.0.0.1:{closed_port()}") as service:
        with pytest.raises(ConnectError) as caught:
            await service.refresh(REFRESH)

    snapshot(caught.value)


async def test_a_certificate_that_is_not_accepted_is_not_tried_again() -> None:
    attempts: list[httpx2.Request] = []

    def intercepted(request: httpx2.Request) -> httpx2.Response:
        attempts.append(request)
        raise httpx2.ConnectError("") from ssl.SSLCertVerificationError()

    async with OAuthService("https://oauth.example", transport=httpx2.MockTransport(intercepted)) as service:
        with pytest.raises(ConvirzaError, match=r"^The certificate of oauth\.example was not accepted"):
            await service.refresh(REFRESH)

    assert len(attempts) == 1


async def test_an_answer_sets_no_cookie_for_the_next_question() -> None:
    cookies: list[str | None] = []

    def service_answers(request: httpx2.Request) -> httpx2.Response:
        cookies.append(request.headers.get("Cookie"))
        return httpx2.Response(200, json=TOKENS, headers={"Set-Cookie": "session=1; Path=/"})

    async with OAuthService("https://oauth.example", transport=httpx2.MockTransport(service_answers)) as service:
        await service.refresh(REFRESH)
        await service.revoke(REFRESH, "refresh")

    assert cookies == [None, None]


async def test_a_cancelled_question_lets_its_connection_go() -> None:
    with FaultServer(hang()) as server:
        async with OAuthService(server.origin) as service:
            with anyio.move_on_after(0.2):
                await service.refresh(REFRESH)
            assert server.all_closed()


async def test_no_log_holds_a_secret_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaultServer(status(503, WORDS.encode()), json_body(TOKENS)) as server:
        async with OAuthService(server.origin) as service:
            with pytest.raises(ServerError):
                await log_in(service)
        async with OAuthService(server.origin) as service:
            await refresh(service)

    assert not any(secret in record.getMessage() for record in caplog.records for secret in SECRETS)


@pytest.mark.parametrize("url", ["http://oauth.example", "https://user:secret@oauth.example", "oauth.example", ""])
def test_an_address_that_no_secret_may_be_sent_to_is_refused(url: str, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as caught:
        OAuthService(url)
    snapshot(caught.value)

    assert "secret" not in str(caught.value)
