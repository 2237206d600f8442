import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import LOCK_NAME, STORE_NAME, CredentialStore, StoredCredential
from convirza_mcp.errors import CredentialLockedError, CredentialUnusableError
from support.snapshots import Snapshot

PAIR = TokenPair(
    access_token="CNVZ-AT-7f3e9d",
    refresh_token="CNVZ-RT-a81c02",
    expires_at=datetime(2026, 4, 10, 12, 0, 0, 123_000, tzinfo=UTC),
    refresh_expires_at=None,
    obtained_at=datetime(2026, 4, 3, 12, 0, tzinfo=UTC),
)
LOGIN = StoredCredential(PAIR, account="5ad0c0", oauth_url="https://oauth.example")


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore(tmp_path / "convirza-mcp")


def test_a_login_comes_back_as_it_was_written(store: CredentialStore) -> None:
    pasted = replace(LOGIN, pair=TokenPair("CNVZ-AT-1", None, None, None, obtained_at=PAIR.obtained_at))
    read = [store.read()]
    for written in (LOGIN, pasted):
        store.write(written)
        read.append(CredentialStore(store.path.parent).read())

    assert read == [None, LOGIN, pasted]
    assert [store.delete(), store.delete(), store.read()] == [True, False, None]


def test_its_repr_shows_no_token() -> None:
    assert "CNVZ" not in repr(LOGIN)


def test_without_a_folder_it_is_the_private_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    CredentialStore().write(LOGIN)

    assert [path.name for path in tmp_path.iterdir()] == ["convirza-mcp"]
    assert CredentialStore().read() == LOGIN


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such bits")
def test_store_lock_and_folder_are_for_their_owner_alone(store: CredentialStore) -> None:
    before = os.umask(0)
    try:
        with store.lock(0):
            store.write(LOGIN)
    finally:
        os.umask(before)

    assert {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in [store.path.parent, *store.path.parent.iterdir()]
    } == {"convirza-mcp": 0o700, STORE_NAME: 0o600, LOCK_NAME: 0o600}


def test_the_stamp_tells_every_change(store: CredentialStore) -> None:
    stamps = [store.stamp()]
    for change in (
        lambda: store.write(LOGIN),
        lambda: store.write(LOGIN),
        lambda: store.path.write_bytes(store.path.read_bytes()),
        lambda: store.path.chmod(0o644),
        store.delete,
    ):
        change()
        stamps.append(store.stamp())

    assert stamps[0] is stamps[-1] is None
    assert len(set(stamps)) == 5


def test_reading_changes_no_stamp(store: CredentialStore) -> None:
    store.write(LOGIN)
    before = store.stamp()

    store.read()
    store.prove_writable()

    assert store.stamp() == before


def written(**changes: Any) -> bytes:
    content = {
        "version": 1,
        "account": LOGIN.account,
        "oauth_url": LOGIN.oauth_url,
        "access_token": PAIR.access_token,
        "refresh_token": PAIR.refresh_token,
        "expires_at": "2026-04-10T12:00:00.123000+00:00",
        "refresh_expires_at": None,
        "obtained_at": "2026-04-03T12:00:00+00:00",
    }
    return json.dumps({**content, **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(written()[:-30], id="half"),
        pytest.param(b"\xef\xbb\xbf" + written(), id="byte order mark"),
        pytest.param(written().decode().encode("utf-16"), id="utf-16"),
        pytest.param(b"[" + written() + b"]", id="list"),
        pytest.param(b"[" * 60_000, id="deep"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(bytes(10 * 1024 * 1024), id="10 MB"),
        pytest.param(written(version=2), id="future version"),
        pytest.param(written(version=10**40), id="far future version"),
        pytest.param(b'{"version": 7, "tokens": []}', id="future version of another shape"),
        pytest.param(written(version="1"), id="version as text"),
        pytest.param(written(version=None), id="no version"),
        pytest.param(written(version=0), id="version nought"),
        pytest.param(written(access_token=""), id="empty token"),
        pytest.param(written(access_token="CNVZ-AT-7f3e9d\nX-Other: 1"), id="token with a line break"),
        pytest.param(written(access_token=["CNVZ-AT-7f3e9d"]), id="list of tokens"),
        pytest.param(written(refresh_token=7), id="number for a refresh token"),
        pytest.param(written(account=None), id="no account"),
        pytest.param(written(oauth_url="http://oauth.example"), id="plain http elsewhere"),
        pytest.param(written(oauth_url=None), id="no origin"),
        pytest.param(written(expires_at="soon"), id="no time"),
        pytest.param(written(obtained_at="2026-04-03T12:00:00"), id="time without a zone"),
        pytest.param(written(expires_at=604_800), id="number for a time"),
    ],
)
def test_what_cannot_be_used_says_what_to_do_and_stays_as_it_is(
    store: CredentialStore, content: bytes, snapshot: Snapshot
) -> None:
    store.write(LOGIN)
    store.path.write_bytes(content)
    before = store.stamp()

    with pytest.raises(CredentialUnusableError) as caught:
        store.read()

    snapshot(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert (store.stamp(), store.path.read_bytes()) == (before, content)


def test_what_is_unreadable_can_be_replaced(store: CredentialStore) -> None:
    store.write(LOGIN)
    store.path.write_bytes(b"")

    store.write(LOGIN)

    assert store.read() == LOGIN


HOLD = """
import sys
from pathlib import Path
from convirza_mcp.api.login.store import CredentialStore
with CredentialStore(Path(sys.argv[1])).lock(5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_keeps_the_lock_until_it_is_killed(store: CredentialStore, snapshot: Snapshot) -> None:
    command = [sys.executable, "-c", HOLD, str(store.path.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for seconds in (0, 0.05):
            with pytest.raises(CredentialLockedError) as caught, store.lock(seconds):
                pytest.fail("two hold the lock")
        holder.kill()
        holder.wait()
        with store.lock(1):
            store.write(LOGIN)

    snapshot(caught.value)
    assert store.read() == LOGIN


@pytest.mark.parametrize("spoil", ["folder", "link"])
def test_a_lock_that_cannot_be_taken_says_what_to_do(store: CredentialStore, spoil: str, snapshot: Snapshot) -> None:
    store.path.parent.mkdir(mode=0o700)
    lock = store.path.parent / LOCK_NAME
    if spoil == "folder":
        lock.mkdir()
    else:
        lock.symlink_to("elsewhere")

    with pytest.raises(CredentialUnusableError) as caught, store.lock(0):
        pytest.fail("locked a folder or somebody's file")

    snapshot.shared(caught.value)
    assert not (store.path.parent / "elsewhere").exists()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_an_end_out_of_range_is_none(store: CredentialStore, moment: str) -> None:
    store.write(LOGIN)
    store.path.write_bytes(written(expires_at=moment, refresh_expires_at=moment))

    assert store.read() == replace(LOGIN, pair=replace(PAIR, expires_at=None))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no list of users to be missing from")
def test_without_a_home_folder_nothing_is_stored(monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    no_home(monkeypatch)
    store = CredentialStore()

    assert (store.read(), store.stamp(), store.has_folder()) == (None, None, False)
    with pytest.raises(CredentialUnusableError) as caught:
        store.write(LOGIN)
    snapshot(caught.value)


def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)


async def test_a_wait_for_the_lock_can_be_cancelled_and_ends(tmp_path: Path) -> None:
    holder, waiting = CredentialStore(tmp_path), FileLogin(CredentialStore(tmp_path))

    with holder.lock(0):
        with anyio.move_on_after(0) as scope:
            async with waiting.lock(60):
                raise AssertionError("two hold the lock")
        with pytest.raises(CredentialLockedError):
            async with waiting.lock(0.05):
                raise AssertionError("two hold the lock")

    assert scope.cancelled_caught
    async with waiting.lock(0):
        pass
