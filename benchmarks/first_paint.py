"""How long a picture takes from the result to its first layout, in fresh cards in real Chromium.

    pip install . playwright
    python benchmarks/first_paint.py

Needs Debian's `chromium`. Prints the median and the least of nine cards, each of which draws one result: the page's own
work and the layout after it. The least is the figure of an idle machine.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

import anyio
from playwright.async_api import Browser, async_playwright

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.app.page import app_page
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools import tool_named
from convirza_mcp.tools.failure import Failure

LIMIT = 50
NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)
SUMMARY, WAITING = "summarize_sms_inbox", "list_waiting_sms_conversations"
RESULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "30 groups": (SUMMARY, {"group_by": "agent", "compare_to": "previous"}),
    "30 days": (SUMMARY, {"group_by": "day", "start": "90d"}),
    "weekdays by hours": (SUMMARY, {"group_by": "weekday", "then_by": "hour"}),
    "100 rows": (WAITING, {"limit": 100, "start": "2025-01-01"}),
}
_GREET = """page => new Promise(done => {
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.style.width = "720px";
  addEventListener("message", ({data}) => {
    const answer = {jsonrpc: "2.0", id: data.id, result: given};
    if (data.method === "ui/initialize") frame.contentWindow.postMessage(answer, "*");
    if (data.method === "ui/notifications/initialized") setTimeout(done, 100);
  });
  frame.srcdoc = page;
})"""
_DRAW = """params => {
  const data = {jsonrpc: "2.0", method: "ui/notifications/tool-result", params}, begun = performance.now();
  dispatchEvent(new MessageEvent("message", {source: parent, data}));
  document.body.getBoundingClientRect();
  return performance.now() - begun;
}"""


async def results() -> dict[str, dict[str, Any]]:
    with Sandbox(now=NOW) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url, max_calls_per_minute=0)
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            found = {}
            for name, (tool, arguments) in RESULTS.items():
                answer = await tool_named(tool).ask(arguments, account.request())
                assert not isinstance(answer, Failure)
                found[name] = answer.structured()
    row = found["30 groups"]["rows"][0]
    found["30 groups"]["rows"] = [[f"Agent {place}", *row[1:]] for place in range(30)]
    return found


async def milliseconds(browser: Browser, mode: str, answer: Mapping[str, Any]) -> float:
    page = await browser.new_page()
    context = {"displayMode": mode, "availableDisplayModes": ["inline", "fullscreen"]}
    given = json.dumps({"hostContext": context, "hostCapabilities": {"serverTools": {}, "message": {}}})
    await page.evaluate(f"window.given = {given}")
    await page.evaluate(_GREET, app_page())
    took: float = await page.frames[1].evaluate(_DRAW, {"structuredContent": answer})
    await page.close()
    return took


async def main() -> None:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, answer in (await results()).items():
            for mode in ("inline", "fullscreen"):
                took = [await milliseconds(browser, mode, answer) for _ in range(9)]
                missed = " **missed**" if min(took) > LIMIT else ""
                print(
                    f"| {name}, {mode} | {median(took):.0f} ms | {min(took):.0f} ms | ≤ {LIMIT} ms{missed} |",
                    flush=True,
                )
        await browser.close()


if __name__ == "__main__":
    anyio.run(main)
