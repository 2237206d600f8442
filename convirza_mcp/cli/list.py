"""`convirza-mcp list`: one page of the inbox, for a terminal or a script."""

from typing import Any

import anyio
import click

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.documents import window_document
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.printing import print_conversations, print_json
from convirza_mcp.config import Settings
from convirza_mcp.inbox.records import keyed_record
from convirza_mcp.tools.context import open_context
from convirza_mcp.tools.list_sms_conversations import ListArguments, ListedPage, list_page
from convirza_mcp.tools.privacy_line import privacy_part
from convirza_mcp.tools.schema import read_arguments


@click.command("list")
@tool_options(ListArguments)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(as_json: bool, **given: Any) -> None:
    """List one page of the inbox, newest first."""
    arguments = read_arguments(ListArguments, given)
    settings = Settings.from_environment()
    listed = anyio.run(_ask, arguments, settings)
    if as_json:
        print_json(_document(listed) | privacy_part(settings.privacy))
    else:
        print_conversations(listed, full=arguments.detail == "full")


async def _ask(arguments: ListArguments, settings: Settings) -> ListedPage:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        return await list_page(arguments, context)


def _document(listed: ListedPage) -> dict[str, Any]:
    window = listed.window
    return {
        "type": listed.query.type,
        "window": window_document(window) | {"api_default": window.is_api_default},
        "order": listed.query.order,
        "total": listed.page.total,
        "offset": listed.query.offset,
        "next_offset": listed.next_offset(),
        "unreadable": dict(listed.page.unreadable),
        "dropped": len(listed.page.dropped),
        "conversations": [keyed_record(each, window) for each in listed.page.conversations],
    }
