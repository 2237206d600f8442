"""The page of tools is what its script writes today, and what it says to type works."""

import re

from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.documents import ROOT, text_of
from support.packages import script


async def test_the_page_is_as_the_script_would_write_it() -> None:
    # After a wanted change: python scripts/tool_docs.py
    assert text_of("docs/tools.md") == await script("tool_docs").page()


def test_the_prompts_pages_are_as_the_script_would_write_them() -> None:
    pages = script("tool_docs").prompt_pages()

    assert {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "prompts").iterdir()} == pages


def test_the_conversation_that_it_opens_is_in_a_sandbox_that_is_started_at_any_time() -> None:
    wanted = re.search(r"`convirza-mcp (get [0-9]+)`", text_of("docs/tools.md"))
    assert wanted is not None
    with Sandbox() as sandbox:
        settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        result = CliRunner().invoke(commands, wanted[1].split(), env=settings, prog_name="convirza-mcp")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Mark Jackson" in result.stdout
    assert "Mark Jackson" in text_of("docs/tools.md")
