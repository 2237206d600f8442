"""README can be read in three minutes, and the answer that it shows is that of a real call."""

import json
import re

from convirza_mcp.server.prompts import PROMPTS
from convirza_mcp.tools import all_tools
from support.documents import blocks, prose, text_of

MAX_WORDS = 750
EXCHANGE = next(block.text for block in blocks("README.md", "text") if block.text.startswith("You "))


def test_the_readme_is_short() -> None:
    words = re.sub(r"^(\||\[[\w-]+\]: ).*$", "", prose("README.md"), flags=re.MULTILINE).split()

    assert len(words) <= MAX_WORDS


def test_the_readme_prints_the_commands_that_the_checks_run() -> None:
    lines = text_of("README.md").splitlines()

    assert "$ pip install . && convirza-mcp demo" in lines
    assert '$ pip install -e ".[dev]" && pytest' in lines


def test_the_tables_name_what_there_is() -> None:
    text = text_of("README.md")

    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {tool.name for tool in all_tools()}
    (prompts,) = re.findall(r"^\| prompts \| (.*) \|$", text, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", prompts)) == {prompt.name for prompt in PROMPTS.values()}


def test_the_answer_that_is_shown_is_made_of_the_result() -> None:
    call = re.search(r"calls (\w+) (\{.*\})", EXCHANGE)
    assert call is not None
    page = text_of("docs/tools.md")
    section = page.partition(f"\n## {call[1]}\n")[2].partition("\n## ")[0]
    given = re.search(r"with `(\{.*\})`, about", section)
    assert given is not None
    # It is the very call whose result the page of tools has, which is made anew whenever that page is.
    assert json.loads(given[1]) == json.loads(call[2])
    result = json.loads(section.partition("```json\n")[2].partition("```")[0])
    rows = [dict(zip(result["columns"], row, strict=True)) for row in result["rows"]]
    listed = re.findall(r"^ +- (.+?), (\d+d \d+h): (.*)$", EXCHANGE, re.MULTILINE)

    assert f"{result['waiting']} conversations are waiting." in EXCHANGE
    assert [(name, wait) for name, wait, _ in listed] == [
        (row["source_name"] or row["source"], row["waiting"]) for row in rows[:3]
    ]
    for row, (_, _, matter) in zip(rows, listed, strict=False):
        assert (f"With {row['agent']}" if row["agent"] else "Unassigned.") in matter
        assert ("never answered" in row["why"]) == ("never answered" in matter)
    assert f"Do not text {rows[3]['source']}, who is next: they asked to stop." in EXCHANGE
    assert rows[3]["why"].endswith("asked to stop")
    start, _, end = result["window"].partition(" to ")
    assert f"all {result['coverage']['read']} open conversations from {start[:10]} to {end[:10]}, complete." in EXCHANGE
    assert result["coverage"]["complete"]
    assert result["type"] == "allOpen"
