import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from support import virtual_time

pytest_plugins = ["support.fixtures", "support.snapshots"]

# What a property needs to be believed is run with `--hypothesis-profile=thorough`; the quick run finds the coarse.
# On a busy machine drawing an example is slow as well, and no fault of the test.
usual = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.register_profile("quick", usual, max_examples=30)
settings.register_profile("thorough", usual, max_examples=500)
settings.load_profile("quick")

# Without bytecode, each worker would rewrite all asserts again, and each process would compile the package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC and os.statvfs(MEMORY).f_bavail > 2**18:
    # Logins are forced to the disk, which a test need not wait for.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it runs in the background with Ctrl-C ignored, and each process of a test would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_login_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the processes that they start, see no login that somebody really has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return "asyncio" if request.node.get_closest_marker("virtual_time") is None else virtual_time.BACKEND
