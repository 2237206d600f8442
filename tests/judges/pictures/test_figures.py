"""Each figure of a picture, read back from the accessibility tree, is the result's."""

import json
import re
from typing import Any

import pytest

from judges.pictures.chat_host import Card, needs_chromium
from judges.pictures.inboxes import CALLS, FULL, PARTIAL, Inbox, result_of

pytestmark = needs_chromium

GROUPED = [name for name, (_, given) in CALLS.items() if "group_by" in given and "then_by" not in given]
COLUMNS = {"conversations", "waiting", "first_median", "first_within_target", "close_median", "change"}
"""Those of a card in a chat."""


def shown(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return {None: "–", "few": "too few"}.get(value, str(value))


def row_text(answer: dict[str, Any], row: list[Any], columns: set[str] | None = None) -> str:
    cells = dict(zip(answer["columns"], row, strict=True))
    named = [name for name in answer["columns"][1:] if not name.endswith("_before")]
    figures = [
        shown(cells[name]) + (f" was {shown(cells[f'{name}_before'])}" if f"{name}_before" in cells else "")
        for name in named
        if columns is None or name in columns
    ]
    return " ".join([row[0], *figures])


async def tree(card: Card) -> str:
    """Return the accessibility tree with all disclosures open."""
    await card.frame.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found: str = await card.frame.locator("main").aria_snapshot()
    return found


def rows_in(snapshot: str) -> list[str]:
    rows = re.findall(r"- row (\"(?:[^\"\\]|\\.)*\"|'- row .*?'|[^\n:]+)", snapshot)
    return [" ".join(json.loads(each).split()) if each.startswith('"') else each for each in rows]


@pytest.mark.parametrize("name", GROUPED)
async def test_every_figure_of_a_group_is_the_result_s(card: Card, inbox: Inbox, name: str) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"]
    expected = [row_text(answer, row) for row in answer["rows"]]

    await card.open(width=1200, context=FULL)
    for coverage in (answer["coverage"], PARTIAL):
        await card.show(result_of(answer | {"coverage": coverage}), arguments)
        found = rows_in(await tree(card))
        assert [each for each in found if each in expected] == expected


@pytest.mark.parametrize("name", GROUPED)
async def test_every_figure_of_a_group_in_a_chat_is_the_result_s(card: Card, inbox: Inbox, name: str) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"]
    await card.open()
    await card.show(result, arguments)

    columns = None if await card.frame.locator("svg.columns").count() else COLUMNS
    expected = [row_text(answer, row, columns) for row in answer["rows"]]
    found = [each for each in rows_in(await tree(card)) if each in expected]

    # Where there is no room for all, the last ones are left out.
    assert found == expected[: len(found)]
    more = await card.frame.locator("[data-more]:visible").all_inner_texts()
    assert more == ([] if len(found) == len(expected) else [f"and {len(expected) - len(found)} more"])
    assert len(found) >= min(5, len(expected))


@pytest.mark.parametrize("name", GROUPED)
async def test_every_column_over_time_has_the_height_of_its_count(card: Card, inbox: Inbox, name: str) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"]
    await card.open()
    await card.show(result, arguments)
    if not await card.frame.locator("svg.columns").count():
        assert answer["columns"][0] not in ("day", "week", "hour") or len(answer["rows"]) <= 2
        return

    described = await card.frame.locator("svg.columns desc").text_content() or ""
    heights = await card.frame.eval_on_selector_all(
        "svg.columns rect:not(.idle)", "all => all.map(each => Number(each.getAttribute('height')))"
    )

    rows = [row for row in answer["rows"] if "more groups" not in row[0]]
    assert described.split(", ") == [f"{row[0]}: {row[1]}" for row in rows]
    most = max(max(row[1], row[2] if "conversations_before" in answer["columns"] else 0) for row in rows)
    assert len(heights) == len(rows)
    for height, (_, count, *_) in zip(heights, rows, strict=True):
        assert height == (0 if count == 0 else pytest.approx(max(2, 100 * count / most)))


@pytest.mark.parametrize("coverage", [{}, {"coverage": PARTIAL}], ids=["complete", "partial"])
@pytest.mark.parametrize("name", ["heat", "cells", "pairs"])
async def test_every_cell_of_a_heat_map_is_the_result_s(
    card: Card, inbox: Inbox, name: str, coverage: dict[str, Any]
) -> None:
    result, arguments = await inbox.call(name)
    answer = result["structuredContent"] | coverage
    await card.open(width=1200, context=FULL)
    await card.show(result_of(answer), arguments)

    found = rows_in(await tree(card))

    expected = [" ".join(map(shown, row)) for row in answer["rows"]]
    assert [each for each in found if each in expected] == expected
    if name == "pairs":
        firsts, seconds = ([*dict.fromkeys(row[place] for row in answer["rows"])] for place in (0, 1))
        counts = {(row[0], row[1]): row[2] for row in answer["rows"]}
        cells = [" ".join([one, *(shown(counts.get((one, two), "none")) for two in seconds)]) for one in firsts]
        assert [each for each in found if each in cells] == cells


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
    for key, value in answer.items():
        if isinstance(value, int) and key != "target_minutes":
            label = key.replace("_", " ").capitalize()
            assert re.search(rf"- term: {label}\n\s*- definition:(?s:.){{0,40}}\b{shown(value)}\b", snapshot), key
    for band, count in answer.get("waits", {}).items():
        assert band in snapshot
        assert f'cell "{count}"' in snapshot
