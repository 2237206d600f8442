"""Tokens of an identity provider: which let in, and how its keys, outages and documents are dealt with."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import jwt
import pytest

from convirza_mcp.errors import ConvirzaError, SettingsError
from convirza_mcp.transports.http.authentication.bearer import RejectedTokenError
from convirza_mcp.transports.http.authentication.keys import KeyFile
from convirza_mcp.transports.http.authentication.oidc import KEYS_SECONDS, REFETCH_SECONDS, IdentityProvider
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL, headers, message, serving
from support.identity_provider import ISSUER, Provider
from support.rows import answering, envelope, row

TOOL = "list_sms_conversations"
CALL = message("tools/call", {"name": TOOL, "arguments": {"limit": 1}})
OIDC = HttpSettings(http_url=URL, http_auth="oidc", oidc_issuer=ISSUER)
METADATA = "https://sms.example.com/.well-known/oauth-protected-resource/mcp"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(provider: Provider, clock: Clock) -> IdentityProvider:
    return IdentityProvider(OIDC, URL, transport=provider.transport(), monotonic=clock)


@pytest.fixture
async def client(provider: Provider, issuer: IdentityProvider) -> AsyncIterator[httpx2.AsyncClient]:
    http = replace(OIDC, oidc_scope="sms:read")
    checked = IdentityProvider(http, URL, transport=provider.transport())
    async with serving(answering(envelope([row(1)])), http, issuer=checked) as (_, client):
        yield client


async def call(client: httpx2.AsyncClient, token: str | None = None) -> httpx2.Response:
    return await client.post(URL, json=CALL, headers=headers("tools/call", TOOL, token))


async def test_a_call_with_a_token_is_answered(provider: Provider, client: httpx2.AsyncClient) -> None:
    response = await call(client, provider.token())

    assert response.json()["result"]["structuredContent"]["rows"][0][0] == 1


async def test_the_challenge_leads_to_the_provider(client: httpx2.AsyncClient) -> None:
    response = await call(client)

    challenge = f'Bearer resource_metadata="{METADATA}", scope="sms:read"'
    assert (response.status_code, response.headers["www-authenticate"]) == (401, challenge)
    for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"):
        document = await client.get(path, headers={"Origin": "https://any.example"})
        assert document.headers["access-control-allow-origin"] == "*"
        assert document.headers["cache-control"] == "max-age=3600"
        assert document.json() == {
            "resource": URL,
            "authorization_servers": [ISSUER],
            "scopes_supported": ["sms:read"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Convirza SMS inbox",
        }
    assert (await client.get("/.well-known/oauth-authorization-server")).status_code == 404


async def test_a_refusal_says_which_kind_it_is(provider: Provider, client: httpx2.AsyncClient) -> None:
    wrong = await call(client, provider.token(aud="https://other.example/mcp"))
    poor = await call(client, provider.token(scope="openid"))

    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (
        401,
        f'Bearer resource_metadata="{METADATA}", scope="sms:read", error="invalid_token"',
    )
    assert (poor.status_code, poor.headers["www-authenticate"]) == (
        403,
        f'Bearer error="insufficient_scope", resource_metadata="{METADATA}", scope="sms:read"',
    )


SOUND = [{}, {"header": {"typ": "JWT"}}, {"aud": ["https://other.example", URL]}, {"scope": None, "scp": ["sms:read"]}]


@pytest.mark.parametrize("changed", SOUND)
async def test_sound_tokens_are_accepted(provider: Provider, issuer: IdentityProvider, changed: dict[str, Any]) -> None:
    principal = await issuer.principal(provider.token(**changed))

    assert principal.subject == f"{ISSUER}|00u1priya"
    assert principal.label is not None
    assert "priya" not in principal.label


async def test_clocks_may_differ_a_little(provider: Provider, issuer: IdentityProvider) -> None:
    await issuer.principal(provider.token(exp=int(time.time()) - 10))


UNSOUND = {
    "another audience": {"aud": "https://other.example/mcp"},
    "another issuer": {"iss": "https://login.example.com/realms/other"},
    "a slash more": {"iss": f"{ISSUER}/"},
    "expired": {"exp": 1_000_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "without an end": {"exp": None},
    "without a subject": {"sub": None},
    "without an audience": {"aud": None},
    "an ID token": {"nonce": "n"},
    "an ID token of Keycloak": {"typ": "ID"},
    "another kind": {"header": {"typ": "logout+jwt"}},
    "another key's name": {"header": {"kid": "second"}},
}


@pytest.mark.parametrize("changed", UNSOUND.values(), ids=UNSOUND)
async def test_unsound_tokens_are_rejected(
    provider: Provider, issuer: IdentityProvider, changed: dict[str, Any]
) -> None:
    with pytest.raises(RejectedTokenError):
        await issuer.principal(provider.token(**changed))


async def test_other_algorithms_are_refused(provider: Provider, issuer: IdentityProvider) -> None:
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    head = {"typ": "at+jwt", "kid": "first"}
    public = str(provider.keys["first"][1])
    good = provider.token()
    stranger = Provider().token()

    for token in (
        jwt.encode(claims, None, "none", headers=head),
        jwt.encode(claims, public, "HS256", headers=head),
        stranger,
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        good.rsplit(".", 1)[0] + ".",
        "a.b.c",
        "",
    ):
        with pytest.raises(RejectedTokenError):
            await issuer.principal(token)


@pytest.mark.parametrize("algorithm", ["RS512", "PS256", "ES256", "ES384", "EdDSA"])
async def test_tokens_signed_with_other_keys_of_the_provider_are_accepted(algorithm: str) -> None:
    provider = Provider()
    provider.add_key("other", algorithm)
    issuer = IdentityProvider(OIDC, URL, transport=provider.transport())

    assert (await issuer.principal(provider.token("other"))).subject == f"{ISSUER}|00u1priya"


async def test_a_key_that_cannot_be_used_hides_no_other() -> None:
    provider = Provider()
    sound = provider.keys["first"]
    odd: list[Any] = [7, {}, {"kty": "EC", "crv": "P-999", "kid": "x"}, sound[1] | {"kid": ["x"]}]
    provider.keys = {**{str(place): (None, each, "") for place, each in enumerate(odd)}, "first": sound}
    issuer = IdentityProvider(OIDC, URL, transport=provider.transport())

    assert (await issuer.principal(provider.token())).subject == f"{ISSUER}|00u1priya"


async def test_a_new_key_is_fetched_at_most_every_half_minute(clock: Clock) -> None:
    provider = Provider()
    issuer = IdentityProvider(OIDC, URL, transport=provider.transport(), monotonic=clock)
    await issuer.principal(provider.token())
    provider.add_key("second", "RS256")

    with pytest.raises(RejectedTokenError):
        await issuer.principal(provider.token("second"))
    assert provider.requests.count("/jwks") == 1
    clock.now = REFETCH_SECONDS
    await issuer.principal(provider.token("second"))
    for _ in range(20):
        with pytest.raises(RejectedTokenError):
            await issuer.principal(provider.token(header={"kid": "made-up"}))
    assert provider.requests.count("/jwks") == 2


async def test_an_outage_keeps_the_known_keys(clock: Clock) -> None:
    provider = Provider()
    issuer = IdentityProvider(OIDC, URL, transport=provider.transport(), monotonic=clock)
    await issuer.principal(provider.token())
    provider.is_down = True
    clock.now = 10 * KEYS_SECONDS

    assert (await issuer.principal(provider.token())).subject == f"{ISSUER}|00u1priya"


async def test_an_outage_at_the_start_ends(clock: Clock) -> None:
    provider = Provider()
    provider.is_down = True
    issuer = IdentityProvider(OIDC, URL, transport=provider.transport(), monotonic=clock)

    for _ in range(3):
        with pytest.raises(ConvirzaError):
            await issuer.principal(provider.token())
    assert len(provider.requests) == 1
    provider.is_down = False
    clock.now = REFETCH_SECONDS
    await issuer.principal(provider.token())


async def test_an_outage_is_said_to_the_client(provider: Provider) -> None:
    down = Provider()
    down.is_down = True
    issuer = IdentityProvider(OIDC, URL, transport=down.transport())
    async with serving(answering(envelope([])), OIDC, issuer=issuer) as (_, client):
        response = await call(client, provider.token())

    assert (response.status_code, response.headers["retry-after"]) == (503, "10")


async def test_the_document_may_be_the_one_of_rfc_8414() -> None:
    provider = Provider()
    provider.only_rfc_8414 = True

    await IdentityProvider(OIDC, URL, transport=provider.transport()).principal(provider.token())


async def test_another_issuer_s_document_is_a_setting_s_error(provider: Provider) -> None:
    other = replace(OIDC, oidc_issuer=f"{ISSUER}/")

    with pytest.raises(SettingsError):
        await IdentityProvider(other, URL, transport=provider.transport()).check()


@pytest.mark.parametrize(
    ("required", "claims", "lets_in"),
    [
        ("groups=support", {}, True),
        ("groups=sales,groups=support", {}, True),
        ("groups=sales", {}, False),
        ("hd=acme.com", {"hd": "acme.com"}, True),
        ("hd=acme.com", {"hd": "evil.com"}, False),
        ("hd=acme.com", {}, False),
        ("groups=support, hd=acme.com", {}, False),
    ],
)
async def test_claims_that_are_required(
    provider: Provider, required: str, claims: dict[str, Any], lets_in: bool
) -> None:
    http = HttpSettings.from_environment(
        {
            "CONVIRZA_HTTP_URL": URL,
            "CONVIRZA_HTTP_AUTH": "oidc",
            "CONVIRZA_OIDC_ISSUER": ISSUER,
            "CONVIRZA_OIDC_REQUIRE": required,
        }
    )
    issuer = IdentityProvider(http, URL, transport=provider.transport())
    async with serving(answering(envelope([row(1)])), http, issuer=issuer) as (_, client):
        response = await call(client, provider.token(**claims))

    assert response.status_code == (200 if lets_in else 403)
    assert "www-authenticate" not in response.headers


async def test_another_audience_can_be_set(provider: Provider) -> None:
    issuer = IdentityProvider(replace(OIDC, oidc_audience="api://sms"), URL, transport=provider.transport())

    await issuer.principal(provider.token(aud="api://sms"))
    with pytest.raises(RejectedTokenError):
        await issuer.principal(provider.token())


async def test_keys_and_tokens_side_by_side(provider: Provider, issuer: IdentityProvider, tmp_path: Any) -> None:
    http = replace(OIDC, http_auth="keys,oidc", http_keys_file=tmp_path / "keys.json")
    key = KeyFile(http.http_keys_file).add("ci")
    async with serving(answering(envelope([row(1)])), http, issuer=issuer) as (_, client):
        assert (await call(client, key)).status_code == 200
        assert (await call(client, provider.token())).status_code == 200
        assert (await call(client, "cvz_" + "A" * 43)).status_code == 401
        assert (await call(client)).headers["www-authenticate"] == f'Bearer resource_metadata="{METADATA}"'
