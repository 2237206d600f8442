"""Team membership, for conditions and groups by team."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint, hint
from convirza_mcp.errors import AccountChangedError, APIStatusError, ConvirzaError
from convirza_mcp.rules.terms import Member

_SHARE_OF_TIMEOUT = 1 / 3
_SO = "so every conversation counts as having no team"


@dataclass(frozen=True, slots=True)
class Teams:
    """`members` by `ct_user_id`; a user who is not in it has no team. `note` says why it is empty, if it is."""

    members: Mapping[int, Member] = field(default_factory=dict)
    note: Hint | None = None


async def teams_of(request: Request) -> Teams:
    """Return the teams of the account's users; if Convirza does not return them, no teams and a note.

    A failure does not fail the question: the conversations are still counted.
    """
    with anyio.move_on_after(request.account.settings.timeout * _SHARE_OF_TIMEOUT):
        try:
            users = await request.account.users.read()
        except AccountChangedError:
            raise
        except APIStatusError as error:
            return Teams(note=hint(f"Convirza refused the list of users ({error.status}), {_SO}."))
        except ConvirzaError:
            return Teams(note=hint(f"Convirza's list of users could not be read, {_SO}; ask again."))
        members = {each.ct_user_id: Member(each.group, each.parent_group, each.account) for each in users.values()}
        return Teams(members, None if members else hint(f"Convirza lists no users, {_SO}."))
    return Teams(note=hint(f"Convirza did not list the users in time, {_SO}; ask again."))
