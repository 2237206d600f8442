"""`convirza-mcp doctor`: what stands in the way, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict

import anyio
import click

from convirza_mcp.checkup.examination import examine
from convirza_mcp.checkup.finding import Finding
from convirza_mcp.cli.printing import print_json

_MARKS = {True: ("ok", "green"), False: ("FAULT", "red"), None: ("-", None)}
_NAME_WIDTH = 23


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check everything that has to work, one line a check, with what to do where it does not.

    Looks at this computer, the settings, the token, the network and the server, and makes one call. What the clients'
    entries say is started as those clients would start it, and makes one call each. Changes nothing. The exit status
    is 0 when no fault was found, else 1. Nothing secret and nothing of the inbox is shown.
    """
    findings = anyio.run(examine, _keep_quiet if as_json else _print)
    faults = [finding.name for finding in findings if finding.ok is False]
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings], "ok": not faults})
    else:
        click.echo(_summary(faults))
    ctx.exit(1 if faults else 0)


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.ok]
    remedy = "" if finding.remedy is None else f" To do: {finding.remedy}"
    click.echo(f"{click.style(f'{mark:<6}', fg=colour)} {finding.name:<{_NAME_WIDTH}} {finding.detail}{remedy}")


def _keep_quiet(_finding: Finding) -> None:
    return


def _summary(faults: Iterable[str]) -> str:
    names = ", ".join(faults)
    return f"Not everything works: {names}." if names else "No fault found."
