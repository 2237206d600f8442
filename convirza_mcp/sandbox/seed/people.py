"""People in the inbox: the business's lines and agents, and its contacts."""

import random
from typing import NamedTuple

from convirza_mcp.sandbox.seed.chance import pick
from convirza_mcp.sandbox.seed.names import NAMES


class Agent(NamedTuple):
    """A person who answers for the business."""

    ct_user_id: int
    name: str


class Contact(NamedTuple):
    """A person who writes to the business: an 11-digit number, a name if known, and a language."""

    number: str
    name: str | None
    language: str


LINES = ("18015550101", "18015550102", "13855550103", "17025550104", "12085550105")
"""The business's own numbers, the busiest first."""

AGENTS = (
    Agent(501, "Maria Lopez"),
    Agent(502, "James Carter"),
    Agent(503, "Priya Patel"),
    Agent(504, "Emily Clark"),
    Agent(505, "Rachel Cohen"),
    Agent(506, "Daniel Kim"),
    Agent(507, "Siobhán O'Rourke"),
    Agent(508, "Layla Haddad"),
    Agent(509, "Thiago Nogueira"),
    Agent(511, "Minh Châu Đặng"),
    Agent(514, "Amara Okafor"),
    Agent(520, "Casey Whitehorse"),
)

TOKEN_USER = AGENTS[0]
"""The agent whom the sandbox's token belongs to."""

_AREA_CODES = tuple(code for code in range(200, 1000) if code % 100 != 11 and code // 10 % 10 != 9)
# 555-0100 to 555-0199 are set aside for fiction in every area code; the first ten stay free for the business's lines.
_NUMBERS_PER_AREA = 90
# A person who texts the number on a sign is not yet a named contact.
_NAMELESS = 0.4


def contacts(count: int, random_: random.Random) -> list[Contact]:
    """Return so many contacts with unique numbers; fewer if the fictional numbers run out (about 64,000)."""
    numbers = range(len(_AREA_CODES) * _NUMBERS_PER_AREA)
    cultures = list(NAMES)
    weights = [NAMES[culture].weight for culture in cultures]
    chosen = random_.sample(numbers, min(count, len(numbers)))
    drawn = random_.choices(cultures, weights, k=len(chosen))
    return [
        Contact(_number(number), _name(culture, random_), NAMES[culture].language)
        for number, culture in zip(chosen, drawn, strict=True)
    ]


def _number(index: int) -> str:
    area, line = divmod(index, _NUMBERS_PER_AREA)
    return f"1{_AREA_CODES[area]}55501{line + 10}"


def _name(culture: str, random_: random.Random) -> str | None:
    if random_.random() < _NAMELESS:
        return None
    names = NAMES[culture]
    return names.form.format(given=pick(random_, names.given), family=pick(random_, names.family))
