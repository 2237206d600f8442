"""`convirza-mcp report`: the inbox as one page to open, print or send."""

from contextlib import nullcontext
from typing import Annotated, Any

import click
from pydantic import Field

from convirza_mcp.app.page import report_page
from convirza_mcp.app.report import Report, report
from convirza_mcp.cli.options import check_narrowing, json_option, settings_of_command, tool_options
from convirza_mcp.cli.output_file import NO_PLACE, STANDARD_OUTPUT, opened
from convirza_mcp.cli.question import ask
from convirza_mcp.cli.render.console import print_json
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.scan.results import unreadable_text
from convirza_mcp.text.typed import strip_wrapping
from convirza_mcp.tools.schema import EndArgument, read_arguments
from convirza_mcp.tools.summarize_sms_inbox import SummaryArguments

_BOTH = "`output` takes a file with --json, which prints its data on standard output."
_WHOLE_PERIODS = ("yesterday", "last-week", "last-month")


class ReportArguments(SummaryArguments):
    output: Annotated[
        str | None,
        Field(description="Output file, replaced when complete; - for standard output. Required without --json."),
    ] = None
    group_by: Annotated[GroupBy, Field(description="Groups of the figures.")] = "agent"
    end: EndArgument = None


@click.command("report", short_help="Write the figures and waits as an HTML page.")
@tool_options(ReportArguments, without="after")
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Write a report of the inbox as one HTML file that opens in any browser, prints well and loads nothing.

    `--start yesterday`, `last-week` and `last-month` end with that period, unless `--end` says otherwise. Exits with 1
    if not all could be read; the report says so. An error, Ctrl-C or SIGTERM leaves the file as it was.
    """
    arguments = read_arguments(ReportArguments, given)
    if arguments.output is None and not as_json:
        raise InvalidArgumentError("output", NO_PLACE)
    if arguments.output == STANDARD_OUTPUT and as_json:
        raise InvalidArgumentError("output", _BOTH)
    asked = {name: value for name, value in arguments.model_dump(exclude_none=True).items() if name != "output"}
    if (start := (arguments.start or "").strip().lower()) in _WHOLE_PERIODS and arguments.end is None:
        asked["end"] = start
    question = read_arguments(SummaryArguments, asked)
    settings = settings_of_command()
    with nullcontext() if arguments.output is None else opened(arguments.output) as file:
        found = ask(lambda request: report(request, question), settings)
        check_narrowing(found.narrowing)
        if file is not None:
            file.write(report_page(found.data).encode())
    if arguments.output is not None:
        click.echo(_ending(found, strip_wrapping(arguments.output)), err=True)
        if (unreadable := unreadable_text(found.coverage[0].unreadable_counts)) is not None:
            click.echo(f"Unreadable fields: {unreadable}", err=True)
    if as_json:
        print_json(found.data)
    if not found.is_complete:
        ctx.exit(1)


def _ending(found: Report, output: str) -> str:
    reasons = [str(each.reason) for each in found.coverage if not each.complete]
    return f"{output} · {found.window} · {f'not complete: {reasons[0]}' if reasons else 'complete'}"
