"""The account's users and their groups. All other fields of a row are dropped.

Users' e-mail addresses and phone numbers are never read from a body.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from convirza_mcp.errors import InvalidResponseError
from convirza_mcp.text.fold import on_one_line

UserStatus = Literal["active", "inactive"]
MAX_USERS = 200
"""Per page, as documented."""

_LONGEST_ID = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user, with the names of the group, its parent group and the account; None if not given."""

    ct_user_id: int
    group: str | None = None
    parent_group: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """One page. `received` counts the rows with and without a usable id, `total` all users; None if not given."""

    users: tuple[User, ...]
    received: int
    total: int | None


def read_users(envelope: Mapping[str, Any]) -> UserPage:
    """Read the page from a success envelope.

    Raises:
        InvalidResponseError: there is no `data.users` list.
    """
    data = envelope.get("data")
    if not isinstance(data, dict) or not isinstance(rows := data.get("users"), list):
        raise InvalidResponseError(
            "Convirza's answer has no list of users.", remedy="Check that CONVIRZA_BASE_URL is the V3 business API."
        )
    users = tuple(user for row in rows if (user := _read(row)) is not None)
    return UserPage(users=users, received=len(rows), total=_whole(data.get("total")))


def _read(row: Any) -> User | None:
    identifier = _whole(row.get("ct_user_id")) if isinstance(row, dict) else None
    if identifier is None:
        return None
    names = {name: _name(row.get(name)) for name in ("group", "parent_group", "account")}
    return User(ct_user_id=identifier, **names)


def _name(value: object) -> str | None:
    return on_one_line(value) or None if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _LONGEST_ID:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
