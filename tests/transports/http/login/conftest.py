from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from support.login_pages import Convirza, LoginSite
from support.oauth_clients import Clock, LoginServer, PlainClient, login_server, plain_client


@pytest.fixture
def convirza() -> Convirza:
    return Convirza()


@pytest.fixture
async def site(tmp_path: Path, convirza: Convirza) -> AsyncIterator[LoginSite]:
    site = LoginSite(tmp_path, convirza.log_in)
    yield site
    await site.store.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(sandbox: Sandbox, tmp_path: Path, clock: Clock) -> AsyncIterator[LoginServer]:
    sandbox.requests.clear()
    async with login_server(sandbox, tmp_path, clock=clock) as server:
        yield server


@pytest.fixture
async def client(server: LoginServer) -> AsyncIterator[PlainClient]:
    async with plain_client(server) as client:
        yield client
