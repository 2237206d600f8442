"""The faults of hosts, and what a person has set: none of them changes or hides a figure."""

from typing import Any

import pytest

from judges.pictures.chat_host import Card, chat, needs_chromium
from judges.pictures.inboxes import Inbox

pytestmark = needs_chromium


async def test_the_host_s_faults_change_nothing(card: Card, inbox: Inbox) -> None:
    result, arguments = await inbox.call("by_agent")
    await card.open()
    await card.show(result, arguments)
    expected = await card.frame.locator("main").inner_text()
    bare = {"content": result["content"]}

    for given in (bare, bare | {"structuredContent": result["structuredContent"], "_meta": {"x": 1}}):
        await card.open()
        await card.show(given, arguments)
        assert await card.frame.locator("main").inner_text() == expected

    # The result before the arguments, then a second result.
    await card.open()
    await card.say("sendToolResult", (await inbox.call("waiting"))[0])
    await card.say("sendToolInput", {"arguments": arguments})
    await card.say("sendToolResult", result)
    await card.frame.locator("[data-shape=summary]").wait_for()
    assert await card.frame.locator("main").inner_text() == expected


async def test_requests_of_the_host_are_answered_at_any_time(card: Card) -> None:
    await card.open()
    await card.page.evaluate(
        """() => { for (const [id, method] of [[101, "ping"], [102, "no/such"], [103, "ui/resource-teardown"]])
             frames[0].postMessage({jsonrpc: "2.0", id, method, params: {}}, "*"); }"""
    )
    await card.settled()

    answers = {each["id"]: each for each in await card.sent() if each.get("id", 0) > 100}
    assert answers[101]["result"] == answers[103]["result"] == {}
    assert answers[102]["error"]["code"] == -32601


async def test_the_height_is_right_both_ways_and_shrinks(card: Card, inbox: Inbox) -> None:
    await card.open()
    await card.show(*(await inbox.call("waiting")))
    tall = await card.height()
    assert await card.frame.evaluate("() => Math.ceil(document.body.getBoundingClientRect().height)") == tall

    await card.show(*(await inbox.call("nobody")))
    assert await card.height() < tall

    for dimensions in ({"height": 300}, {"maxHeight": 300}):
        for name in ("figures", "by_agent", "by_day", "waiting"):
            await card.open(fixed=300, context={"containerDimensions": dimensions})
            await card.show(*(await inbox.call(name)))
            assert await card.height() <= 300


CONTRASTS = {
    "same": {"--color-text-primary": "#fff", "--color-background-primary": "#fff"},
    "gray": {"--color-background-primary": "#888", "--color-background-secondary": "gray"},
    "clear": {"--color-background-primary": "transparent", "--color-text-primary": "oklch(0.2 0.02 250)"},
    "odd": {
        "--color-text-primary": "url(https://evil.example/x)",
        "--color-background-primary": "12px",
        "other": "red",
    },
    "inverted": {"--color-background-primary": "#111", "--color-text-primary": "#eee"},
    "large": {"--font-text-sm-size": "28px", "--font-sans": "url(https://evil.example/f), serif"},
}


@pytest.mark.parametrize("variables", CONTRASTS.values(), ids=CONTRASTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_odd_variables_of_the_host_stay_readable(
    card: Card, inbox: Inbox, theme: str, variables: dict[str, str]
) -> None:
    await card.open(context={"theme": theme, "styles": {"variables": variables}})
    for name in ("compared", "waiting", "heat"):
        await card.show(*(await inbox.call(name)))
        assert await card.findings() == []
        assert await card.frame.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_the_theme_may_change(card: Card, inbox: Inbox) -> None:
    await card.open()
    await card.show(*(await inbox.call("by_agent")))
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = await card.frame.evaluate(background)

    await card.say("sendHostContextChange", {"theme": "dark"})
    await card.settled()

    assert await card.frame.evaluate(background) != light
    assert await card.findings() == []


@pytest.mark.parametrize(
    "options",
    [{"forced_colors": "active"}, {"reduced_motion": "reduce"}, {"color_scheme": "dark"}, {"locale": "ar-EG"}],
)
async def test_a_person_s_settings_are_kept(browser: Any, script: str, inbox: Inbox, options: dict[str, Any]) -> None:
    async with chat(browser, script, inbox.ask, **options) as card:
        await card.open(
            context={"theme": None, "locale": options.get("locale", "de-DE")}
            if "locale" in options
            else {"theme": "light"}
        )
        await card.show(*(await inbox.call("by_agent")))

        assert await card.findings() == []
        assert card.trouble == []
