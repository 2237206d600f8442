"""Write `docs/tools.md` and `prompts/` from the definitions, with each tool's answer about the demo inbox.

python scripts/tool_docs.py
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from convirza_mcp.accounts.account import open_account
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import MAX_LIMIT
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from convirza_mcp.server.prompts import LAST_CLOSE, PROMPTS, InboxPrompt, PromptArgument, PromptContext
from convirza_mcp.server.resources import RESOURCES
from convirza_mcp.server.subscriptions import A_MINUTE
from convirza_mcp.settings import Settings
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools import all_tools
from convirza_mcp.tools.schema import full_schema
from convirza_mcp.tools.tool import Tool

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "tools.md"
NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/Denver")

COMMANDS = {
    "list_sms_conversations": "list",
    "get_sms_conversation": "get 911483",
    "search_sms_messages": "search refund",
    "list_waiting_sms_conversations": "waiting",
    "summarize_sms_inbox": "summary",
    "list_sms_changes": "changes --since today",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "list_sms_conversations": {"limit": 3},
    "get_sms_conversation": {"conversation_id": 911483},
    "search_sms_messages": {"query": "like refund", "limit": 3},
    "list_waiting_sms_conversations": {"start": "21d", "limit": 4},
    "summarize_sms_inbox": {"group_by": "weekday"},
    "list_sms_changes": {"since": "07:30", "limit": 3},
}

_HEAD = """\
# Tools, prompts and resources

Look up every tool, parameter, prompt and resource. `scripts/tool_docs.py` writes this page from the definitions: do not
edit it. The results are real, from the demo inbox of `convirza-mcp sandbox`, with the clock at
{clock}. A model reads exactly this text; programs get the same object in `structuredContent`.

All tools are read-only: `readOnlyHint` and `idempotentHint` are true, `destructiveHint` is false. Parameters without
"required" are optional. An unknown parameter is refused, and a value out of range is refused with the range. Times are
ISO 8601 (`2026-03-05T10:30:00Z`, `2026-03-05`), `now`, `today`, `yesterday`, `this-week`, `last-week`, `this-month`,
`last-month`, `12:00`, `yesterday 17:30`, or an age such as `90m`, `24h`, `30d` or `2w`. A time without an offset is in
the configured zone. Weeks begin on Monday. As `end`, a day, week or month is included whole: `start=last-week` with
`end=last-week` is last week from its first second to its last.

A failed call returns an error result. Its text states what happened and what to do, and ends with a code in brackets:
`Convirza asks for fewer requests (429). Wait 20 seconds, then try again. [rate_limited]`.
[Troubleshooting](troubleshooting.md#codes) lists the codes.

| tool | title | command |
|---|---|---|
"""


_PROMPT_PAGE = """\
# {title}

{description}
In a client without a menu for prompts, copy this text and change the values in quotes.
Arguments: {arguments}. `scripts/tool_docs.py` writes this page: do not edit it.

```text
{text}
```
"""


async def page() -> str:
    """Return the whole page."""
    rows = [
        f"| [`{tool.name}`](#{tool.name}) | {tool.title} | `convirza-mcp {_command(tool)}` |" for tool in all_tools()
    ]
    head = _HEAD.format(clock=f"{NOW.astimezone(ZONE):%Y-%m-%d %H:%M} in Denver")
    sections = [head + "\n".join(rows)]
    with Sandbox(now=NOW) as sandbox:
        # Ignore the settings of this machine.
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url, zone=ZONE)
        for tool in all_tools():
            # One cache per tool: what one reads must not change the coverage of another.
            async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
                result = await call_tool(tool, EXAMPLES[tool.name], account.request())
            text = "".join(block.text for block in result.content if block.type == "text")
            if result.is_error:
                raise RuntimeError(f"{tool.name} answered: {text}")
            sections.append("\n\n".join(_tool(tool, text)))
    sections += ["\n\n".join(_prompts()), "\n\n".join(_resources())]
    return "\n\n".join(sections) + "\n"


def _command(tool: Tool[Any, Any]) -> str:
    return COMMANDS[tool.name]


def _tool(tool: Tool[Any, Any], text: str) -> Iterator[str]:
    yield f"## {tool.name}"
    yield "\n".join(f"> {line}" for line in tool.description.splitlines())
    schema = full_schema(tool.arguments)
    required = schema.get("required", ())
    rows = [
        f"| `{name}` | {_takes(each)} | {_default(each, name in required)} | {_cell(each['description'])} |"
        for name, each in schema["properties"].items()
    ]
    yield "\n".join(["| parameter | takes | default | meaning |", "|---|---|---|---|", *rows])
    yield f"For example, with {_arguments(EXAMPLES[tool.name])}, about {estimate_tokens(text):,} tokens:"
    yield f"```json\n{text}\n```"


def _arguments(given: Mapping[str, Any]) -> str:
    return f"`{json.dumps(given, ensure_ascii=False)}`"


def _takes(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"enum": [*values]}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "integer", "minimum": low, "maximum": high}:
            return f"whole number, {low} to {high}"
        case {"type": "integer", "minimum": low}:
            return f"whole number, {low} or more"
        case {"type": "string", "minLength": low, "maxLength": high}:
            return f"text, {low} to {high} characters"
        case {"type": "string", "maxLength": high}:
            return f"text, at most {high} characters"
        case {"type": "string"}:
            return "text"
        case _:
            raise ValueError(f"no words for {schema}")


def _default(schema: Mapping[str, Any], required: bool) -> str:
    if required:
        return "required"
    return f"`{schema['default']}`" if "default" in schema else "–"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _prompts() -> Iterator[str]:
    yield "## Prompts"
    yield (
        "Ready-made questions; a client shows them in its menu, or after a slash. While the user types an\n"
        "argument, clients that request completions get the choices, common times, and the agents and lines from\n"
        "the last read. In a client without such a menu, copy the text from the prompt's page."
    )
    rows = [
        f"| [`{name}`](../prompts/{name}.md) | {_cell(each.description)} | {_prompt_arguments(each)} |"
        for name, each in PROMPTS.items()
    ]
    yield "\n".join(["| prompt | what it asks for | arguments, with their defaults |", "|---|---|---|", *rows])


def prompt_pages() -> dict[str, str]:
    """Return the pages of `prompts/` by file name: each prompt with its defaults."""
    at = PromptContext(now=NOW, zone=ZONE, last_close="yesterday 17:30")
    pages = {}
    for name, each in PROMPTS.items():
        required = {argument.name: "refund" for argument in each.arguments if argument.default is None}
        text = each.render(required, at)
        pages[f"{name}.md"] = _PROMPT_PAGE.format(
            title=each.title, description=each.description, arguments=_prompt_arguments(each), text=text
        )
    return pages


def _prompt_arguments(prompt: InboxPrompt) -> str:
    shown = []
    for each in prompt.arguments:
        default = _prompt_default(each)
        shown.append(f"`{each.name}`" + (f" ({default})" if default else ""))
    return ", ".join(shown)


def _prompt_default(argument: PromptArgument) -> str:
    match argument.default:
        case None:
            return "required"
        case "":
            return ""
        case default if default == LAST_CLOSE:
            return "the last close"
        case default:
            return f"`{default}`"


def _resources() -> Iterator[str]:
    yield "## Resources"
    yield (
        "For clients in which a person attaches content for the model. Reading a resource calls the tool.\n"
        "Completion of an id offers the ids from the last read, newest first."
    )
    rows = [f"| `{each.address}` | {_cell(each.description)} |" for each in RESOURCES]
    yield "\n".join(["| address | content |", "|---|---|", *rows])
    yield (
        "A client of the protocol's later era can subscribe to both (`subscriptions/listen`). The server notifies\n"
        "it when the inbox or that conversation changes. Convirza sends no notifications, so the server polls one\n"
        f"page of open conversations every {A_MINUTE:g} seconds for all subscribers, and does not poll without\n"
        f"subscribers. It does not see a change beyond the {MAX_LIMIT} newest conversations that leaves the total\n"
        "unchanged."
    )


if __name__ == "__main__":
    TARGET.write_text(anyio.run(page), encoding="utf-8")
    for name, text in prompt_pages().items():
        (ROOT / "prompts" / name).write_text(text, encoding="utf-8")
