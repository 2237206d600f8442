"""Who belongs to which team, for conditions and groups by team."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint, hint
from convirza_mcp.rules.terms import Member


@dataclass(frozen=True, slots=True)
class Teams:
    """`members` by `ct_user_id`; a user who is not in it has no team. `note` says why it is empty, if it is."""

    members: Mapping[int, Member] = field(default_factory=dict)
    note: Hint | None = None


async def teams_of(request: Request) -> Teams:
    """Return the teams of the account's users; where Convirza does not give them, none and a note."""
    return Teams(note=hint("Convirza's list of users was not read, so every conversation has no team."))
