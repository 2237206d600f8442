"""`convirza-mcp export`: write all conversations in a view to a file, for a spreadsheet or a program."""

import codecs
from contextlib import aclosing
from dataclasses import replace
from typing import IO, Annotated, Any

import click
from pydantic import Field

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.export_rows import Format, heading, line
from convirza_mcp.answers.head import privacy_part
from convirza_mcp.answers.hints import plural
from convirza_mcp.api.models import MAX_SEARCH_LENGTH
from convirza_mcp.cli.options import check_narrowing, settings_of_command, tool_options
from convirza_mcp.cli.output_file import opened
from convirza_mcp.cli.question import ask, window_of_command
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.filters import NO_FILTERS, Filters
from convirza_mcp.questions.scan import Scan
from convirza_mcp.questions.search import SearchResult, search
from convirza_mcp.rules.by_time import DEFAULT_TARGET
from convirza_mcp.scan.results import Coverage, Gap, unreadable_text
from convirza_mcp.tools.schema import (
    AgentArgument,
    Arguments,
    ByTimeArgument,
    EndArgument,
    Example,
    LineArgument,
    OnlyArgument,
    StartArgument,
    TargetArgument,
    ViewArgument,
    filters_of,
    read_arguments,
)

_LINES_OF_JSON = (".jsonl", ".ndjson")


class ExportArguments(Arguments):
    output: Annotated[
        str,
        Field(description="Output file, replaced when complete; - for standard output. Required."),
        Example("inbox.csv"),
    ]
    format: Annotated[
        Format | None,
        Field(
            description="csv: for spreadsheets. jsonl: one object per line. Default: jsonl for .jsonl and .ndjson "
            "files, else csv."
        ),
    ] = None
    type: ViewArgument = "allOpen"
    start: StartArgument = None
    end: EndArgument = None
    only: OnlyArgument = None
    by_time: ByTimeArgument = "latest"
    target_minutes: TargetArgument = DEFAULT_TARGET
    agent: AgentArgument = None
    phone_number: LineArgument = None
    search: Annotated[
        str | None, Field(max_length=MAX_SEARCH_LENGTH, description="Part of a contact's name or phone number.")
    ] = None

    @property
    def filters(self) -> Filters | None:
        """Return the conditions; None to export everything in the view, which needs no memory."""
        filters = filters_of(self)
        is_everything = filters == replace(NO_FILTERS, target_minutes=filters.target_minutes)
        return None if is_everything else filters


@click.command("export", short_help="Write all conversations in a view to a CSV or JSON Lines file.")
@tool_options(ExportArguments)
@click.option(
    "--bom",
    is_flag=True,
    help="Start with a byte order mark, so that Excel shows accents correctly.",
)
@click.pass_context
def command(ctx: click.Context, /, bom: bool, **given: Any) -> None:
    """Write every conversation of a view, or those that meet conditions, with every field and the whole message.

    Exits with 1 if the read was incomplete; the file then has what was read. An error, Ctrl-C or SIGTERM leaves the
    old file unchanged.
    """
    arguments = read_arguments(ExportArguments, given)
    if arguments.filters is not None and arguments.search is not None:
        raise InvalidArgumentError("search", "`search` goes alone, without `only`, `by_time`, `agent`, `phone_number`.")
    settings = settings_of_command()
    window = window_of_command(arguments.start, arguments.end, settings)
    with opened(arguments.output) as file:
        if bom:
            file.write(codecs.BOM_UTF8)
        kept, coverage = ask(lambda request: _write(request, window, arguments, file), settings)
    total = "an unknown number of" if coverage.total is None else f"{coverage.total:,}"
    ending = "complete" if coverage.complete else f"not complete: {coverage.reason}"
    said = "".join(f" · {each}" for each in privacy_part(settings.privacy).values())
    read = f"{coverage.read:,} of {total} {plural(coverage.total or 0, 'conversation')}"
    counted = read if kept is None else f"{kept:,} {plural(kept, 'conversation')} · {read} read"
    click.echo(f"{counted} · {arguments.type} · {window} · {ending}{said}", err=True)
    if (unreadable := unreadable_text(coverage.unreadable_counts)) is not None:
        click.echo(f"Unreadable fields: {unreadable}", err=True)
    if not coverage.complete:
        ctx.exit(1)


async def _write(
    request: Request, window: Window, arguments: ExportArguments, file: IO[bytes]
) -> tuple[int | None, Coverage]:
    """Write the file. Return the number of conversations kept (None for all) and what was read."""
    is_of_lines = arguments.output.lower().endswith(_LINES_OF_JSON)
    form: Format = arguments.format or ("jsonl" if is_of_lines else "csv")
    with_state = arguments.type == "all"
    if arguments.filters is not None:
        found = await _filtered(request, window, arguments, arguments.filters)
        file.write(heading(form, with_state=with_state).encode())
        file.write("".join(line(form, each, found.window, with_state=with_state) for each in found.rows).encode())
        return len(found.rows), found.coverage
    scan = Scan(request, window, view=arguments.type, search=arguments.search)
    file.write(heading(form, with_state=with_state).encode())
    async with aclosing(scan.pages()) as pages:
        async for page in pages:
            file.write("".join(line(form, each, window, with_state=with_state) for each in page).encode())
    return None, scan.coverage


async def _filtered(request: Request, window: Window, arguments: ExportArguments, filters: Filters) -> SearchResult:
    """Return the conversations that meet the conditions, newest first; ask again each time that the time runs out."""
    before = -1
    while True:
        found = await search(request, window, view=arguments.type, filters=filters)
        if found.coverage.gap is not Gap.TIME or found.coverage.read <= before:
            break
        before = found.coverage.read
    check_narrowing(found.narrowing)
    return found
