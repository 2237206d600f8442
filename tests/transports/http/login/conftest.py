from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.login_pages import Convirza, LoginSite


@pytest.fixture
def convirza() -> Convirza:
    return Convirza()


@pytest.fixture
async def site(tmp_path: Path, convirza: Convirza) -> AsyncIterator[LoginSite]:
    site = LoginSite(tmp_path, convirza.log_in)
    yield site
    await site.store.aclose()
