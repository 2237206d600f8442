"""A change is shown without what others keep in the file."""

from collections.abc import Collection

from convirza_mcp.setup.clients.edit import redacted_diff
from convirza_mcp.setup.clients.jsonc import Document

BEFORE = """\
{
  "mcpServers": {
    "other": {"env": {"KEY": "canary"}}, // a note
    "convirza": {
      "command": "convirza-mcp",
      "env": {"CONVIRZA_TOKEN": "canary"}
    }
  }
}
"""


def change(before: str, after: str, shown: Collection[str]) -> str:
    return redacted_diff(Document(before, comments=True), Document(after, comments=True), shown)


def test_texts_that_are_not_the_entry_s_are_hidden() -> None:
    after = BEFORE.replace('"command": "convirza-mcp"', '"command": "/new/convirza-mcp"').replace(
        '"env": {"CONVIRZA_TOKEN": "canary"}\n', '"env": {}\n'
    )

    assert (
        change(BEFORE, after, {"/new/convirza-mcp"})
        == """\
--- before
+++ after
@@ -4,4 +4,4 @@
     "convirza": {
-      "command": "…",
-      "env": {"CONVIRZA_TOKEN": "…"}
+      "command": "/new/convirza-mcp",
+      "env": {}
     }"""
    )


def test_a_file_on_one_line_gives_nothing_away() -> None:
    before = '{"mcpServers":{"other":{"env":{"KEY":"canary"}}}}'

    shown = change(before, '{"mcpServers":{"other":{"env":{"KEY":"canary"}}, "x": {"command": "c"}}}', {"c"})

    assert shown.splitlines()[3:] == [
        '-{"mcpServers":{"other":{"env":{"KEY":"…"}}}}',
        '+{"mcpServers":{"other":{"env":{"KEY":"…"}}, "x": {"command": "c"}}}',
    ]


def test_a_new_file_is_shown_whole() -> None:
    assert change("", "{}\n", set()).splitlines()[3:] == ["+{}"]
