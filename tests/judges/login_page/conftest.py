"""One browser for all tests of the login page."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from judges.pictures.chat_host import chromium


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser
