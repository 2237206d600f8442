from collections.abc import Iterator

import pytest

from convirza_mcp.sandbox import Sandbox
from support.commands import NOW


@pytest.fixture(scope="session")
def inbox() -> Iterator[Sandbox]:
    """One inbox for all commands that only read."""
    with Sandbox(now=NOW) as sandbox:
        yield sandbox
