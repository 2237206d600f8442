"""Log in, refresh, revoke: rotation, reuse detection, expiry and the login limit."""

import json
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from convirza_mcp.sandbox import RefusalError, Sandbox
from convirza_mcp.sandbox.http.oauth import LoginLimit

NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
KEYS = ("email", "password", "refresh_token", "token", "token_type")
LOGIN = {"email": "demo@example.com", "password": "sandbox"}


SANDBOX = {"conversations": 5, "now": NOW, "login_limit": None}


def post(sandbox, path, body, **options):
    return httpx2.post(f"{sandbox.oauth_url}/oauth/{path}", json=body, verify=False, **options)


def refresh(sandbox, pair):
    return post(sandbox, "refresh-token", {"refresh_token": pair["refresh_token"]})


def revoke(sandbox, token, token_type):
    return post(sandbox, "revoke-token", {"token": token, "token_type": token_type})


def call(sandbox, pair):
    """The status of a business call with this pair's access token."""
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    return httpx2.get(sandbox.base_url + "/conversations/sms", headers=headers, verify=False).status_code


def assert_error(response, status):
    assert response.status_code == status
    assert list(response.json()) == ["code", "message", "requestId", "timestamp"]
    assert response.json()["code"] == status


def test_a_login_is_answered_without_an_envelope_and_with_absolute_times(sandbox):
    response = post(sandbox, "token", LOGIN)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    tokens = [body.pop(name) for name in ("access_token", "refresh_token", "frontend_token")]
    assert len({*tokens}) == 3
    assert all(re.fullmatch(r"[!-~]{32,}", token) for token in tokens)
    assert body == {
        "token_type": "Bearer",
        "expires_in": "2026-03-12T18:30:00.000Z",
        "refresh_expires_in": "2026-09-01T18:30:00.000Z",
        "user": {"user_id": sandbox.user_id, "email": "demo@example.com", "role_id": 1, "org_unit_id": 1001},
    }


def test_the_address_has_no_path(sandbox):
    assert sandbox.base_url == sandbox.oauth_url + "/v3"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", sandbox.oauth_url)


def test_issued_tokens_and_the_fixed_one_are_let_in(sandbox):
    assert call(sandbox, post(sandbox, "token", LOGIN).json()) == 200
    assert call(sandbox, sandbox.issue()) == 200
    assert call(sandbox, {"access_token": sandbox.token}) == 200


def test_only_an_access_token_opens_the_business_api(sandbox):
    pair = sandbox.issue()
    assert call(sandbox, {"access_token": pair["refresh_token"]}) == 401
    assert call(sandbox, {"access_token": pair["frontend_token"]}) == 401
    assert call(sandbox, {"access_token": pair["access_token"] + "x"}) == 401


@pytest.mark.parametrize(
    "login", [LOGIN | {"password": "Sandbox"}, LOGIN | {"email": "other@example.com"}, LOGIN | {"password": " sandbox"}]
)
def test_a_wrong_login_is_401(sandbox, login):
    assert_error(post(sandbox, "token", login), 401)


def test_the_login_can_be_another():
    with Sandbox(conversations=0, email="me@example.com", password="Pässwörd") as sandbox:
        assert_error(post(sandbox, "token", LOGIN), 401)
        assert post(sandbox, "token", {"email": "me@example.com", "password": "Pässwörd"}).status_code == 200


@pytest.mark.parametrize("path", ["token", "refresh-token", "revoke-token"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b"[" * 60_000, b" " * 70_000]
    + [json.dumps(dict.fromkeys(KEYS, bad)).encode() for bad in (7, None, "", [])],
)
def test_a_body_that_is_not_as_documented_is_400(sandbox, path, content):
    headers = {"Content-Type": "application/json"}
    response = httpx2.post(f"{sandbox.oauth_url}/oauth/{path}", content=content, headers=headers, verify=False)
    assert_error(response, 400)


def test_login_as_a_form_is_refused_with_400(sandbox):
    assert_error(httpx2.post(f"{sandbox.oauth_url}/oauth/token", data=LOGIN, verify=False), 400)


@pytest.mark.parametrize("path", ["token", "refresh-token", "revoke-token"])
def test_any_method_but_post_is_405(sandbox, path):
    response = httpx2.get(f"{sandbox.oauth_url}/oauth/{path}", verify=False)
    assert_error(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_refresh_gives_a_new_pair_and_leaves_the_old_access_token(sandbox):
    first = sandbox.issue()
    response = refresh(sandbox, first)
    assert response.status_code == 200
    second = response.json()
    assert list(second) == list(first)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (call(sandbox, first), call(sandbox, second)) == (200, 200)


def test_a_refresh_can_end_the_old_access_token():
    with Sandbox(conversations=0, variants=["refresh-ends-access"]) as sandbox:
        first = sandbox.issue()
        second = refresh(sandbox, first).json()
        assert (call(sandbox, first), call(sandbox, second)) == (401, 200)


def test_a_refresh_token_used_twice_revokes_its_family_and_no_other(sandbox):
    other = sandbox.issue()
    first = sandbox.issue()
    second = refresh(sandbox, first).json()
    third = refresh(sandbox, second).json()

    assert_error(refresh(sandbox, first), 401)

    assert [call(sandbox, pair) for pair in (first, second, third, other)] == [401, 401, 401, 200]
    assert_error(refresh(sandbox, third), 401)
    assert refresh(sandbox, other).status_code == 200


def test_an_unknown_refresh_token_is_401(sandbox):
    assert_error(post(sandbox, "refresh-token", {"refresh_token": "sandbox-refresh-made-up"}), 401)
    assert_error(post(sandbox, "refresh-token", {"refresh_token": sandbox.issue()["access_token"]}), 401)


def test_only_one_of_many_refreshes_at_once_succeeds(sandbox):
    pair = sandbox.issue()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: refresh(sandbox, pair).status_code, range(8)))
    assert sorted(statuses) == [200] + [401] * 7


def test_access_tokens_end_at_their_time_and_are_refreshed():
    with Sandbox(conversations=0, now=NOW, access_life=timedelta(0)) as sandbox:
        pair = sandbox.issue()
        assert pair["expires_in"] == "2026-03-05T18:30:00.000Z"
        assert call(sandbox, pair) == 401
        assert refresh(sandbox, pair).status_code == 200


def test_refresh_tokens_end_at_their_time():
    with Sandbox(conversations=0, now=NOW, refresh_life=timedelta(0)) as sandbox:
        pair = sandbox.issue()
        assert_error(refresh(sandbox, pair), 401)
        # It is late, not stolen.
        assert call(sandbox, pair) == 200


def test_all_access_tokens_can_be_ended(sandbox):
    first, other = sandbox.issue(), sandbox.issue()
    second = refresh(sandbox, first).json()

    sandbox.expire_access_tokens()

    assert [call(sandbox, pair) for pair in (first, second, other)] == [401, 401, 401]
    assert call(sandbox, {"access_token": sandbox.token}) == 200
    assert call(sandbox, refresh(sandbox, second).json()) == 200
    assert call(sandbox, sandbox.issue()) == 200


def test_revoking_ends_exactly_the_named_token(sandbox):
    pair = sandbox.issue()
    assert revoke(sandbox, pair["access_token"], "access").status_code == 200
    assert call(sandbox, pair) == 401
    pair = refresh(sandbox, pair).json()
    assert revoke(sandbox, pair["refresh_token"], "refresh").status_code == 200
    assert_error(refresh(sandbox, pair), 401)
    assert call(sandbox, pair) == 200


def test_revoking_is_idempotent_and_tells_nothing(sandbox):
    pair = sandbox.issue()
    spent = pair["refresh_token"]
    following = refresh(sandbox, pair).json()
    tokens = [pair["access_token"], pair["access_token"], spent, "sandbox-refresh-made-up", following["refresh_token"]]

    # Of these only the first token has the type that is said.
    answers = [revoke(sandbox, token, "access") for token in tokens]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"message": "Token revoked."}')}
    assert [call(sandbox, each) for each in (pair, following)] == [401, 200]
    assert refresh(sandbox, following).status_code == 200


@pytest.mark.parametrize("token_type", ["Access", "bearer", "access_token"])
def test_an_unknown_token_type_is_400(sandbox, token_type):
    assert_error(revoke(sandbox, "x", token_type), 400)


def test_the_eleventh_login_in_a_minute_is_429():
    with Sandbox(conversations=0) as sandbox:
        wrong = LOGIN | {"password": "x"}
        assert [post(sandbox, "token", wrong).status_code for _ in range(10)] == [401] * 10

        refused = post(sandbox, "token", LOGIN)

        assert_error(refused, 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        # Other endpoints have no such limit.
        assert refresh(sandbox, sandbox.issue()).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
def test_each_address_has_a_limit_of_its_own():
    with Sandbox(conversations=0, login_limit=1) as sandbox:
        assert [post(sandbox, "token", LOGIN).status_code for _ in range(2)] == [200, 429]
        port = int(sandbox.oauth_url.rpartition(":")[2])
        body = json.dumps(LOGIN).encode()
        with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) as elsewhere:
            elsewhere.sendall(
                b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            assert elsewhere.recv(100).startswith(b"HTTP/1.1 200 ")


def test_the_limit_counts_any_sixty_seconds():
    now = 0.0
    limit = LoginLimit(2, clock=lambda: now)
    limit.admit("a")
    now = 40.5
    limit.admit("a")
    with pytest.raises(RefusalError) as refused:
        limit.admit("a")
    assert (refused.value.status, refused.value.retry_after) == (429, 20)
    limit.admit("b")
    now = 60.0
    limit.admit("a")
    with pytest.raises(RefusalError) as refused:
        limit.admit("a")
    assert refused.value.retry_after == 41


def test_the_limit_can_be_switched_off(sandbox):
    assert {post(sandbox, "token", LOGIN).status_code for _ in range(12)} == {200}


def test_requests_are_recorded_without_their_bodies():
    with Sandbox(conversations=0) as sandbox:
        pair = post(sandbox, "token", LOGIN).json()
        refresh(sandbox, pair)
        revoke(sandbox, pair["access_token"], "access")
        revoke(sandbox, pair["access_token"], "nothing")
    assert [(each.method, each.path, each.status) for each in sandbox.requests] == [
        ("POST", "/oauth/token", 200),
        ("POST", "/oauth/refresh-token", 200),
        ("POST", "/oauth/revoke-token", 200),
        ("POST", "/oauth/revoke-token", 400),
    ]
    seen = "".join(repr((each, each.headers)) for each in sandbox.requests)
    assert pair["refresh_token"] not in seen
    assert LOGIN["email"] not in seen


def test_tokens_are_issued_before_it_serves():
    sandbox = Sandbox(conversations=1)
    pair = sandbox.issue()
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sandbox.oauth_url
    with sandbox:
        assert call(sandbox, pair) == 200
