"""Where the server may be bound, and what its settings take."""

from pathlib import Path

import pytest

from convirza_mcp.errors import ConvirzaError, InvalidArgumentError, SettingsError
from convirza_mcp.settings import Settings
from convirza_mcp.transports.http.connections import bound_socket
from convirza_mcp.transports.http.serve import check_start, say_what_is_missing
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL
from support.snapshots import Snapshot

OTHERS_REACH = ["0.0.0.0", "::", "::ffff:0.0.0.0", "192.0.2.7", "sms.example.com", "localhost.example.com"]
KEYS = {"CONVIRZA_HTTP_AUTH": "keys"}


@pytest.mark.parametrize("host", OTHERS_REACH)
@pytest.mark.parametrize("given", [{}, KEYS, {"CONVIRZA_HTTP_URL": "http://127.0.0.1:8788/mcp"}])
def test_a_bind_that_others_reach_needs_authentication_and_an_address(host: str, given: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        check_start(host, HttpSettings.from_environment(given))


@pytest.mark.parametrize("host", OTHERS_REACH)
def test_with_both_it_is_allowed(host: str) -> None:
    check_start(host, HttpSettings.from_environment(KEYS | {"CONVIRZA_HTTP_URL": URL}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_loopback_needs_neither_keys_nor_a_public_address(host: str) -> None:
    check_start(host, HttpSettings())


def test_what_is_wrong_with_a_bind_is_said(snapshot: Snapshot) -> None:
    for refused in (
        lambda: check_start("0.0.0.0", HttpSettings()),
        lambda: check_start(" ", HttpSettings()),
        lambda: check_start("127.0.0.1", HttpSettings(http_url=URL)),
        lambda: check_start("127.0.0.1", HttpSettings(http_auth="oidc")),
    ):
        with pytest.raises(ConvirzaError) as error:
            refused()
        snapshot(error.value)


def test_an_address_that_cannot_be_bound_is_an_argument_s_error(snapshot: Snapshot) -> None:
    with bound_socket("127.0.0.1", 0) as taken, pytest.raises(InvalidArgumentError) as error:
        bound_socket("127.0.0.1", taken.getsockname()[1])

    snapshot(error.value)


@pytest.mark.parametrize(
    ("settings", "auth", "lines"),
    [
        (Settings(), "keys", 2),
        (Settings(token="x"), "keys", 1),
        (Settings(), None, 2),
        (Settings(), "login", 0),
    ],
)
def test_what_callers_still_lack_is_said_at_the_start(
    settings: Settings,
    auth: str | None,
    lines: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("CONVIRZA_PRIVCY", "mask")
    say_what_is_missing(settings, HttpSettings(http_auth=auth), URL)

    said = capsys.readouterr().err
    assert said.count("\n") == lines + 1
    assert "CONVIRZA_PRIVACY" in said
    assert ("`convirza-mcp login`" in said) == (settings.token is None and auth != "login")
