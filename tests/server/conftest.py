from typing import Any

import pytest


@pytest.fixture(params=["auto", pytest.param("legacy", marks=pytest.mark.long)])
def era(request: pytest.FixtureRequest) -> Any:
    """How the official client begins. The older era's share is part of the long counts."""
    return request.param
