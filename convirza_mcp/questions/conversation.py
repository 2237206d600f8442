"""Find one conversation with all its fields, and its contact's others."""

from dataclasses import dataclass

import anyio

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, hint
from convirza_mcp.api.models import Conversation, View
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import ConversationNotFoundError
from convirza_mcp.rules.search.query import newest_first
from convirza_mcp.scan.find import ConversationFinder, HeldConversation, held_conversation
from convirza_mcp.scan.results import Coverage, Gap, Seen
from convirza_mcp.settings import reading_seconds
from convirza_mcp.text.phone import number_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationDetails:
    """A conversation, its view, and its contact's other conversations, newest first; None if not searched for.

    `coverage` covers the contact's conversations; `as_of` is when this conversation was read. `notes` say what is
    missing.
    """

    conversation: Conversation
    view: View
    others: tuple[Seen, ...] | None
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]

    @property
    def closed(self) -> bool:
        return self.view == "close"


@within_one_account
async def conversation(request: Request, window: Window, conversation_id: int) -> ConversationDetails:
    """Find a conversation, cached or in the views, and its contact's others; else raise `ConversationNotFoundError`."""
    opening = ConversationFinder(request.account.reader, window, request.progress)
    hit = held = held_conversation(conversation_id, await request.account.views.held())
    others: list[Seen] | None = None
    has_all = True
    with anyio.move_on_after(reading_seconds(request.account.settings.timeout)) as time:
        if hit is None:
            hit = await opening.find(conversation_id, request.now)
        if hit is not None and (source := hit.conversation.source) and number_key(hit.conversation.source):
            seen, has_all = await opening.of_contact(source)
            others = [each for each in seen if each.conversation.conversation_id != conversation_id]
            for itself in (each for each in seen if each not in others):
                hit = HeldConversation(itself.conversation, "close" if itself.closed else "allOpen", request.now)
    ran_out = time.cancelled_caught
    if hit is None:
        raise _not_found(opening, window, ran_out=ran_out)
    shown = [hit.conversation, *(each.conversation for each in others or ())]
    return ConversationDetails(
        conversation=hit.conversation,
        view=hit.type,
        others=None if others is None else tuple(newest_first(others)),
        coverage=Coverage(
            read=len(shown),
            total=len(shown) if has_all and others is not None else None,
            requests=opening.requests,
            as_of=hit.as_of,
            gap=Gap.TIME if ran_out else None if has_all else Gap.MOST,
            unreadable={each.conversation_id: each.unreadable for each in shown},
        ),
        window=window,
        notes=_notes(hit, others, has_all=has_all, ran_out=ran_out, is_held=hit is held),
    )


def _notes(
    hit: HeldConversation, others: list[Seen] | None, *, has_all: bool, ran_out: bool, is_held: bool
) -> tuple[Hint, ...]:
    notes: list[str] = []
    if not number_key(hit.conversation.source):
        notes.append("The contact has no number, so its other conversations were not searched for.")
    if not has_all:
        notes.append("Convirza found more conversations with this number than were read, so others may be missing.")
    if is_held:
        gone = "" if others is None else " A search by its number in this window no longer finds it."
        notes.append(f"From the cache, read at as_of.{gone}")
    if ran_out:
        notes.append("The call ran out of time before the search was complete. Call again.")
    return tuple(map(hint, notes))


def _not_found(opening: ConversationFinder, window: Window, *, ran_out: bool) -> ConversationNotFoundError:
    read = " and ".join(f"{len(so_far.ids)} of {view}" for view, so_far in opening.read.items())
    among = f"{'so far ' if ran_out else ''}among the conversations read ({read}), {window}"
    if ran_out:
        why, remedy = ": incomplete, time ran out.", "Use a shorter window with `start` and `end`."
    elif all(each.is_whole and not any(window.dropped for window in each.windows) for each in opening.read.values()):
        why, remedy = "; all were read.", "Check the id or widen `start`, as in start=90d."
    else:
        why = ": incomplete, because conversations moved, were too many or had no readable id."
        remedy = "Call again, or widen `start`, as in start=90d."
    return ConversationNotFoundError(f"`conversation_id` was not found {among}{why}", remedy=remedy)
