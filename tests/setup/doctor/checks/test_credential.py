import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.setup.doctor.checks.credential import check_credential
from convirza_mcp.setup.doctor.checks.settings import read_settings
from convirza_mcp.setup.doctor.finding import Finding
from support.logins import OAUTH_URL, Clock, login, stored
from support.snapshots import Snapshot

SECRET = "CNVZ-AT-7f3e9d"
CLOCK = Clock()


def checked(store: CredentialStore, *, needs_none: bool = False, **settings: str) -> Finding:
    given = {"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_OAUTH_URL": OAUTH_URL}
    read = read_settings({name: text for name, text in (given | settings).items() if text})
    finding = check_credential(read, store, needs_none=needs_none, now=CLOCK.time)
    assert finding.name == "credential"
    assert SECRET not in f"{finding}"
    return finding


@pytest.fixture
def empty(tmp_path: Path) -> CredentialStore:
    return CredentialStore(tmp_path / "empty")


def test_a_missing_token_says_to_log_in(empty: CredentialStore, snapshot: Snapshot) -> None:
    finding = checked(empty)

    snapshot(finding)


def test_where_the_demo_alone_is_used_none_is_no_fault(
    empty: CredentialStore, tmp_path: Path, snapshot: Snapshot
) -> None:
    ended = stored(tmp_path / "store", login(CLOCK, left=timedelta(days=-2), refresh_token=None))

    snapshot(checked(empty, needs_none=True))
    # Whoever has logged in wants to know.
    assert checked(ended, needs_none=True).ok is False


def test_a_login_of_another_service(tmp_path: Path, snapshot: Snapshot) -> None:
    store = stored(tmp_path / "store", login(CLOCK))

    of_convirza, elsewhere = (
        checked(store, CONVIRZA_OAUTH_URL=""),
        checked(store, CONVIRZA_OAUTH_URL="https://elsewhere.example"),
    )

    snapshot(of_convirza)
    snapshot(elsewhere)


def test_a_token_in_the_environment(empty: CredentialStore, snapshot: Snapshot) -> None:
    finding = checked(empty, CONVIRZA_TOKEN=SECRET, CONVIRZA_TOKEN_FILE="/no/such/file")

    snapshot(finding)


def test_a_token_that_cannot_be_sent(empty: CredentialStore, snapshot: Snapshot) -> None:
    finding = checked(empty, CONVIRZA_TOKEN=f"{SECRET} {SECRET}")

    snapshot(finding)


def test_a_token_in_a_file(empty: CredentialStore, tmp_path: Path, snapshot: Snapshot) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")

    snapshot(checked(empty, CONVIRZA_TOKEN_FILE=str(file)).detail)

    file.write_text(f"{SECRET} {SECRET}")
    finding = checked(empty, CONVIRZA_TOKEN_FILE=str(file))
    snapshot(finding)

    file.unlink()
    finding = checked(empty, CONVIRZA_TOKEN_FILE=str(file))
    snapshot(finding)


@pytest.mark.parametrize(
    ("left", "changes", "ok"),
    [
        (timedelta(days=2), {}, True),
        (
            # It can be renewed.
            timedelta(days=-2),
            {"refresh_expires_at": datetime(2026, 9, 1, tzinfo=UTC)},
            True,
        ),
        (timedelta(days=-2), {"refresh_expires_at": datetime(2026, 4, 2, tzinfo=UTC)}, False),
        (timedelta(days=-2), {"refresh_token": None}, False),
    ],
)
def test_a_stored_login_says_when_it_ends(
    tmp_path: Path, left: timedelta, changes: dict[str, object], ok: bool, snapshot: Snapshot
) -> None:
    store = stored(tmp_path / "store", login(CLOCK, left=left, access_token=SECRET, **changes))

    finding = checked(store)

    snapshot(finding)
    assert finding.remedy == (None if ok else "Run `convirza-mcp login`.")


@pytest.mark.skipif(os.name == "nt", reason="no such bits")
def test_a_stored_login_that_others_can_read(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", login(CLOCK, access_token=SECRET))
    store.path.chmod(0o644)

    finding = checked(store)

    assert finding.ok is False
    assert store.path.name in finding.detail
