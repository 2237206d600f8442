import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convirza_mcp.api.login.oauth import TokenPair, read_token_response
from convirza_mcp.errors import InvalidResponseError
from support.snapshots import Snapshot

NOW = datetime(2026, 4, 3, 12, 0, tzinfo=UTC)
DOCUMENTED = {
    "access_token": "CNVZ-AT-7f3e9d",
    "refresh_token": "CNVZ-RT-a81c02",
    "frontend_token": "CNVZ-FT-000000",
    "token_type": "Bearer",
    "expires_in": "2026-04-10T12:00:00.000Z",
    "refresh_expires_in": "2026-10-01T12:00:00.000Z",
    "user": {"user_id": 123, "email": "demo@example.com", "role_id": 1, "org_unit_id": 1001},
}


def read(**changes: Any) -> TokenPair:
    return read_token_response(json.dumps({**DOCUMENTED, **changes}).encode(), now=NOW)


def test_the_documented_answer_is_read_with_absolute_times() -> None:
    assert read() == TokenPair(
        access_token="CNVZ-AT-7f3e9d",
        refresh_token="CNVZ-RT-a81c02",
        expires_at=datetime(2026, 4, 10, 12, 0, tzinfo=UTC),
        refresh_expires_at=datetime(2026, 10, 1, 12, 0, tzinfo=UTC),
        obtained_at=NOW,
    )


def test_its_repr_shows_no_token() -> None:
    assert "CNVZ" not in repr(read())
    assert "CNVZ" not in f"{read()}"


@pytest.mark.parametrize(
    ("expires_in", "expires_at"),
    [
        ("2026-04-10T14:00:00+02:00", datetime(2026, 4, 10, 12, 0, tzinfo=UTC)),
        ("2026-04-10T12:00:00", datetime(2026, 4, 10, 12, 0, tzinfo=UTC)),
        ("2026-04-02T12:00:00Z", datetime(2026, 4, 2, 12, 0, tzinfo=UTC)),
        (604_800, NOW + timedelta(days=7)),
        (604_800.0, NOW + timedelta(days=7)),
        ("604800", NOW + timedelta(days=7)),
    ],
)
def test_other_ways_to_name_a_time_are_understood(expires_in: Any, expires_at: datetime) -> None:
    assert read(expires_in=expires_in).expires_at == expires_at
    assert read(refresh_expires_in=expires_in).refresh_expires_at == expires_at


@pytest.mark.parametrize(
    "expires_in",
    [
        None,
        0,
        -1,
        "0",
        "-1",
        1e99,
        "1e99",
        10**30,
        True,
        "",
        "soon",
        "²",
        [],
        {},
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        1_775_822_400,
    ],
)
def test_a_senseless_time_is_none(expires_in: Any) -> None:
    assert read(expires_in=expires_in).expires_at is None


def test_all_but_the_access_token_may_be_missing() -> None:
    assert read_token_response(b'{"access_token": "CNVZ-AT-7f3e9d"}', now=NOW) == TokenPair(
        access_token="CNVZ-AT-7f3e9d", refresh_token=None, expires_at=None, refresh_expires_at=None, obtained_at=NOW
    )


@pytest.mark.parametrize("refresh_token", [None, "", 7, "two words", "new\nline", "ünlaut"])
def test_a_refresh_token_that_could_not_be_sent_is_none(refresh_token: Any) -> None:
    assert read(refresh_token=refresh_token).refresh_token is None


def test_no_login_is_lost_to_a_name_or_an_envelope() -> None:
    half_emoji = json.dumps(DOCUMENTED).replace("demo@", "\\ud83d").encode()
    marked = b"\xef\xbb\xbf" + json.dumps({"code": 200, "data": DOCUMENTED}).encode()
    broken = json.dumps(DOCUMENTED).encode().replace(b"demo@", b"\xff")

    assert [read_token_response(body, now=NOW) for body in (half_emoji, marked, broken)] == [read()] * 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>CNVZ-AT-7f3e9d</html>",
        b'{"access_token": "CNVZ-AT-7f3e9d"',
        b"{}",
        b'{"access_token": null}',
        b'{"access_token": ""}',
        b'{"access_token": 7}',
        b'{"access_token": "CNVZ-AT 7f3e9d"}',
        b'{"access_token": "CNVZ-AT\\n7f3e9d"}',
        b'{"data": "CNVZ-AT-7f3e9d"}',
    ],
)
def test_without_a_usable_access_token_it_is_no_answer(body: bytes, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        read_token_response(body, now=NOW)

    snapshot.shared(caught.value)
