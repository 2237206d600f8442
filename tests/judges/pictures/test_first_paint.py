"""The first paint after a result makes little: rows out of sight and closed tables follow after it."""

from typing import Any

import pytest

from judges.pictures.chat_host import Card, needs_chromium
from judges.pictures.inboxes import FULL, Inbox, result_of

pytestmark = needs_chromium

COUNT = """result => {
  const data = {jsonrpc: "2.0", method: "ui/notifications/tool-result", params: result};
  dispatchEvent(new MessageEvent("message", {source: parent, data}));
  return document.querySelectorAll("main *").length;
}"""


async def result_named(inbox: Inbox, name: str) -> dict[str, Any]:
    result, _ = await inbox.call("by_agent" if name == "groups" else name)
    answer = result["structuredContent"]
    if name == "groups":
        answer = answer | {"rows": [[f"Agent {place:02}", *answer["rows"][0][1:]] for place in range(30)]}
    return result_of(answer)


@pytest.mark.parametrize(
    ("name", "context", "elements"),
    [
        ("groups", {}, 300),
        ("groups", FULL, 550),
        ("all_waiting", {}, 250),
        ("all_waiting", FULL, 350),
        ("many_days", {}, 120),
        ("many_days", FULL, 200),
        ("heat", {}, 300),
    ],
)
async def test_a_first_paint_makes_few_elements(
    card: Card, inbox: Inbox, name: str, context: dict[str, Any], elements: int
) -> None:
    await card.open(context=context)

    assert await card.frame.evaluate(COUNT, await result_named(inbox, name)) <= elements


@pytest.mark.parametrize(("name", "rows", "count"), [("groups", "tbody tr", 30), ("all_waiting", ".people > li", 100)])
async def test_full_screen_has_all_rows_soon_after(card: Card, inbox: Inbox, name: str, rows: str, count: int) -> None:
    await card.open(context=FULL)
    await card.show(await result_named(inbox, name))

    assert await card.frame.locator(f"main [data-shape] {rows}[data-fold]").count() == count
    assert await card.frame.locator(".facts > div").count() > 0
