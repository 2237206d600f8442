"""The actions of the card: what they ask of the server and say in the chat."""

from typing import Any

from judges.pictures.chat_host import CAPABILITIES, Card, chat, needs_chromium
from judges.pictures.inboxes import FULL, SEARCH, Inbox

pytestmark = needs_chromium


async def test_without_abilities_there_are_no_buttons(card: Card, inbox: Inbox) -> None:
    await card.open(context={**FULL, "availableDisplayModes": ["fullscreen"]}, capabilities={})
    await card.show(*(await inbox.call("by_agent")))

    assert await card.frame.get_by_role("button").count() == 0


async def test_of_nothing_there_is_nothing_to_ask(card: Card, inbox: Inbox) -> None:
    for name in ("nothing", "nobody", "several", "error"):
        await card.open()
        await card.show(*(await inbox.call(name)))

        assert await card.frame.get_by_role("button", name="Ask about this").count() == 0


async def test_a_figure_a_bar_and_a_cell_list_their_conversations(card: Card, inbox: Inbox) -> None:
    asked = inbox.ask
    for name, label, only in (
        ("figures", "never_answered", "never_answered"),
        ("by_agent", "Daniel Kim", 'agent="Daniel Kim"'),
        ("by_agent", "no agent", 'agent="no agent"'),
        ("heat", "Monday", 'weekday="Monday",hour="13"'),
    ):
        result, arguments = await inbox.call(name)
        answer = result["structuredContent"]
        await card.open(width=1200)
        await card.show(result, arguments)
        await card.frame.get_by_role("button", name="Open").click()
        await card.frame.get_by_role("button", name="Close").wait_for()
        if name == "figures":
            count = answer[label]
            button = card.frame.locator(".tile", has_text="Never answered").get_by_role("button")
        elif name == "heat":
            row = next(each for each in answer["rows"] if each[0] == label)
            count = row[answer["columns"].index("13")]
            place = sum(1 for each in row[1 : answer["columns"].index("13")] if each)
            button = card.frame.get_by_role("row", name=label).get_by_role("button").nth(place)
        else:
            count = next(each for each in answer["rows"] if each[0] == label)[1]
            button = card.frame.get_by_role("row", name=label).get_by_role("button").first
        assert await button.inner_text() == str(count)

        await button.click()
        await card.frame.get_by_role("button", name="Back").wait_for()
        await card.frame.locator("[data-shape=hits]").wait_for()

        calls = [each["params"] for each in await card.sent() if each.get("method") == "tools/call"]
        assert [each["name"] for each in calls] == [SEARCH]
        assert calls[0]["arguments"]["only"] == only
        listed = (await asked(SEARCH, calls[0]["arguments"]))["structuredContent"]
        assert listed["matches"] == count
        assert await card.frame.locator(".people > li").count() == min(count, len(listed["rows"]))
        assert await card.findings() == []

        await card.frame.locator(".people button").first.click()
        await card.frame.locator("[data-shape=one]").wait_for()
        await card.frame.get_by_role("button", name="Back").click()
        await card.frame.get_by_role("button", name="Back").click()
        await card.frame.locator("[data-shape=summary]").wait_for()


async def test_ask_about_this_speaks_in_figures_alone(card: Card, inbox: Inbox) -> None:
    result, arguments = await inbox.call("waiting")
    await card.open(capabilities=CAPABILITIES)
    await card.show(result, arguments)

    await card.frame.get_by_role("button", name="Ask about this").click()
    await card.settled()

    (message,) = [each["params"] for each in await card.sent() if each.get("method") == "ui/message"]
    (part,) = message["content"]
    ids = ", ".join(str(row[0]) for row in result["structuredContent"]["rows"][:5])
    assert part["text"] == (
        f"About the 54 waiting SMS conversations (2026-10-24 10:12 to 2026-11-23 09:12 America/Denver), longest first: "
        f"{ids}. Whom should we answer first, and how?"
    )


async def test_all_works_by_keyboard(card: Card, inbox: Inbox) -> None:
    result, arguments = await inbox.call("by_agent")
    await card.open(width=1200)
    await card.show(result, arguments)
    keys, focused = card.page.keyboard, "() => document.activeElement.textContent"

    async def press(key: str, *, until: str) -> None:
        for _ in range(60):
            await keys.press(key)
            if await card.frame.evaluate(focused) == until:
                return
        raise AssertionError(until)

    await press("Tab", until="Open")
    await keys.press("Enter")
    await card.frame.get_by_role("button", name="Close").wait_for()
    await press("Tab", until=str(result["structuredContent"]["never_answered"]))
    assert await card.frame.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await keys.press("Enter")
    await card.frame.locator("[data-shape=hits]").wait_for()
    # A reader starts at the new list; the way back is the next stop.
    assert await card.frame.evaluate("() => document.activeElement.id") == "main"
    await press("Tab", until="Back")
    await keys.press("Enter")
    await card.frame.locator("[data-shape=summary]").wait_for()
    await press("Tab", until="All figures")
    await keys.press("Enter")
    assert await card.frame.locator("details[open]").count() == 1
    await press("Tab", until="Ask about this")
    await keys.press("Enter")
    await card.settled()
    assert [each["method"] for each in await card.sent() if each.get("method") == "ui/message"] == ["ui/message"]


async def test_a_failed_call_is_told_with_a_way_back(browser: Any, script: str, inbox: Inbox) -> None:
    async def failing(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"isError": True, "content": [{"type": "text", "text": "Convirza refused the token. Log in."}]}

    async with chat(browser, script, failing) as card:
        await card.open(context=FULL)
        await card.show(*(await inbox.call("by_agent")))
        await card.frame.get_by_role("row", name="Daniel Kim").get_by_role("button").first.click()
        await card.frame.get_by_text("Convirza refused the token. Log in.").wait_for()
        assert await card.findings() == []

        await card.frame.get_by_role("button", name="Back").click()
        await card.frame.locator("[data-shape=summary]").wait_for()
        assert card.trouble == []
