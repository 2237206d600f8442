"""Answers whose fault is time."""

import json
import random

from faults.answers import JSON, Answer, whole
from faults.exchange import Exchange
from support.rows import envelope


def hang() -> Answer:
    """Not one byte, until the client gives up."""

    async def respond(exchange: Exchange) -> None:
        await exchange.hung_up()

    return respond


def drip(every: float = 0.2, *, after: int | None = None) -> Answer:
    """A good page, one byte each `every` seconds; the first `after` bytes, by default the head, come at once."""
    answer = whole(200, [JSON], json.dumps(envelope()).encode())
    ready = answer.index(b"\r\n\r\n") + 4 if after is None else after

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer[:ready])
        for place in range(ready, len(answer)):
            await exchange.pause(every)
            await exchange.send(answer[place : place + 1])

    return respond


def late(seconds: float, answer: Answer) -> Answer:
    """That answer, but not at once."""

    async def respond(exchange: Exchange) -> None:
        await exchange.pause(seconds)
        await answer(exchange)

    return respond


def shuffled_latency(longest: float, answer: Answer, *, seed: int = 7) -> Answer:
    """That answer after a time of 0 to `longest` seconds, so that answers overtake each other."""
    chance = random.Random(seed)

    async def respond(exchange: Exchange) -> None:
        await exchange.pause(chance.uniform(0, longest))
        await answer(exchange)

    return respond
