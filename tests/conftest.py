from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["support.snapshots"]

# What a property needs to be believed is run with `--hypothesis-profile=thorough`; the quick run finds the coarse.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def no_login_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the processes that they start, see no login that somebody really has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
