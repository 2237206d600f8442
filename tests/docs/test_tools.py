"""The page of tools is what its script writes today."""

from documents import text_of
from packages import script


async def test_the_page_is_as_the_script_would_write_it() -> None:
    # After a wanted change: python scripts/tool_docs.py
    assert text_of("docs/tools.md") == await script("tool_docs").page()
