"""A stored login in different states, and the service that renews it."""

from datetime import timedelta
from pathlib import Path

import pytest

from convirza_mcp.api.login.store import CredentialStore
from support.logins import Clock, Service, login, stored

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
ENDED = -AN_HOUR


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    return Service(clock)


@pytest.fixture
def ended(tmp_path: Path, clock: Clock) -> CredentialStore:
    """Holds a login whose access token has ended."""
    return stored(tmp_path / "state", login(clock, left=ENDED))


@pytest.fixture
def due(tmp_path: Path, clock: Clock) -> CredentialStore:
    """Holds a login whose access token should be renewed, and is good for another day."""
    return stored(tmp_path / "state", login(clock, left=A_DAY))
