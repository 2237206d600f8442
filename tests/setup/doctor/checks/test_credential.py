import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.setup.doctor.checks.credential import check_credential
from convirza_mcp.setup.doctor.checks.settings import read_settings
from convirza_mcp.setup.doctor.finding import Finding
from support.logins import OAUTH_URL, Clock, login, stored

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


def test_no_token(empty: CredentialStore) -> None:
    finding = checked(empty)

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "There is no token and no stored login.",
        "Run `convirza-mcp login`; or try it without an account: `convirza-mcp demo`.",
    )


def test_where_the_demo_alone_is_used_none_is_no_fault(empty: CredentialStore, tmp_path: Path) -> None:
    ended = stored(tmp_path / "store", login(CLOCK, left=timedelta(days=-2), refresh_token=None))

    assert checked(empty, needs_none=True) == Finding(
        "credential",
        None,
        "skipped: there is none, and the demo needs none.",
        "For your own inbox: `convirza-mcp login`.",
    )
    # Whoever has logged in wants to know.
    assert checked(ended, needs_none=True).ok is False


def test_a_login_of_another_service(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", login(CLOCK))

    of_convirza, elsewhere = (
        checked(store, CONVIRZA_OAUTH_URL=""),
        checked(store, CONVIRZA_OAUTH_URL="https://elsewhere.example"),
    )

    assert (of_convirza.ok, of_convirza.detail, of_convirza.remedy) == (
        False,
        "The stored login came from another OAuth service than Convirza's own, and CONVIRZA_OAUTH_URL is not set.",
        "Log in with `convirza-mcp login`, or set it and CONVIRZA_BASE_URL as they were at the login.",
    )
    assert (elsewhere.ok, elsewhere.detail, elsewhere.remedy) == (
        False,
        "The stored login came from another OAuth service than CONVIRZA_OAUTH_URL names.",
        "Set it back, or log in again with `convirza-mcp login`.",
    )


def test_a_token_in_the_environment(empty: CredentialStore) -> None:
    finding = checked(empty, CONVIRZA_TOKEN=SECRET, CONVIRZA_TOKEN_FILE="/no/such/file")

    assert (finding.ok, finding.detail) == (
        True,
        "The token in CONVIRZA_TOKEN; a token alone does not say when it ends.",
    )


def test_a_token_that_cannot_be_sent(empty: CredentialStore) -> None:
    finding = checked(empty, CONVIRZA_TOKEN=f"{SECRET} {SECRET}")

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "CONVIRZA_TOKEN is set, but cannot be used.",
        "CONVIRZA_TOKEN takes one bearer token: printable ASCII without spaces or line breaks.",
    )


def test_a_token_in_a_file(empty: CredentialStore, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")

    assert checked(empty, CONVIRZA_TOKEN_FILE=str(file)).detail == (
        "The token in the file that CONVIRZA_TOKEN_FILE names; a token alone does not say when it ends."
    )

    file.write_text(f"{SECRET} {SECRET}")
    finding = checked(empty, CONVIRZA_TOKEN_FILE=str(file))
    assert (finding.ok, finding.detail) == (
        False,
        "The file that CONVIRZA_TOKEN_FILE names cannot be read, or holds no token.",
    )

    file.unlink()
    finding = checked(empty, CONVIRZA_TOKEN_FILE=str(file))
    assert (finding.ok, finding.detail) == (False, "CONVIRZA_TOKEN_FILE names a file that is not there.")


@pytest.mark.parametrize(
    ("left", "changes", "ok", "detail"),
    [
        (
            timedelta(days=2),
            {},
            True,
            "The login that `convirza-mcp login` stored; it ends 2026-04-05 12:00 UTC; using it renews it.",
        ),
        (
            # It can be renewed.
            timedelta(days=-2),
            {"refresh_expires_at": datetime(2026, 9, 1, tzinfo=UTC)},
            True,
            "The login that `convirza-mcp login` stored; it ends 2026-04-01 12:00 UTC; using it before "
            "2026-09-01 00:00 UTC renews it.",
        ),
        (
            timedelta(days=-2),
            {"refresh_expires_at": datetime(2026, 4, 2, tzinfo=UTC)},
            False,
            "The stored login ended 2026-04-02 00:00 UTC.",
        ),
        (timedelta(days=-2), {"refresh_token": None}, False, "The stored login ended 2026-04-01 12:00 UTC."),
    ],
)
def test_a_stored_login(tmp_path: Path, left: timedelta, changes: dict[str, object], ok: bool, detail: str) -> None:
    store = stored(tmp_path / "store", login(CLOCK, left=left, access_token=SECRET, **changes))

    finding = checked(store)

    assert (finding.ok, finding.detail) == (ok, detail)
    assert finding.remedy == (None if ok else "Run `convirza-mcp login`.")


@pytest.mark.skipif(os.name == "nt", reason="no such bits")
def test_a_stored_login_that_others_can_read(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", login(CLOCK, access_token=SECRET))
    store.path.chmod(0o644)

    finding = checked(store)

    assert finding.ok is False
    assert store.path.name in finding.detail
