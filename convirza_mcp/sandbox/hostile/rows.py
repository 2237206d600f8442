"""An inbox with hostile texts, to test its readers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from convirza_mcp.sandbox.hostile.texts import CARRIERS, HOSTILE_TEXTS
from convirza_mcp.sandbox.http.exchange import RefusalError
from convirza_mcp.sandbox.http.variants import Answers
from convirza_mcp.sandbox.seed.conversation import Conversation

FIRST_ERROR_OFFSET = 1_000_000
"""A request with this `offset` is refused with the first hostile error text, with the next with the second, …"""

_FIELDS = {
    "message": ("message",),
    "source_name": ("source_name",),
    "agent": ("agent",),
    # Texts where numbers belong: two that are kept as text, and two that no reader can take for what they should be.
    "number": ("source", "phone_number", "ct_user_id", "first_response_time"),
}


@dataclass(frozen=True, slots=True)
class HostileText:
    """One hostile text. `carrier` is one of CARRIERS; `id` is unique: the class's name and the carrier."""

    id: str
    kind: str
    carrier: str
    text: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of a row that carry it; none for an error's text."""
        return _FIELDS.get(self.carrier, ())


def hostile_texts() -> list[HostileText]:
    """Return all hostile texts, class by class."""
    return [
        HostileText(f"{kind}/{carrier}", kind, carrier, text)
        for kind, texts in HOSTILE_TEXTS.items()
        for carrier, text in zip(CARRIERS, texts, strict=True)
    ]


def with_hostile_rows(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    """Return the conversations by id, with a hostile text in every second one of the latest until each is used.

    ValueError where there are fewer conversations than texts.
    """
    kept = list(conversations)
    texts = [each for each in hostile_texts() if each.fields]
    if len(kept) < len(texts):
        raise ValueError(f"a hostile inbox needs at least {len(texts)} conversations")
    latest_first = sorted(range(len(kept)), key=lambda place: kept[place].updated, reverse=True)
    places = latest_first[: 2 * len(texts) : 2] if len(kept) >= 2 * len(texts) else latest_first
    for place, hostile in zip(places, texts, strict=False):
        row: dict[str, Any] = kept[place].row | dict.fromkeys(hostile.fields, hostile.text)
        kept[place] = replace(kept[place], row=row)
    yield from kept


def with_hostile_errors(answers: Answers) -> Answers:
    """Return the answers with hostile error texts for the offsets from FIRST_ERROR_OFFSET on, one each."""
    errors = [each.text for each in hostile_texts() if each.carrier == "error"]
    admit_offset = answers.admit_offset

    def admit_or_attack(offset: int, total: int) -> None:
        if 0 <= offset - FIRST_ERROR_OFFSET < len(errors):
            raise RefusalError(400, errors[offset - FIRST_ERROR_OFFSET])
        admit_offset(offset, total)

    return replace(answers, admit_offset=admit_or_attack)
