"""The card in real Chromium, in the official chat bridge, over the real server: every state, host fault and figure."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.app.page import report_page
from convirza_mcp.app.report import report
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments
from judges.chat_host import CAPABILITIES, CARD, Card, bundle, chat, chromium, needs_chromium, result_of

pytestmark = needs_chromium

NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)
SUMMARY, WAITING, SEARCH = "summarize_sms_inbox", "list_waiting_sms_conversations", "search_sms_messages"
FULL = {"displayMode": "fullscreen"}
TALLEST = 500
GROUPS = ("agent", "phone_number", "status", "team", "day", "week", "month", "weekday", "hour")
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "figures": (SUMMARY, {}),
    "compared": (SUMMARY, {"group_by": "agent", "compare_to": "previous"}),
    "closed": (SUMMARY, {"group_by": "agent", "by_time": "closed"}),
    "heat": (SUMMARY, {"group_by": "weekday", "then_by": "hour"}),
    "pairs": (SUMMARY, {"group_by": "phone_number", "then_by": "status"}),
    **{f"by_{name}": (SUMMARY, {"group_by": name}) for name in GROUPS},
    "waiting": (WAITING, {"limit": 100}),
    "search": (SEARCH, {"query": "refund"}),
    "several": (SEARCH, {"agent": "r"}),
    "nothing": (SEARCH, {"query": "zzzzzz"}),
    "nobody": (WAITING, {"start": "1m"}),
    "changes": ("list_sms_changes", {"since": "1d"}),
    "error": (SEARCH, {"start": "someday"}),
}
Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


class Inbox:
    """A server and what it answered, by the name of the call."""

    def __init__(self, ask: Ask, conversation_id: int) -> None:
        self.ask, self._id = ask, conversation_id
        self._known: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    async def call(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the result and the arguments."""
        if name not in self._known:
            tool, arguments = CALLS.get(name, ("get_sms_conversation", {"conversation_id": self._id}))
            self._known[name] = await self.ask(tool, arguments), arguments
        return self._known[name]


async def served(**settings: Any) -> AsyncIterator[Inbox]:
    hostile = settings.pop("hostile", False)
    with Sandbox(now=NOW, hostile=hostile) as sandbox:
        read = Settings(
            token=sandbox.token,
            base_url=sandbox.base_url,
            zone=ZoneInfo("America/Denver"),
            max_calls_per_minute=0,
            **settings,
        )
        async with Client(build_server(read, now=lambda: NOW)) as client:

            async def ask(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
                result = await client.call_tool(name, arguments)
                said: dict[str, Any] = result.model_dump(by_alias=True, mode="json", exclude_none=True)
                if result.structured_content is not None:
                    # Nulls in rows stay.
                    said["structuredContent"] = result.structured_content
                return said

            yield Inbox(ask, sandbox.ask(limit=1).rows[0]["conversation_id"])


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def inbox() -> AsyncIterator[Inbox]:
    async for each in served():
        yield each


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    return bundle(tmp_path_factory.mktemp("chat"))


@pytest.fixture
async def card(browser: Any, script: str, inbox: Inbox) -> AsyncIterator[Card]:
    async with chat(browser, script, inbox.ask) as card:
        yield card
        assert card.trouble == []


async def height(card: Card) -> int:
    await card.settled()
    found: int = await card.page.evaluate("() => height")
    return found


PARTIAL = {
    "read": 120,
    "total": 215,
    "requests": 1,
    "complete": False,
    "as_of": "2026-11-23 09:12:00",
    "reason": "incomplete: time ran out",
}


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
        tall = await height(card)

        assert await card.findings() == []
        if not context:
            # A comparison on the narrowest card has no more to fold.
            assert tall <= (TALLEST if width == 720 else TALLEST + 100)
        assert await card.frame.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def shown(value: Any) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


async def tree(card: Card) -> str:
    """Return the accessibility tree with all disclosures open."""
    await card.frame.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found: str = await card.frame.locator("main").aria_snapshot()
    return found


def rows_in(snapshot: str) -> list[str]:
    return [json.loads(f'"{each}"') for each in re.findall(r'- row "((?:[^"\\]|\\.)*)"', snapshot)]


@pytest.mark.parametrize("coverage", [None, PARTIAL], ids=["complete", "partial"])
@pytest.mark.parametrize("name", [name for name in CALLS if name.startswith("by_") or name in ("compared", "closed")])
async def test_every_figure_of_a_group_is_the_result_s(
    card: Card, inbox: Inbox, name: str, coverage: dict[str, Any] | None
) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"] | ({} if coverage is None else {"coverage": coverage})
    await card.open(width=1200, context=FULL)
    await card.show(result_of(answer), arguments)

    found = rows_in(await tree(card))

    columns = answer["columns"]
    for row in answer["rows"]:
        cells = dict(zip(columns, row, strict=True))
        figures = [
            shown(cells[each]) + (f" was {shown(cells[f'{each}_before'])}" if f"{each}_before" in cells else "")
            for each in columns[1:]
            if not each.endswith("_before")
        ]
        assert " ".join([row[0], *figures]) in [" ".join(each.split()) for each in found]


@pytest.mark.parametrize("name", ["heat", "pairs"])
async def test_every_cell_of_a_heat_map_is_the_result_s(card: Card, inbox: Inbox, name: str) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"]
    await card.open(width=1200, context=FULL)
    await card.show(result, arguments)

    found = rows_in(await tree(card))

    expected = [" ".join(map(shown, row)) for row in answer["rows"]]
    assert [each for each in expected if each not in found] == []


@pytest.mark.parametrize("name", ["figures", "compared", "closed"])
async def test_every_figure_of_the_head_is_the_result_s(card: Card, inbox: Inbox, name: str) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"]
    await card.open(width=1200, context=FULL)
    await card.show(result, arguments)

    snapshot = await tree(card)

    said = re.findall(r"- definition: (.*)", snapshot)
    definitions = [json.loads(each) if each.startswith('"') else each for each in said]
    for part in ("first_response", "avg_response", "time_to_close"):
        for value in answer.get(part, {}).values():
            assert [each for each in definitions if each.startswith(shown(value))], (part, value)
    for key in (
        "conversations",
        "closed",
        "unread",
        "unread_messages",
        "unassigned",
        "waiting",
        "pinned",
        "never_answered",
        "late",
        "missed_target",
    ):
        if key in answer:
            assert [each for each in definitions if each.split(" (")[0] == shown(answer[key])], key
    for band, count in answer.get("waits", {}).items():
        assert band in snapshot
        assert f'cell "{count}"' in snapshot


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
    tall = await height(card)
    assert await card.frame.evaluate("() => Math.ceil(document.body.getBoundingClientRect().height)") == tall

    await card.show(*(await inbox.call("nobody")))
    assert await height(card) < tall

    await card.open(fixed=300, context={"containerDimensions": {"height": 300}})
    await card.show(*(await inbox.call("by_agent")))
    assert await height(card) <= 420


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


async def test_without_abilities_there_are_no_buttons(card: Card, inbox: Inbox) -> None:
    await card.open(context={**FULL, "availableDisplayModes": ["fullscreen"]}, capabilities={})
    await card.show(*(await inbox.call("by_agent")))

    assert await card.frame.get_by_role("button").count() == 0


async def test_a_figure_a_bar_and_a_cell_list_their_conversations(card: Card, inbox: Inbox) -> None:
    asked = inbox.ask
    for name, label, only in (
        ("figures", "never_answered", "never_answered"),
        ("by_agent", "Daniel Kim", 'agent="Daniel Kim"'),
        ("by_agent", "no agent", "agent=none"),
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


ELEMENTS = "A B I U S IMG IFRAME OBJECT EMBED FORM INPUT LINK BASE AUDIO VIDEO MATH TEMPLATE TEXTAREA SELECT"


async def test_a_hostile_inbox_stays_text(browser: Any, script: str) -> None:
    async for hostile in served(hostile=True, max_result_tokens=16_000):
        texts: set[str] = set()
        async with chat(browser, script, hostile.ask) as card:
            for tool, arguments in (
                (SUMMARY, {"group_by": "agent", "start": "2025-01-01"}),
                (SUMMARY, {"group_by": "agent", "then_by": "status", "start": "2025-01-01"}),
                (WAITING, {"limit": 100, "start": "2025-01-01"}),
                (SEARCH, {"only": "unread", "limit": 100, "start": "2025-01-01"}),
                (SEARCH, {"limit": 100, "start": "2025-01-01", "only": "answered"}),
                ("list_sms_changes", {"since": "2025-01-01", "limit": 200}),
            ):
                result = await hostile.ask(tool, arguments)
                answer = result["structuredContent"]
                found = {cell for row in answer["rows"] for cell in row if isinstance(cell, str) and len(cell) > 6}
                texts |= found - set(re.findall(r"[\w:. -]+", " ".join(found)))
                for context in ({}, FULL):
                    await card.open(context=context)
                    await card.show(result, arguments)
                    await card.frame.get_by_role("button", name="Ask about this").click()
                    await card.settled()

                    made = await card.frame.evaluate(
                        """() => [...document.body.querySelectorAll("*")].map(each =>
                             [each.tagName, ...[...each.attributes].map(({name, value}) => `${name}=${value}`)])"""
                    )
                    assert {each[0].upper() for each in made} & set(ELEMENTS.split()) == set()
                    attributes = {attribute for each in made for attribute in each[1:]}
                    assert [each for each in attributes if re.match(r"(on|src|href|srcdoc|action)", each)] == []
                    assert [text for text in texts if any(text in each for each in attributes)] == []
                    sent = json.dumps(await card.sent(), ensure_ascii=False)
                    assert [text for text in texts if text in sent] == []
            assert card.trouble == []
            assert texts


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_report_of_a_hostile_inbox_loads_nothing_and_has_no_finding(
    browser: Any, script: str, theme: str
) -> None:
    with Sandbox(now=NOW, hostile=True) as sandbox:
        settings = Settings(
            token=sandbox.token, base_url=sandbox.base_url, zone=ZoneInfo("UTC"), max_calls_per_minute=0
        )
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            asked = read_arguments(
                SummaryArguments, {"group_by": "agent", "start": "2025-01-01", "compare_to": "previous"}
            )
            data = (await report(account.request(), asked)).data

    async def never(_: str, __: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    async with chat(browser, script, never, page_text=report_page(data), policy="", color_scheme=theme) as card:
        await card.page.goto(CARD)
        await card.page.get_by_role("heading", name="Longest waits").wait_for()

        assert await card.findings() == []
        assert await card.page.locator(".people > li").count() == 20
        made = await card.page.evaluate("() => [...document.body.querySelectorAll('*')].map(each => each.tagName)")
        assert {each.upper() for each in made} & set(ELEMENTS.split()) == set()
        assert card.trouble == []
