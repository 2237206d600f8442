"""Each state of the card has no finding of axe-core, and fits the chat."""

from typing import Any

import pytest

from judges.pictures.chat_host import Card, chat, needs_chromium
from judges.pictures.inboxes import CALLS, FULL, PARTIAL, Inbox, result_of, served

pytestmark = needs_chromium

TALLEST = 500


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [*CALLS, "one", "partial", "partial_waits", "unknown", "loading", "cancelled"])
async def test_each_state_has_no_finding_and_fits(card: Card, inbox: Inbox, name: str, theme: str) -> None:
    sizes: list[tuple[int, dict[str, Any]]] = [(720, {}), (1200, FULL)]
    for width, context in [*sizes, (280, {}), (320, FULL)] if theme == "light" else sizes:
        await card.open(width=width, context={"theme": theme, **context})
        if name == "cancelled":
            await card.say("sendToolCancelled", {"reason": "the person stopped it"})
            await card.frame.get_by_text("The question was cancelled.").wait_for()
        elif name == "unknown":
            await card.show(result_of({"size": 3, "columns": ["a", "b"], "rows": [[1, "x"], [2, None]]}))
        elif name.startswith("partial"):
            result, arguments = await inbox.call("waiting" if name == "partial_waits" else "by_agent")
            await card.show(result_of(result["structuredContent"] | {"coverage": PARTIAL}), arguments)
            assert await card.frame.get_by_text("120 of 215 were read").count() == 1
            assert await card.frame.locator(".is-partial").count() == 1
        elif name != "loading":
            await card.show(*(await inbox.call(name)))
        tall = await card.height()

        assert await card.findings() == []
        if not context:
            assert tall <= TALLEST
        assert await card.frame.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("mode", ["mask", "strict"])
async def test_a_privacy_mode_is_stated(browser: Any, script: str, mode: str) -> None:
    async for masked in served(privacy=mode):
        async with chat(browser, script, masked.ask) as card:
            for name in ("waiting", "search", "one"):
                await card.open()
                await card.show(*(await masked.call(name)))
                assert await card.frame.get_by_text(f"{mode}: ").count() == 1
                assert await card.findings() == []
            assert card.trouble == []
