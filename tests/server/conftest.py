from typing import Any

import pytest


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> Any:
    """How the official client begins: with either of the protocol's two eras."""
    return request.param
