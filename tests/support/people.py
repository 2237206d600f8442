"""An inbox of people who must not be seen, behind real HTTP, and the traces by which they are found."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from faults import FaultServer
from faults.answers import JSON, Answer, whole
from faults.exchange import Exchange
from support.rows import envelope, row

TOKEN = "CNVZ-AT-7f3e9d"
PHONE = "+14155550142"
NAME = "Zyxwv Qanary"
EMAIL = "zyxwv.qanary@example.com"
CARD = "4111 1111 1111 1111"
AGENT, LINE = "Ann Lee", "18015557654"

# Parts of them: however a number is written, one of these stays whole; and long enough to come nowhere by chance.
_TRACES = ("5550142", "555-0142", "555 0142", "555.0142", "zyxwv", "qanary", "1111 1111", "11111111")


def traces_in(text: str) -> list[str]:
    """What of these people stands in the text."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return [trace for trace in _TRACES if trace in plain]


def rows() -> list[dict[str, Any]]:
    """40 conversations of the last days: five of the person with the canaries, the others of strangers."""
    now = datetime.now(UTC)
    messages = [
        f"This is my number {PHONE}, mail {EMAIL}",
        f"refund please, I paid with {CARD}, call (415) 555-0142",
        "refund? 4\u200b15.555.0142 / ４１５-５５５-０１４２",
        "STOP",
        None,
    ]
    made = []
    for place in range(40):
        when = (now - timedelta(hours=place + 1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        person = {"source": f"1801555{8_000 + place}", "source_name": f"Stranger {place}", "message": "Hello, a refund"}
        if place % 8 == 0:
            written = PHONE if place else "(415) 555-0142"
            person = {"source": written, "source_name": NAME, "message": messages[place // 8]}
        made.append(row(700_000 + place, conversation_updated=when, conversation_started=when, agent=AGENT, **person))
    return made


def inbox(opened: list[dict[str, Any]], closed: list[dict[str, Any]]) -> Answer:
    """Answers as Convirza does: views, search in parts of names and numbers, pages; a 400 for a search of `reject`."""

    async def answer(exchange: Exchange) -> None:
        asked = exchange.request.query
        search = asked.get("search", "")
        if search == "reject":
            body = json.dumps({"message": f"no {NAME} at {PHONE}", "requestId": "abc-1"}).encode()
            await exchange.send(whole(400, [JSON], body))
            return
        found = [
            each
            for each in (closed if asked["type"] == "close" else opened)
            if search.lower() in f"{each['source']}\n{each['source_name']}".lower()
        ]
        offset, limit = int(asked["offset"]), int(asked["limit"])
        page = envelope(
            found[offset : offset + limit], data={"total": len(found), "conversation": found[offset : offset + limit]}
        )
        await exchange.send(whole(200, [JSON], json.dumps(page).encode()))

    return answer


@contextmanager
def served() -> Iterator[FaultServer]:
    """The inbox on loopback: three quarters of it open."""
    everyone = rows()
    with FaultServer(inbox(everyone[:30], everyone[30:])) as convirza:
        yield convirza
