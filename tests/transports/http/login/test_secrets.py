"""Passwords and tokens over many logins with faults: in no log, error, metric, page or store in readable form."""

import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.store.opening import open_store
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.app import HttpApp
from support.failing_store import FailingStore
from support.oauth_clients import Clock, PlainClient, login_server, plain_client
from support.stores import redis_server

PASSWORD = "CNVZ-PW-9c1f77"
OF_CONVIRZA = "sandbox-"
FAULTS = (
    *("none", "a wrong password", "a password in the e-mail field", "a lost answer of Convirza", "an echo of Convirza"),
    *("a refused verifier", "a code twice", "a late refresh token", "an unreadable token", "a login that ended"),
    *("a store that fails at the login", "a store that fails at the token", "a store that fails at the call"),
    *("a cancelled login", "a revocation", "a token in the address"),
)


class Convirza(httpx2.AsyncHTTPTransport):
    """The network to the sandbox, which sometimes fails; a bad answer repeats all that was sent."""

    fault: str | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.fault == "lost":
            await super().handle_async_request(request)
            raise httpx2.ReadError("", request=request)
        if self.fault == "echo":
            sent = b" ".join([request.content, *(value for _, value in request.headers.raw)])
            return httpx2.Response(500, content=sent, headers={"X-Echo": PASSWORD}, request=request)
        return await super().handle_async_request(request)


@dataclass
class Run:
    """What was seen, and the secrets that none of it may have."""

    client: PlainClient
    convirza: Convirza
    store: FailingStore
    clock: Clock
    seen: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=lambda: {PASSWORD})
    outcomes: Counter[str] = field(default_factory=Counter)

    def note(self, response: httpx2.Response) -> httpx2.Response:
        """Keep a page or an error; only a redirect to the client and a token response may have a code or token."""
        if response.status_code not in (200, 302, 303) or "text/html" in response.headers.get("content-type", ""):
            self.seen.append(f"{response.headers} {response.text}")
        return response

    async def submit(self, address: str, **fields: str) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=30, verify=False) as browser:
            page = self.note(await browser.get(address))
            form = {
                "csrf": page.text.partition('name="csrf" value="')[2].partition('"')[0],
                "action": "allow",
                **fields,
            }
            return self.note(await browser.post(address, data=form, headers={"Origin": self.client.server.issuer}))

    async def flow(self, fault: str, person: int) -> None:
        """One login of one person, with a fault on the way."""
        client, login = self.client, self.client.server.sandbox.logins[person]
        secret = login.password
        self.secrets.add(secret)
        self.clock.seconds += 900
        page = (await client.http.get(client.authorize_url())).headers["location"]
        given = {"email": login.email, "password": secret}
        if fault == "a wrong password":
            await self.submit(page, email=login.email, password=f"{PASSWORD}-wrong")
        if fault == "a password in the e-mail field":
            self.note(await client.http.post(page, data={"email": secret, "password": secret}))
        if fault in ("a lost answer of Convirza", "an echo of Convirza"):
            self.convirza.fault = fault.split()[1]
            await self.submit(page, **given)
            self.convirza.fault = None
        if fault == "a store that fails at the login":
            self.store.is_up = False
            await self.submit(page, **given)
            self.store.is_up = True
        if fault == "a cancelled login":
            assert (await self.submit(page, **given, action="cancel")).status_code == 303
            self.outcomes[fault] += 1
            return
        response = await self.submit(page, **given)
        assert response.status_code == 303, (fault, response.text)
        code = response.headers["location"].partition("code=")[2].partition("&")[0]
        self.secrets.add(code)
        await self.tokens(fault, code, login.ct_user_id)

    async def tokens(self, fault: str, code: str, user_id: int) -> None:
        client = self.client
        if fault == "a refused verifier":
            self.note(await client.exchange(code, code_verifier=f"{code[:43]}"))
        if fault == "a store that fails at the token":
            self.store.is_up = False
            self.note(await client.exchange(code))
            self.store.is_up = True
        tokens = (await client.exchange(code)).json()
        access, refresh = tokens["access_token"], tokens["refresh_token"]
        self.secrets |= {access, refresh}
        called = await client.call(access)
        assert called.status_code == 200
        self.seen.append(called.text)
        match fault:
            case "a code twice":
                self.note(await client.exchange(code))
            case "a late refresh token":
                later = (await client.refresh(refresh)).json()
                self.secrets |= {later["access_token"], later["refresh_token"]}
                self.clock.seconds += 61
                self.note(await client.refresh(refresh))
            case "an unreadable token":
                self.note(await client.call(f"{access} {access}"))
                self.note(await client.refresh(f"{refresh}x", scope=refresh))
            case "a login that ended":
                client.server.sandbox.end_logins(user_id)
                self.seen.append((await client.call(access)).text)
            case "a store that fails at the call":
                self.store.is_up = False
                self.note(await client.call(refresh))
                self.store.is_up = True
            case "a revocation":
                self.note(await client.post("/revoke", token=refresh, token_type_hint=refresh))
                await client.post("/revoke", token=refresh)
            case "a token in the address":
                self.note(await client.http.get(f"{client.server.url}?access_token={access}"))
        self.outcomes[fault] += 1


@asynccontextmanager
async def running(folder: Path, address: str | None) -> AsyncIterator[Run]:
    clock, convirza = Clock(), Convirza()
    store = FailingStore(SQLiteStore(folder / "store.sqlite", now=clock) if address is None else open_store(address))
    with Sandbox(conversations=20, login_limit=None, password=PASSWORD) as sandbox:
        async with (
            login_server(
                sandbox, folder, clock=clock, store=store, mode={"transport": convirza}, metrics=True
            ) as server,
            plain_client(server) as client,
        ):
            yield Run(client, convirza, store, clock)


def metrics_of(app: HttpApp) -> str:
    prometheus = pytest.importorskip("prometheus_client")
    assert app.metrics is not None
    return str(prometheus.generate_latest(app.metrics.registry).decode())


def content_of(folder: Path) -> bytes:
    """Return the files of SQLite, or of Redis, which writes each command uncompressed."""
    files = [*folder.glob("store.sqlite*"), *folder.glob("redis/**/*.aof")]
    assert files
    return b"".join(each.read_bytes() for each in files)


async def forget_attempts(address: str) -> None:
    """Delete the counts: Redis does not follow the test's clock."""
    redis = pytest.importorskip("redis.asyncio")
    async with redis.Redis.from_url(address) as connection:
        async for name in connection.scan_iter("*:count:*"):
            await connection.delete(name)


async def check(
    flows: int,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    address: str | None = None,
) -> Run:
    caplog.set_level(logging.DEBUG)
    chance = random.Random(7)
    async with running(folder, address) as run:
        for number in range(flows):
            if address is not None:
                await forget_attempts(address)
            await run.flow(FAULTS[number % len(FAULTS)] if number < len(FAULTS) else chance.choice(FAULTS), number % 5)
        run.seen.append(metrics_of(run.client.server.app))
        stored = content_of(folder)
    output = capfd.readouterr()
    # The test's own client and the one to Convirza share these two; the server writes none of their texts.
    records = [each for each in caplog.records if each.name.split(".")[0] not in ("httpx2", "httpcore2")]
    assert {"convirza_mcp"} <= {each.name for each in records}
    everything = "\n".join([*run.seen, *map(repr, records), *(each.getMessage() for each in records), *output])

    assert [each for each in run.secrets if each in everything] == []
    assert [each for each in run.secrets if each.encode() in stored or each[-43:].encode() in stored] == []
    for text in (everything.replace("sandbox-token", ""), stored.decode("latin-1")):
        assert OF_CONVIRZA not in text
    return run


async def test_no_secret_is_left_over_by_logins_with_faults(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    run = await check(len(FAULTS), tmp_path, caplog, capfd)

    assert run.outcomes == dict.fromkeys(FAULTS, 1)


@pytest.fixture(scope="module")
def spans() -> Iterator[list[str]]:
    """The server's spans as text. A process has one provider, so these tests share it."""
    trace = pytest.importorskip("opentelemetry.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    provider, found = sdk.TracerProvider(), list[str]()

    class Exporter(export.SpanExporter):  # type: ignore[misc,name-defined]
        def export(self, batch: Sequence[Any]) -> Any:
            found.extend(each.to_json() for each in batch)
            return export.SpanExportResult.SUCCESS

    provider.add_span_processor(export.SimpleSpanProcessor(Exporter()))
    trace.set_tracer_provider(provider)
    yield found
    provider.shutdown()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "redis"])
async def test_no_secret_is_left_over_by_five_hundred_logins(
    kind: str,
    tmp_path: Path,
    spans: list[str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with redis_server(tmp_path / "redis") if kind == "redis" else nullcontext() as server:
        run = await check(500, tmp_path, caplog, capfd, None if server is None else server.address)

    assert run.outcomes.total() == 500
    everything = "\n".join(spans)
    assert "tools/call" in everything
    assert [each for each in run.secrets if each in everything] == []
    assert OF_CONVIRZA not in everything
