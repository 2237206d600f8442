"""One browser, one chat and one inbox for all pictures."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from judges.pictures.chat_host import Card, bundle, chat, chromium
from judges.pictures.inboxes import Inbox, served


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
async def inbox() -> AsyncIterator[Inbox]:
    async for each in served():
        yield each


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    return bundle(tmp_path_factory.mktemp("chat"))


@pytest.fixture
async def card(browser: Any, script: str, inbox: Inbox) -> AsyncIterator[Card]:
    async with chat(browser, script, inbox.ask) as card:
        yield card
        assert card.trouble == []
