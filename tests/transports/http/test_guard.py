"""The guard: what is refused before a body is read, and what passes."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp.transports.http import guard
from convirza_mcp.transports.http.app import HttpApp
from convirza_mcp.transports.http.guard import Addresses
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import ACCEPTS, URL, headers, message, serving
from support.rows import answering, envelope, row

TOOL = "list_sms_conversations"
CALL = message("tools/call", {"name": TOOL, "arguments": {"limit": 1}})


@pytest.fixture
async def served() -> AsyncIterator[tuple[HttpApp, httpx2.AsyncClient]]:
    http = HttpSettings(http_url=URL, http_origins=("https://claude.ai",))
    async with serving(answering(envelope([row(1)])), http, loopback_port=8788) as found:
        yield found


@pytest.fixture
def client(served: tuple[HttpApp, httpx2.AsyncClient]) -> httpx2.AsyncClient:
    return served[1]


async def post(client: httpx2.AsyncClient, path: str = "/mcp", **more: str) -> httpx2.Response:
    return await client.post(f"https://sms.example.com{path}", json=CALL, headers=headers("tools/call", TOOL) | more)


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_a_call_is_answered_without_a_redirect(client: httpx2.AsyncClient, path: str) -> None:
    response = await post(client, path)

    assert response.status_code == 200
    assert response.json()["result"]["structuredContent"]["rows"][0][0] == 1


@pytest.mark.parametrize("path", ["/", "/mcp2", "/mcp//", "/sse", "/.well-known/oauth-protected-resource", "/metrics"])
async def test_other_paths_are_unknown(client: httpx2.AsyncClient, path: str) -> None:
    response = await post(client, path)

    assert (response.status_code, response.headers["connection"]) == (404, "close")


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH"])
async def test_only_post_is_allowed(client: httpx2.AsyncClient, method: str) -> None:
    response = await client.request(method, URL, headers={"Host": "evil.example"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


GOOD_HOSTS = ["sms.example.com", "SMS.Example.com", "sms.example.com:443", "127.0.0.1:8788", "[::1]:8788"]
BAD_HOSTS = [
    *("evil.example", "sms.example.com:80", "sms.example.com:", "sms.example.com:x", "sms.example.com.", "", "null"),
    *("localhost", "localhost:8788.evil.com", "localhost:1@evil.com", "127.0.0.1", "127.0.0.1.evil:8788", "[::1]"),
]


@pytest.mark.parametrize("host", GOOD_HOSTS)
async def test_own_hosts_are_served(client: httpx2.AsyncClient, host: str) -> None:
    assert (await post(client, Host=host)).status_code == 200


@pytest.mark.parametrize("host", BAD_HOSTS)
async def test_other_hosts_are_refused(client: httpx2.AsyncClient, host: str) -> None:
    response = await post(client, Host=host)

    assert (response.status_code, response.headers["connection"]) == (421, "close")


async def test_a_second_host_is_refused(client: httpx2.AsyncClient) -> None:
    twice = [*headers("tools/call", TOOL).items(), ("Host", "sms.example.com"), ("Host", "sms.example.com")]

    assert (await client.post(URL, json=CALL, headers=twice)).status_code == 421


@pytest.mark.parametrize("origin", ["https://claude.ai", "https://sms.example.com", "http://localhost:8788"])
async def test_listed_origins_may_read_the_answer(client: httpx2.AsyncClient, origin: str) -> None:
    response = await post(client, Origin=origin)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-expose-headers"] == "WWW-Authenticate"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://claude.ai.evil", "https://claude.ai:444", "http://claude.ai", ""],
)
async def test_other_origins_are_refused(client: httpx2.AsyncClient, origin: str) -> None:
    response = await post(client, Origin=origin)

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


async def test_a_preflight_is_answered(client: httpx2.AsyncClient) -> None:
    response = await client.options(URL, headers={"Origin": "https://claude.ai"})

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://claude.ai"
    assert "Mcp-Method" in response.headers["access-control-allow-headers"]
    assert (await client.options(URL)).headers["allow"] == "POST"
    assert (await client.options(URL, headers={"Origin": "https://evil.example"})).status_code == 403


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1;host=evil.example;proto=http", "X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-Prefix": "/evil", "X-Original-URL": "/healthz"},
    ],
)
@pytest.mark.parametrize("path", ["/mcp", "/mcp/server-card", "/nowhere"])
async def test_forwarded_headers_change_no_answer(
    client: httpx2.AsyncClient, forged: dict[str, str], path: str
) -> None:
    def ask(more: dict[str, str]) -> Any:
        return client.request("GET" if "card" in path else "POST", path, json=message("tools/list"), headers=more)

    plain = headers("tools/list")
    first, second = await ask(plain), await ask(plain | forged)

    assert (first.status_code, first.content) == (second.status_code, second.content)


async def test_the_body_is_bounded(client: httpx2.AsyncClient) -> None:
    large = b" " * (guard.MAX_BODY_BYTES + 1)

    async def chunks() -> AsyncIterator[bytes]:
        yield large[:-1]
        yield b" "

    for content in (large, chunks()):
        response = await client.post(URL, content=content, headers=headers("tools/call", TOOL))
        assert (response.status_code, response.headers["connection"]) == (413, "close")


async def test_a_body_that_does_not_end_is_given_up() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep_forever()

    async with serving(answering(envelope([])), body_seconds=0.05) as (app, _):
        sent = await raw(app, half())

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_principal_has_so_many_requests_at_once(served: tuple[HttpApp, httpx2.AsyncClient]) -> None:
    app, client = served
    app.guard.in_flight["local"] = guard.MAX_IN_FLIGHT

    response = await post(client)

    assert (response.status_code, response.headers["retry-after"]) == (429, "1")


async def test_health_says_nothing_else(served: tuple[HttpApp, httpx2.AsyncClient]) -> None:
    app, client = served
    anywhere = {"Host": "10.1.2.3:8788"}

    assert (await client.get("/healthz", headers=anywhere)).text == "ok"
    assert (await client.get("/readyz", headers=anywhere)).status_code == 200
    app.stop()
    assert (await client.get("/readyz", headers=anywhere)).status_code == 503
    assert (await client.get("/healthz", headers=anywhere)).status_code == 200


async def test_the_server_card_names_the_public_address(client: httpx2.AsyncClient) -> None:
    response = await client.get("/mcp/server-card", headers={"Origin": "https://any.example"})
    again = await client.get("/mcp/server-card", headers={"If-None-Match": response.headers["etag"]})

    assert response.headers["content-type"] == "application/mcp-server-card+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "max-age=3600"
    assert [each["url"] for each in response.json()["remotes"]] == [URL]
    assert len(response.json()["description"]) <= 100
    assert (again.status_code, again.content) == (304, b"")


async def test_a_public_address_with_another_path_is_served_there_too() -> None:
    url = "https://example.com/tools/sms"
    async with serving(answering(envelope([row(1)])), url=url) as (_, client):
        for path in ("/tools/sms", "/mcp"):
            response = await client.post(path, json=CALL, headers=headers("tools/call", TOOL))
            assert response.status_code == 200


async def test_line_separators_are_escaped_in_both_eras(client: httpx2.AsyncClient) -> None:
    separators = "\x85\u2028\u2029"
    asked = {"name": TOOL, "arguments": {"search": separators}}
    modern = await client.post(URL, json=message("tools/call", asked), headers=headers("tools/call", TOOL))
    request = {"jsonrpc": "2.0", "id": separators, "method": "tools/list"}
    legacy = await client.post(URL, json=request, headers=ACCEPTS)

    for response in (modern, legacy):
        assert response.status_code == 200
        assert not {"\x85", "\u2028", "\u2029"} & {*response.text}
    assert '"\\u0085\\u2028\\u2029"' in legacy.text


def test_the_port_of_the_scheme_may_be_left_out() -> None:
    assert Addresses.of("http://127.0.0.1/mcp", 80, ()).hosts >= {"127.0.0.1", "127.0.0.1:80", "localhost:80"}
    assert Addresses.of("https://sms.example.com:8443/mcp", None, ()).hosts == {"sms.example.com:8443"}


async def raw(app: HttpApp, body: AsyncIterator[bytes]) -> list[dict[str, Any]]:
    """What the application sends for a request whose body comes in pieces."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(body), "more_body": True}

    async def send(each: Any) -> None:
        sent.append(each)

    fields = {**headers("tools/call", TOOL), "Host": "sms.example.com"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
    }
    await app.guard(scope, receive, send)
    return sent
