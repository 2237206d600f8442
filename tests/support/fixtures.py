"""Fixtures of many tests. `tests/conftest.py` makes them known everywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from convirza_mcp.sandbox import Sandbox
    from faults.certificates import Authority

PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
    """The sandbox that a module's `SANDBOX` describes, running."""
    # Imported here, and not above: environments without this package run the tests of the examples.
    from convirza_mcp.sandbox import Sandbox

    with Sandbox(**getattr(request.module, "SANDBOX", {})) as running:
        yield running


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="session")
def authority() -> "Authority":
    pytest.importorskip("trustme")
    from faults.certificates import Authority

    return Authority()


@pytest.fixture
def trusted(authority: "Authority", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names our authority, as a company with one of its own does."""
    bundle = tmp_path / "authority.pem"
    bundle.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))


@pytest.fixture
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where this process, and those that it starts, keep logins and keys."""
    for variable in ("XDG_STATE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path / "state"
