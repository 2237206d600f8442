"""Check a server over HTTP at its public address, as a client would, and name what a proxy changed."""

import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2

from convirza_mcp.api.http.connection import NETWORK_FAULTS, http_client, network_failure
from convirza_mcp.api.http.envelope import envelope_of
from convirza_mcp.setup.doctor.finding import Finding, within
from convirza_mcp.transports.http.documents import resource_metadata_url, root_of

ADDRESS, READINESS, CHALLENGE, DOCUMENTS, STREAM = "address", "readiness", "challenge", "documents", "stream"
PING_SECONDS = 16.0
_SECONDS = 15.0
_FIRST_EVENT_SECONDS = 10.0
_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
_METADATA = re.compile(r'resource_metadata="([^"]*)"')


async def check_remote(url: str, key: str | None, report: Callable[[Finding], None]) -> tuple[Finding, ...]:
    """Return every finding about the server at `url`; `report` gets each one at once. `key` is an access key."""
    found: list[Finding] = []

    def tell(finding: Finding) -> None:
        found.append(finding)
        report(finding)

    timeouts = httpx2.Timeout(10.0, read=PING_SECONDS + 1)
    async with http_client(httpx2.URL(url), timeouts=timeouts) as http:
        answer = await within(_SECONDS, ADDRESS, ask(http, "POST", url, "server/discover"))
        if isinstance(answer, Finding):
            tell(answer)
            return tuple(found)
        tell(_address(url, answer))
        tell(await within(_SECONDS, READINESS, _readiness(http, url)))
        if found[0].ok:
            challenge = answer.headers.get("www-authenticate", "") if answer.status_code == 401 else None
            tell(_challenge(url, challenge))
            tell(await within(_SECONDS, DOCUMENTS, _documents(http, url, challenge or "")))
            seconds = _FIRST_EVENT_SECONDS + PING_SECONDS + 5.0
            tell(await within(seconds, STREAM, _stream(http, url, key, needs_key=challenge is not None)))
    return tuple(found)


def _address(url: str, answer: httpx2.Response) -> Finding:
    host, status = urlsplit(url).hostname, answer.status_code
    match status:
        case 200 if "result" in envelope_of(answer.content):
            return Finding.good(ADDRESS, f"{host} answers, and asks for no authentication.")
        case 401:
            return Finding.good(ADDRESS, f"{host} answers, and asks for authentication.")
        case 301 | 302 | 303 | 307 | 308:
            detail = f"{host} redirects ({status}), and clients do not follow with their token."
            remedy = "Have the proxy pass the request on, and give clients the final address."
        case 404 | 405:
            detail = f"{host} does not know this path ({status})."
            remedy = "Use the address in CONVIRZA_HTTP_URL, and have the proxy pass its path on unchanged."
        case 421:
            detail = "The server received another Host than CONVIRZA_HTTP_URL names (421)."
            remedy = "Have the proxy pass Host on, with its port, and set CONVIRZA_HTTP_URL to this address."
        case 502 | 503 | 504:
            detail, remedy = f"The proxy at {host} reaches no server ({status}).", "Start the server."
        case _:
            detail, remedy = f"{host} answers with status {status}, not as this server does.", "Check the address."
    return Finding.fault(ADDRESS, detail, remedy)


async def _readiness(http: httpx2.AsyncClient, url: str) -> Finding:
    match (await ask(http, "GET", f"{root_of(url)}/readyz")).status_code:
        case 200:
            return Finding.good(READINESS, "The server takes calls.")
        case 503:
            return Finding.fault(
                READINESS,
                "The server takes no calls: /readyz answers with 503.",
                "Read its log: it stops, its key file or its store cannot be used, or its settings differ from those "
                "of other replicas.",
            )
        case _:
            return Finding.skipped(READINESS, "the proxy does not pass /readyz on.")


def _challenge(url: str, challenge: str | None) -> Finding:
    if challenge is None:
        return Finding.skipped(CHALLENGE, "the server asks for no authentication.")
    if not challenge.lower().startswith("bearer"):
        return Finding.fault(
            CHALLENGE, "The header WWW-Authenticate is missing.", "Have the proxy pass this header on to clients."
        )
    named = _METADATA.search(challenge)
    if named is None:
        return Finding.good(CHALLENGE, "The server asks for an access key.")
    if named[1] != resource_metadata_url(url):
        return Finding.fault(
            CHALLENGE, "The challenge names another address than this one.", "Set CONVIRZA_HTTP_URL to this address."
        )
    return Finding.good(CHALLENGE, "The server asks for an OAuth token.")


async def _documents(http: httpx2.AsyncClient, url: str, challenge: str) -> Finding:
    metadata, root = resource_metadata_url(url), root_of(url)
    if not _METADATA.search(challenge):
        for address in (metadata, f"{root}{_WELL_KNOWN}", f"{root}/.well-known/oauth-authorization-server"):
            status = (await ask(http, "GET", address)).status_code
            if status != 404:
                return Finding.fault(
                    DOCUMENTS,
                    f"{urlsplit(address).path} answers with {status} instead of 404, so clients ignore their key.",
                    "Have the proxy pass this path on to the server.",
                )
        return Finding.good(DOCUMENTS, "There are no discovery documents, which is correct with access keys alone.")
    document = await _document(http, metadata)
    if document.get("resource") != url:
        return Finding.fault(
            DOCUMENTS,
            "The document of the protected resource is missing or names another address.",
            f"Have the proxy pass {urlsplit(metadata).path} on, and set CONVIRZA_HTTP_URL to this address.",
        )
    issuers = document.get("authorization_servers")
    issuer = str(issuers[0]) if isinstance(issuers, list) and issuers else ""
    if issuer == root:
        return await _login_mode(http, root)
    if (await _document(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")).get("issuer") != issuer:
        return Finding.fault(
            DOCUMENTS,
            "The identity provider's document is missing or names another issuer.",
            "Set CONVIRZA_OIDC_ISSUER exactly as the provider's document names it.",
        )
    return Finding.good(DOCUMENTS, "The documents of the server and of its identity provider agree.")


async def _login_mode(http: httpx2.AsyncClient, root: str) -> Finding:
    """Check that the server's own authorization endpoints are reached at the root of its address."""
    if (await _document(http, f"{root}/.well-known/oauth-authorization-server")).get("issuer") != root:
        return Finding.fault(
            DOCUMENTS,
            "/.well-known/oauth-authorization-server is missing or names another issuer.",
            "Have the proxy pass its path on, and set CONVIRZA_HTTP_URL to this address.",
        )
    # Each answers an empty request in its own way.
    for verb, path, status in (("GET", "/authorize", 400), ("POST", "/token", 400), ("GET", "/login", 410)):
        if (await ask(http, verb, f"{root}{path}")).status_code != status:
            return Finding.fault(
                DOCUMENTS,
                f"{path} does not reach the server.",
                "Have the proxy pass /authorize, /token, /register, /revoke and /login on.",
            )
    return Finding.good(DOCUMENTS, "The documents agree, and the login page is reached.")


async def _document(http: httpx2.AsyncClient, url: str) -> Mapping[str, Any]:
    return envelope_of((await ask(http, "GET", url)).content)


async def _stream(http: httpx2.AsyncClient, url: str, key: str | None, *, needs_key: bool) -> Finding:
    if needs_key and key is None:
        return Finding.skipped(STREAM, "needs an access key.", "Name a file with a key in --key-file.")
    method = "subscriptions/listen"
    params = {"notifications": {"resourceSubscriptions": ["convirza://sms/inbox"]}}
    request = http.build_request("POST", url, json=_message(method, params), headers=_headers(method, key))
    missing = None
    try:
        async with aclosing(await http.send(request, stream=True)) as response:
            if response.status_code != 200:
                return Finding.fault(
                    STREAM,
                    f"The server refuses this key ({response.status_code}).",
                    "Get another one from its administrator.",
                )
            lines = response.aiter_lines()
            if not await _comes(lines, "data:", _FIRST_EVENT_SECONDS):
                missing = "The first event of a stream did not arrive."
            elif not await _comes(lines, ": ping", PING_SECONDS):
                missing = f"No ping arrived within {PING_SECONDS:g} seconds."
    except NETWORK_FAULTS as error:
        raise network_failure(error, request.url.host) from None
    if missing is not None:
        return Finding.fault(STREAM, missing, "Turn off buffering of answers in the proxy, as deploy/ shows.")
    return Finding.good(STREAM, "Events and pings arrive at once.")


async def _comes(lines: Any, beginning: str, seconds: float) -> bool:
    with anyio.move_on_after(seconds):
        async for line in lines:
            if line.startswith(beginning):
                return True
    return False


async def ask(
    http: httpx2.AsyncClient, verb: str, url: str, method: str | None = None, *, key: str | None = None
) -> httpx2.Response:
    """Return the answer to one request, to a call of `method` if it is given.

    Raises:
        APIConnectionError: there was no answer.
    """
    content = None if method is None else _message(method)
    headers = {} if method is None else _headers(method, key)
    try:
        return await http.request(verb, url, json=content, headers=headers)
    except NETWORK_FAULTS as error:
        raise network_failure(error, httpx2.URL(url).host) from None


def _message(method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**(params or {}), "_meta": _META}}


def _headers(method: str, key: str | None = None) -> dict[str, str]:
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method,
    }
    return headers if key is None else headers | {"Authorization": f"Bearer {key}"}
