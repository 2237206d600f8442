"""The users of the made-up account: its agents, and more than a page of others who answer no messages."""

from functools import cache
from typing import Any, NamedTuple

from convirza_mcp.sandbox.seed.people import AGENTS, TOKEN_USER

_OTHERS = 230
_FIRST_OTHER = 700
_INACTIVE = (520, 511)
"""Agents who have left, and still have conversations."""
_DELETED = (514,)


class Group(NamedTuple):
    """A group of users, and the one above it."""

    org_unit_id: int
    name: str
    parent: str


class Login(NamedTuple):
    """A user's e-mail address and password."""

    ct_user_id: int
    email: str
    password: str

    @property
    def user(self) -> dict[str, Any]:
        """Return the user as the answer to a login gives it."""
        return {"user_id": self.ct_user_id, "email": self.email, "role_id": 1, "org_unit_id": 1001}


GROUPS = (
    Group(70035, "Boise", "Northwest"),
    Group(70036, "Salt Lake City", "Mountain"),
    Group(70037, "Denver", "Mountain"),
    Group(70038, "Front Desk, Reno", "Southwest"),
)
_PARENTS = {"Northwest": 65000, "Mountain": 65001, "Southwest": 65002}


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    people = [(agent.ct_user_id, agent.name) for agent in AGENTS]
    people += [(_FIRST_OTHER + place, f"Pat Example {place}") for place in range(_OTHERS)]
    return tuple(_row(place, identifier, name) for place, (identifier, name) in enumerate(people))


def user_rows() -> list[dict[str, Any]]:
    """Return each user as the API gives it, whatever the status, by the time that the user was created."""
    return list(_rows())


def user_logins(email: str, password: str) -> list[Login]:
    """Return the logins of all active users. `email` and `password` are the first one's.

    The others have the address in the list of users, and a password of their own: `password`, a hyphen, their id.
    """
    others = [row for row in _rows() if row["status"] == "active" and row["ct_user_id"] != TOKEN_USER.ct_user_id]
    return [Login(TOKEN_USER.ct_user_id, email, password)] + [
        Login(row["ct_user_id"], row["email"], f"{password}-{row['ct_user_id']}") for row in others
    ]


def _row(place: int, identifier: int, name: str) -> dict[str, Any]:
    group = GROUPS[place % len(GROUPS)]
    first, _, last = name.rpartition(" ")
    status = "inactive" if identifier in _INACTIVE or place % 9 == 8 else "active"
    return {
        "first_name": first,
        "last_name": last,
        "email": f"user{identifier}@example.com",
        "user_ext_id": f"EXT-{identifier}",
        "ct_user_id": identifier,
        "status": "deleted" if identifier in _DELETED else status,
        "agent_ring_to": f"+1425555{1000 + place}",
        "agent_id": f"AGT-{place:03}",
        "group": group.name,
        "group_org_unit_id": group.org_unit_id,
        "group_external_id": f"GRP-{group.org_unit_id}",
        "account": "Acme Corporation",
        "account_org_unit_id": 60001,
        "account_external_id": "ACC-60001",
        "parent_group": group.parent,
        "parent_group_org_unit_id": _PARENTS[group.parent],
        "parent_group_external_id": f"REG-{_PARENTS[group.parent]}",
        "role": "Standard User",
        "access_audio": "Yes",
        "group_access": 3,
        "report_access": 5,
        "assign_scorecard": True,
        "user_created": f"2025-{place % 12 + 1:02}-01T12:00:00.000Z",
    }
