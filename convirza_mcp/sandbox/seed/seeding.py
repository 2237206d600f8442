"""A made-up inbox, the same for the same seed, dated back from a given time."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from convirza_mcp.sandbox.seed.chance import between, pick
from convirza_mcp.sandbox.seed.conversation import Conversation
from convirza_mcp.sandbox.seed.messages import Writer, phrase_writer, text_writer
from convirza_mcp.sandbox.seed.people import AGENTS, LINES, Agent, Contact, contacts
from convirza_mcp.sandbox.seed.timeline import Timeline, timelines
from convirza_mcp.sandbox.seed.times import length_text, second_text

_FIRST_ID = 910_000
# Some agents answer far more than others.
_AGENT_ODDS = tuple(accumulate((14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2)))
_LINE_ODDS = tuple(accumulate((40, 25, 15, 12, 8)))


def seeded_conversations(
    count: int, *, seed: int, now: datetime, texts: Sequence[str] | None
) -> Iterator[Conversation]:
    """Return so many conversations by id, roughly in the order in which they started; none is later than `now`.

    Only the times depend on `now`. `texts` are the messages to use, None for made-up ones.
    """
    random_ = random.Random(seed)
    # Its own random source, so that other texts do not change the rest of the inbox.
    words = random.Random(f"{seed} words")
    write = phrase_writer(words) if texts is None else text_writer(texts, words)
    second = int(now.timestamp())
    conversation_id = _FIRST_ID
    known: list[Contact] = []
    newcomers = iter(contacts(count, random_))
    for timeline in timelines(count, random_, second):
        conversation_id += between(random_, 1, 9)
        newcomer = None if known and random_.random() < 0.15 else next(newcomers, None)
        if newcomer is not None:
            known.append(newcomer)
        contact = newcomer or pick(random_, known)
        yield _conversation(conversation_id, timeline, contact, write, random_, second)


def _conversation(
    conversation_id: int, timeline: Timeline, contact: Contact, write: Writer, random_: random.Random, now: int
) -> Conversation:
    answered = timeline.first_response is not None
    unread = _unread_count(timeline, random_)
    latest = "outgoing" if not unread and answered and random_.random() < 0.75 else "incoming"
    # A thread of one message began with that one.
    alone = timeline.started == timeline.updated
    origin = latest if alone else "outgoing" if random_.random() < 0.15 else "incoming"
    agent = _agent(timeline, random_)
    row = {
        "conversation_id": conversation_id,
        "phone_number": random_.choices(LINES, cum_weights=_LINE_ODDS)[0],
        "first_response_time": _length(timeline.first_response),
        "avg_response_time": _length(timeline.average_response),
        "sms_type": latest,
        "conversation_started": second_text(timeline.started),
        "conversation_updated": second_text(timeline.updated),
        "source": contact.number,
        "source_name": contact.name,
        "conversation_status": _status(timeline, unread, random_),
        "ct_user_id": agent.ct_user_id if agent else None,
        "pin": random_.random() < 0.02,
        "message": write(language=contact.language, incoming=latest == "incoming"),
        "unread_count": unread,
        "agent": agent.name if agent else None,
        "closed_at": _closed_at(timeline, random_, now),
    }
    return Conversation(row, timeline.closed, origin, timeline.started, timeline.updated)


def _unread_count(timeline: Timeline, random_: random.Random) -> int:
    if timeline.closed:
        likely = 0.03
    elif timeline.neglected:
        likely = 0.9
    else:
        likely = 0.85 if timeline.first_response is None else 0.35
    if random_.random() >= likely:
        return 0
    return min(9, 1 + int(random_.expovariate(0.8)))


def _agent(timeline: Timeline, random_: random.Random) -> Agent | None:
    if timeline.closed:
        likely = 0.93
    elif timeline.neglected:
        likely = 0.06
    else:
        likely = 0.8 if timeline.first_response is not None else 0.45
    return random_.choices(AGENTS, cum_weights=_AGENT_ODDS)[0] if random_.random() < likely else None


def _status(timeline: Timeline, unread: int, random_: random.Random) -> str:
    if timeline.closed:
        return "resolved" if random_.random() < 0.15 else "closed"
    return "unread" if unread else "read"


def _closed_at(timeline: Timeline, random_: random.Random, now: int) -> str | None:
    # Some closed ones have no time, and some open ones still have that of an earlier closing.
    if random_.random() >= (0.85 if timeline.closed else 0.08):
        return None
    earliest = timeline.updated if timeline.closed else timeline.started
    return second_text(min(now, earliest + int(random_.expovariate(1 / 7200))))


def _length(seconds: int | None) -> str | None:
    return None if seconds is None else length_text(seconds)
