"""Attacks on codes and tokens: each with the answer that it gets, and what it ends."""

from pathlib import Path
from typing import Any

import anyio
import httpx2

from convirza_mcp.sandbox import Sandbox
from support.oauth_clients import Clock, PlainClient, login_server, plain_client

OPEN_PATHS = ("/token", "/register", "/revoke")
CHATGPT = {"client_id": "https://chatgpt.com/oauth/client.json"}
SANDBOX = {"conversations": 20, "login_limit": None}


def said(response: httpx2.Response) -> tuple[int, str | None]:
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json().get("error")


async def test_a_code_is_worth_nothing_to_others(client: PlainClient) -> None:
    code = await client.code()
    attempts: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
        "another verifier": ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        "no verifier": ({"code_verifier": None}, (400, "invalid_request")),
        "the challenge as verifier": (
            {"code_verifier": client.authorize_url().split("challenge=")[1][:43]},
            (400, "invalid_grant"),
        ),
        "another redirect": ({"redirect_uri": "https://claude.com/api/mcp/auth_callback"}, (400, "invalid_request")),
        "no redirect": ({"redirect_uri": None}, (400, "invalid_request")),
        "another client": ({**CHATGPT}, (400, "invalid_grant")),
        "an unknown client": ({"client_id": "nobody"}, (401, "invalid_client")),
        "no client": ({"client_id": None}, (401, "invalid_client")),
        "another resource": ({"resource": "https://evil.example/mcp"}, (400, "invalid_target")),
        "another grant type": ({"grant_type": "password"}, (400, "invalid_request")),
        "one letter changed": ({"code": ("A" if code[0] != "A" else "B") + code[1:]}, (400, "invalid_grant")),
        "another secret": ({"code": code[:-43] + "A" * 43}, (400, "invalid_grant")),
        "no code": ({"code": ""}, (400, "invalid_grant")),
        "a line break": ({"code": f"{code}\r\nX: y"}, (400, "invalid_grant")),
    }
    answers = {}
    for name, (changed, _) in attempts.items():
        answers[name] = said(await client.exchange(changed.pop("code", code), **changed))

    assert answers == {name: expected for name, (_, expected) in attempts.items()}
    assert (await client.exchange(code, resource=f"{client.server.url}/")).status_code == 200


async def test_a_code_that_comes_back_ends_its_grant(client: PlainClient, clock: Clock) -> None:
    code = await client.code()
    tokens = (await client.exchange(code)).json()
    clock.seconds += 300

    assert said(await client.exchange(code, code_verifier="x" * 43)) == (400, "invalid_grant")
    assert (await client.call(tokens["access_token"])).status_code == 401
    assert said(await client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_a_code_is_exchanged_once_at_most(client: PlainClient) -> None:
    code = await client.code()
    statuses: list[int] = []

    async def exchange() -> None:
        statuses.append((await client.exchange(code)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(exchange)

    assert statuses.count(200) <= 1
    assert {*statuses} <= {200, 400}


async def test_a_code_lives_a_minute(client: PlainClient, clock: Clock) -> None:
    code = await client.code()
    clock.seconds += 60

    assert said(await client.exchange(code)) == (400, "invalid_grant")


async def test_a_spent_refresh_token_leads_to_its_successor_for_a_minute(client: PlainClient, clock: Clock) -> None:
    first = await client.tokens()
    second = (await client.refresh(first["refresh_token"])).json()
    clock.seconds += 59
    again = (await client.refresh(first["refresh_token"])).json()

    assert again["refresh_token"] == second["refresh_token"] != first["refresh_token"]
    assert again["access_token"] == second["access_token"] != first["access_token"]
    assert again["expires_in"] == 3_541
    third = (await client.refresh(second["refresh_token"])).json()
    for spent in (first, second):
        assert (await client.refresh(spent["refresh_token"])).json()["refresh_token"] == third["refresh_token"]
    assert (await client.call(third["access_token"])).status_code == 200


async def test_a_late_refresh_token_ends_the_family(client: PlainClient, clock: Clock) -> None:
    first = await client.tokens()
    second = (await client.refresh(first["refresh_token"])).json()
    clock.seconds += 61

    assert (await client.call(second["access_token"])).status_code == 200
    assert said(await client.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert (await client.call(second["access_token"])).status_code == 401
    assert said(await client.refresh(second["refresh_token"])) == (400, "invalid_grant")


async def test_an_old_refresh_token_ends_the_family_after_many_rotations(client: PlainClient, clock: Clock) -> None:
    tokens = await client.tokens()
    old = tokens["refresh_token"]
    for _ in range(50):
        clock.seconds += 3_000
        tokens = (await client.refresh(tokens["refresh_token"])).json()

    assert (await client.call(tokens["access_token"])).status_code == 200
    assert said(await client.refresh(old)) == (400, "invalid_grant")
    assert (await client.call(tokens["access_token"])).status_code == 401


async def test_a_refresh_token_is_worth_nothing_to_others(client: PlainClient) -> None:
    tokens = await client.tokens()
    token = tokens["refresh_token"]
    attempts = {
        "another client": ({**CHATGPT}, (400, "invalid_grant")),
        "an unknown client": ({"client_id": "nobody"}, (401, "invalid_client")),
        "another scope": ({"scope": "admin"}, (400, "invalid_scope")),
        "another resource": ({"resource": "https://evil.example/mcp"}, (400, "invalid_target")),
        "an unknown token": ({"refresh_token": "x" * 86}, (400, "invalid_grant")),
        "another secret": ({"refresh_token": f"{token[:-43]}{'A' * 43}"}, (400, "invalid_grant")),
        "another length": ({"refresh_token": f"{token}A"}, (400, "invalid_grant")),
        "the access token": ({"refresh_token": tokens["access_token"]}, (400, "invalid_grant")),
        "a key of the operator": ({"refresh_token": f"cvz_{'A' * 43}"}, (400, "invalid_grant")),
        "no token": ({"refresh_token": ""}, (400, "invalid_grant")),
    }
    answers = {}
    for name, (changed, _) in attempts.items():
        answers[name] = said(
            await client.post("/token", **{"grant_type": "refresh_token", "refresh_token": token, **changed})
        )

    assert answers == {name: expected for name, (_, expected) in attempts.items()}
    assert (await client.refresh(token, scope="sms:read", resource=client.server.url)).status_code == 200


async def test_only_an_access_token_opens_the_inbox(client: PlainClient) -> None:
    code = await client.code()
    tokens = (await client.exchange(code)).json()
    access = tokens["access_token"]
    others = [tokens["refresh_token"], code, access[:-1], f"{access}A", access[:-43] + "A" * 43, "x", f"cvz_{'A' * 43}"]

    assert [(await client.call(each)).status_code for each in others] == [401] * len(others)
    assert (await client.http.post(f"{client.server.url}?access_token={access}", json={})).status_code == 401
    assert (await client.call(access)).status_code == 200


async def test_a_client_ends_its_own_grant_and_no_other(client: PlainClient) -> None:
    tokens = await client.tokens()
    foreign = await client.post("/revoke", token=tokens["refresh_token"], **CHATGPT)
    unknown = await client.post("/revoke", token="x", token_type_hint="access_token")
    nobody = await client.post("/revoke", token=tokens["refresh_token"], client_id="nobody")

    assert [each.status_code for each in (foreign, unknown, nobody)] == [200, 200, 401]
    assert (await client.call(tokens["access_token"])).status_code == 200
    assert (await client.post("/revoke", token=tokens["access_token"])).status_code == 200
    assert (await client.call(tokens["access_token"])).status_code == 401
    assert said(await client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_a_secret_is_checked(client: PlainClient) -> None:
    await client.register()
    tokens = await client.tokens()
    right = client.secret
    for secret in ({}, {"client_secret": "x"}, {"client_secret": ""}):
        client.secret = secret

        assert said(await client.refresh(tokens["refresh_token"])) == (401, "invalid_client")
    client.secret = right
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_token_request_is_a_form_without_doubles(client: PlainClient) -> None:
    code = await client.code()
    form = f"grant_type=authorization_code&code={code}&client_id={client.client_id}"
    url = f"{client.server.issuer}/token"
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        await client.http.post(url, json={"grant_type": "authorization_code", "code": code}),
        await client.http.post(url, content=form),
        await client.http.post(url, files={"code": code}),
        await client.http.post(url, content=f"{form}&code=2", headers=urlencoded),
        await client.http.post(
            url, content=f"{form};code=2&{'&'.join(f'a{n}=1' for n in range(40))}", headers=urlencoded
        ),
        await client.http.post(url, content=b"\xff", headers=urlencoded),
    ]

    assert [said(each) for each in answers] == [(400, "invalid_request")] * len(answers)
    assert (await client.exchange(code)).status_code == 200


async def test_a_browser_page_may_ask_for_tokens_and_not_for_the_login_page(client: PlainClient) -> None:
    tokens = await client.tokens()
    origin = {"Origin": "https://inspector.example"}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": client.client_id}
    response = await client.http.post(f"{client.server.issuer}/token", data=form, headers=origin)
    page = await client.http.get(client.authorize_url(), headers=origin)
    asked = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflights = [await client.http.options(f"{client.server.issuer}{path}", headers=asked) for path in OPEN_PATHS]

    assert [each.status_code for each in preflights] == [200] * len(OPEN_PATHS)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    assert "access-control-allow-origin" not in page.headers


async def test_a_second_content_type_is_refused(client: PlainClient) -> None:
    form = "application/x-www-form-urlencoded"
    for path in ("/token", "/revoke"):
        for kinds in (("multipart/form-data; boundary=x", form), (form, "multipart/form-data; boundary=x")):
            response = await client.http.post(
                f"{client.server.issuer}{path}", content=b"token=x", headers=[("Content-Type", each) for each in kinds]
            )
            assert said(response) == (400, "invalid_request")


async def test_a_token_of_another_server_on_the_same_store_is_refused(
    client: PlainClient, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    token = (await client.tokens())["access_token"]
    async with login_server(sandbox, tmp_path, clock=clock) as other, plain_client(other) as theirs:
        assert (await theirs.call(token)).status_code == 401
    assert (await client.call(token)).status_code == 200
