"""The report on screen and on paper, in real Chromium."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from judges.pictures.chat_host import CARD, Card, chat, needs_chromium
from judges.pictures.inboxes import NOW

pytestmark = needs_chromium

REPORTS = {
    "agents": ["--compare-to", "previous"],
    "days": ["--group-by", "day", "--start", "90d"],
    "compared_days": ["--group-by", "day", "--start", "last-week", "--compare-to", "previous"],
    "lines": ["--group-by", "phone_number"],
    "pairs": ["--group-by", "agent", "--then-by", "status"],
    "closed": ["--group-by", "week", "--by-time", "closed"],
    "nothing": ["--start", "1m"],
}
PAPER = {"A4": 688, "Letter": 710}
"""Width between margins of 14 mm, in CSS pixels."""


@pytest.fixture(scope="module")
def reports() -> dict[str, str]:
    with Sandbox(now=NOW) as sandbox:
        environment = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}

        def made(arguments: list[str]) -> str:
            given = ["report", "--output", "-", *arguments]
            return CliRunner().invoke(commands, given, env=environment, obj=lambda: NOW).stdout

        return {name: made(arguments) for name, arguments in REPORTS.items()}


@pytest.fixture(params=REPORTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def page(browser: Any, script: str, reports: dict[str, str], name: str) -> AsyncIterator[Card]:
    async def never(_: str, __: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    async with chat(browser, script, never, page_text=reports[name], policy="") as card:
        await card.page.goto(CARD)
        await card.page.get_by_role("heading", name="SMS inbox report").wait_for()
        yield card
        assert card.trouble == []


FITS = "() => document.documentElement.scrollWidth <= innerWidth"


async def test_on_screen(page: Card, name: str) -> None:
    for theme in ("light", "dark"):
        await page.page.emulate_media(color_scheme=theme)
        assert await page.findings() == []
    for width in (320, 720, 1200):
        await page.page.set_viewport_size({"width": width, "height": 900})
        assert await page.frame.evaluate(FITS)
    headings = await page.page.get_by_role("heading", level=2).all_inner_texts()
    open_ones = [] if name == "closed" else ["Longest waits"]
    assert headings == ["Figures", "Weekdays and hours", "Slowest first replies", *open_ones]


@pytest.mark.parametrize("paper", PAPER)
async def test_on_paper_nothing_is_cut(page: Card, paper: str) -> None:
    await page.page.emulate_media(media="print", color_scheme="dark")
    await page.page.set_viewport_size({"width": PAPER[paper], "height": 900})

    cut = await page.frame.evaluate(
        """() => [...document.querySelectorAll("main *")].filter(each => each.checkVisibility()
             && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"""
    )

    assert cut == []
    # White paper, whatever the screen's theme.
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    assert await page.frame.evaluate(background) == "rgb(255, 255, 255)"
    assert (await page.page.pdf(format=paper)).startswith(b"%PDF")
