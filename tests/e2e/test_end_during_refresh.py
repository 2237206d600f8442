"""The end of the process in the middle of a renewal that gets no answer."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from faults import FaultServer
from faults.exchange import Exchange
from support.processes import ServerProcess, server_process

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")

# The promise is two seconds; on a busy machine it is bounded at three times that.
SOON = 6.0
ACCESS, REFRESH = "CNVZ-AT-7f3e9d", "CNVZ-RT-a81c02"


def end_of_input(server: ServerProcess) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()
    # `communicate` would flush it.
    server.process.stdin = None


def interrupt(server: ServerProcess) -> None:
    server.process.send_signal(signal.SIGINT)


def terminate(server: ServerProcess) -> None:
    server.process.terminate()


@pytest.mark.long
@pytest.mark.parametrize("end", [end_of_input, terminate, pytest.param(interrupt, marks=pytest.mark.long)])
def test_the_process_is_gone_in_time_and_the_login_is_as_it_was(
    tmp_path: Path, end: Callable[[ServerProcess], None]
) -> None:
    store = CredentialStore(tmp_path / "convirza-mcp")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    reached = threading.Event()

    async def say_so_and_hang(exchange: Exchange) -> None:
        reached.set()
        await exchange.hung_up()

    with FaultServer(say_so_and_hang) as oauth:
        pair = TokenPair(ACCESS, REFRESH, an_hour_ago, None, obtained_at=an_hour_ago - timedelta(days=7))
        store.write(StoredCredential(pair, account="5ad0c0", oauth_url=oauth.origin))
        before = store.read()
        settings = {
            "CONVIRZA_BASE_URL": oauth.base_url,
            "CONVIRZA_OAUTH_URL": oauth.origin,
            "XDG_STATE_HOME": str(tmp_path),
        }
        with server_process(**settings) as server:
            server.call(1, {})
            assert reached.wait(5)
            end(server)

            status, said, complained = server.end(SOON)

        assert [(request.method, request.path) for request in oauth.requests] == [("POST", "/oauth/refresh-token")]
    # But for the mark that the refresh token may have been spent.
    assert (status, store.read()) == (0, before)
    assert not any(secret in said + complained for secret in (ACCESS, REFRESH, "Traceback"))
    with store.lock(0):
        assert sorted(path.name for path in tmp_path.glob("*/*")) == ["credentials.json", "credentials.lock"]
