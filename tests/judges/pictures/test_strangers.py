"""A hostile inbox stays text: no element, request, dialog, navigation or message is made of it."""

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.app.page import report_page
from convirza_mcp.app.report import report
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments
from judges.pictures.chat_host import CARD, chat, needs_chromium
from judges.pictures.inboxes import FULL, NOW, SEARCH, SUMMARY, WAITING, served

pytestmark = needs_chromium

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
