"""Draw `docs/pictures/*.png`: the page of `convirza_mcp.app` in real Chromium, over the demo inbox at a fixed moment.

    pip install playwright
    python scripts/page_pictures.py

Needs Debian's `chromium`. `docs/pictures/page.sha256` says of which page and answers the pictures are.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import anyio

from convirza_mcp import Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.app.page import app_page, report_page
from convirza_mcp.app.report import report
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools import tool_named
from convirza_mcp.tools.failure import Failure
from convirza_mcp.tools.schema import read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
STAMP = FOLDER / "page.sha256"
NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)


class Picture(NamedTuple):
    """One picture: the tool and its arguments, or None for the report; how the chat shows it."""

    tool: str | None
    arguments: dict[str, Any]
    theme: str
    width: int = 720
    full: bool = False


PICTURES = {
    "chat-summary": Picture("summarize_sms_inbox", {}, "light"),
    "chat-agents": Picture("summarize_sms_inbox", {"group_by": "agent"}, "dark"),
    "chat-waiting": Picture("list_waiting_sms_conversations", {}, "light"),
    "chat-days": Picture("summarize_sms_inbox", {"group_by": "day"}, "dark"),
    "full-hours": Picture("summarize_sms_inbox", {"group_by": "weekday", "then_by": "hour"}, "light", 900, full=True),
    "report": Picture(None, {"group_by": "agent", "compare_to": "previous"}, "light", 1000),
}

# The chat around the card: it answers the card's greeting, then shows the result.
_CHAT = """
<!doctype html>
<html><body style="margin:0;background:GROUND"><iframe sandbox="allow-scripts" style="border:0;display:block"></iframe>
<script>
const frame = document.querySelector("iframe");
const send = message => frame.contentWindow.postMessage({jsonrpc: "2.0", ...message}, "*");
const heard = {
  "ui/initialize": ({id}) => send({id, result: {protocolVersion: "2026-01-26", hostInfo: {name: "chat", version: "1"},
    hostCapabilities: {serverTools: {}, message: {}}, hostContext: given.context}}),
  "ui/notifications/initialized": () => {
    send({method: "ui/notifications/tool-input", params: {arguments: given.arguments}});
    send({method: "ui/notifications/tool-result", params: given.result});
  },
  "ui/notifications/size-changed": ({params}) => {
    frame.style.height = `${params.height}px`;
    document.title = "shown";
  },
};
addEventListener("message", ({data}) => heard[data.method]?.(data));
window.start = (width, page) => { frame.style.width = `${width}px`; frame.srcdoc = page; };
</script></body></html>
"""


@contextmanager
def demo() -> Iterator[Settings]:
    with Sandbox(now=NOW) as sandbox:
        zone = ZoneInfo("America/Denver")
        yield Settings(token=sandbox.token, base_url=sandbox.base_url, zone=zone, max_calls_per_minute=0)


async def documents() -> dict[str, str]:
    """Return what each picture shows: the text of an answer, or the report's page."""
    found = {}
    with demo() as settings:
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            for name, each in PICTURES.items():
                if each.tool is None:
                    asked = read_arguments(SummaryArguments, each.arguments)
                    found[name] = report_page((await report(account.request(), asked)).data)
                    continue
                answer = await tool_named(each.tool).ask(each.arguments, account.request())
                if isinstance(answer, Failure):
                    raise TypeError(answer.text)
                found[name] = answer.text
    return found


def stamp(shown: dict[str, str]) -> str:
    """Return one line that changes with the page and with what is shown on it."""
    return sha256(json.dumps([app_page(), shown], sort_keys=True).encode()).hexdigest() + "\n"


async def draw(shown: dict[str, str]) -> None:
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, each in PICTURES.items():
            window = await browser.new_context(
                viewport={"width": each.width, "height": 500},
                device_scale_factor=1.5,
                color_scheme=each.theme,
                locale="en-US",
            )
            page = await window.new_page()
            target = FOLDER / f"{name}.png"
            if each.tool is None:
                await page.set_content(shown[name])
                await page.screenshot(
                    path=target, clip={"x": 0, "y": 0, "width": each.width, "height": 1150}, full_page=True
                )
            else:
                modes = ["inline", "fullscreen"]
                context = {"theme": each.theme, "displayMode": modes[each.full], "availableDisplayModes": modes}
                result = {"content": [{"type": "text", "text": shown[name]}]}
                await page.set_content(_CHAT.replace("GROUND", "#fff" if each.theme == "light" else "#1b1d21"))
                await page.evaluate(
                    f"window.given = {json.dumps({'context': context, 'arguments': each.arguments, 'result': result})}"
                )
                await page.evaluate("([width, page]) => start(width, page)", [each.width, app_page()])
                await page.wait_for_function("document.title === 'shown'")
                card = page.frames[1]
                await card.locator("[data-shape]").wait_for()
                await card.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
                )
                await page.locator("iframe").screenshot(path=target)
            await window.close()
        await browser.close()


def main() -> None:
    shown = anyio.run(documents)
    anyio.run(draw, shown)
    STAMP.write_text(stamp(shown), encoding="utf-8")


if __name__ == "__main__":
    main()
