"""The keys of an identity provider, fetched again while calls come."""

import anyio
import httpx2

from convirza_mcp.transports.http.authentication.oidc import KEYS_SECONDS, IdentityProvider
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL
from support.identity_provider import ISSUER, Provider

OIDC = HttpSettings(http_url=URL, http_auth="oidc", oidc_issuer=ISSUER)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_known_key_serves_while_the_keys_are_fetched_again() -> None:
    provider, clock = Provider(), Clock()
    inner, may_answer = provider.transport(), anyio.Event()

    async def slow(request: httpx2.Request) -> httpx2.Response:
        await may_answer.wait()
        return await inner.handle_async_request(request)

    issuer = IdentityProvider(OIDC, URL, transport=httpx2.MockTransport(slow), monotonic=clock)
    may_answer.set()
    await issuer.principal(provider.token())
    clock.now, may_answer = KEYS_SECONDS + 1, anyio.Event()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(issuer.principal, provider.token())
            await anyio.wait_all_tasks_blocked()
            await issuer.principal(provider.token())
            may_answer.set()
