"""What is read out of a list of users: groups by id, and nothing of a person."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.users import User, read_users
from convirza_mcp.errors import InvalidResponseError
from convirza_mcp.sandbox.seed.users import user_rows

DOCUMENTED = {
    "first_name": "John",
    "last_name": "Doe",
    "email": "john.doe@example.com",
    "ct_user_id": 10001,
    "status": "active",
    "agent_ring_to": "+14255551234",
    "group": "Sales Team",
    "account": "Acme Corporation",
    "parent_group": "West Region",
}


def envelope(rows: Any, total: Any = 1) -> dict[str, Any]:
    return {"code": 200, "message": "Success", "data": {"users": rows, "total": total}}


def test_a_documented_row_gives_its_groups_and_no_address() -> None:
    page = read_users(envelope([DOCUMENTED]))

    assert asdict(page) == {
        "users": (
            {"ct_user_id": 10001, "group": "Sales Team", "parent_group": "West Region", "account": "Acme Corporation"},
        ),
        "received": 1,
        "total": 1,
    }


@pytest.mark.parametrize(
    ("row", "user"),
    [
        ({"ct_user_id": "42"}, User(ct_user_id=42)),
        ({"ct_user_id": 42, "group": None, "account": 7}, User(ct_user_id=42)),
        ({"ct_user_id": 42, "group": " Two\u202e \n lines "}, User(ct_user_id=42, group="Two lines")),
        ({"ct_user_id": 42, "group": "\u200b"}, User(ct_user_id=42)),
        ({"ct_user_id": True}, None),
        ({"ct_user_id": "4x"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_cannot_be_read_costs_its_row_or_field_alone(row: Any, user: User | None) -> None:
    page = read_users(envelope([row, DOCUMENTED]))

    assert page.users[:-1] == (() if user is None else (user,))
    assert page.received == 2


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": []}, {"data": {"users": None}}])
def test_without_a_list_there_is_no_page(answer: dict[str, Any]) -> None:
    with pytest.raises(InvalidResponseError, match="no list of users"):
        read_users(answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(user_rows()[0])), inner),
    max_leaves=8,
)


@given(rows=st.lists(JSON, max_size=4), total=JSON)
def test_no_row_does_worse_than_being_left_out(rows: list[Any], total: Any) -> None:
    page = read_users(envelope(rows, total))

    assert page.received == len(rows)
    assert all(each.ct_user_id >= 0 for each in page.users)
