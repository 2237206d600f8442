"""`convirza-mcp doctor`: find problems and say how to fix them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from textwrap import wrap

import anyio
import click
from rich.console import Console
from rich.text import Text

from convirza_mcp.answers.hints import plural
from convirza_mcp.cli.render.console import console, has_width, print_json, say
from convirza_mcp.errors import InvalidArgumentError, SettingsError
from convirza_mcp.files import read_text_file
from convirza_mcp.secret_values import token_from
from convirza_mcp.setup.doctor.finding import Finding
from convirza_mcp.setup.doctor.run import run_checks
from convirza_mcp.text.address import checked_address

_MARKS = {True: ("ok", "green"), False: ("FAULT", "red"), None: ("-", "")}
_MARK_WIDTH = 7
_NAME_WIDTH = 24
_NARROWEST_BESIDE_NAMES = 76


@click.command("doctor", short_help="Check everything that must work, and say how to fix it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
@click.option("--url", help="Check a server over HTTP at this public address instead, as a client would.")
@click.option("--key-file", metavar="PATH", help="With --url, a file that holds an access key, to check streams.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, url: str | None, key_file: str | None) -> None:
    """Check everything that must work, one line per check, with the fix for each problem.

    Checks this computer, the settings, the token, the network and the server, and makes one call. Starts each client's
    entry as that client would, and makes one call through it. Changes nothing. The exit code is 0 if all checks passed,
    else 1. Shows no secrets and no inbox content.
    """
    if url is None and key_file is not None:
        raise InvalidArgumentError(
            "key_file", "`--key-file` is for a server over HTTP.", remedy="Name its address in `--url`."
        )
    out = console()
    checks = run_checks if url is None else _of_server(url, key_file)
    findings = anyio.run(checks, _keep_quiet if as_json else _printed_on(out))
    faults = [finding.name for finding in findings if finding.ok is False]
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings], "ok": not faults})
    else:
        say(out, _summary(faults), "")
    ctx.exit(1 if faults else 0)


def _of_server(url: str, key_file: str | None) -> Callable[[Callable[[Finding], None]], Awaitable[tuple[Finding, ...]]]:
    # Imported here: the usual checks do not need it.
    from convirza_mcp.setup.doctor.checks.remote import check_remote

    try:
        address = checked_address(url, "`--url`", "https://sms.example.com/mcp")
    except SettingsError as error:
        raise InvalidArgumentError("url", error.message) from None
    key = None
    if key_file is not None:
        try:
            key = token_from(read_text_file(Path(key_file).expanduser()), "The file")
        except (OSError, ValueError, RuntimeError, SettingsError):
            raise InvalidArgumentError(
                "key_file", "`--key-file` takes the path of a file that holds an access key, and nothing else."
            ) from None
    return partial(check_remote, address, key)


def _printed_on(out: Console) -> Callable[[Finding], None]:
    """Return a printer of one line per check; on a terminal, of wrapped lines with the remedy on its own line."""

    def print_line(finding: Finding) -> None:
        remedy = "" if finding.remedy is None else f" To do: {finding.remedy}"
        click.echo(f"{_mark(finding).plain}{finding.name:<{_NAME_WIDTH}}{finding.detail}{remedy}")

    def print_lines(finding: Finding) -> None:
        beside = out.width >= _NARROWEST_BESIDE_NAMES
        indent = " " * (_MARK_WIDTH + (_NAME_WIDTH if beside else 0))
        name = f"{finding.name:<{_NAME_WIDTH}}" if beside else f"{finding.name}\n{indent}"
        said = [finding.detail] if finding.remedy is None else [finding.detail, f"To do: {finding.remedy}"]
        # Keep a path whole, so that it can be copied.
        width = max(1, out.width - len(indent))
        lines = [line for text in said for line in wrap(text, width, break_long_words=False, break_on_hyphens=False)]
        # As Text: a quoted value may look like rich's markup.
        out.print(Text.assemble(_mark(finding), name, f"\n{indent}".join(lines)), soft_wrap=True)

    return print_lines if has_width(out) else print_line


def _mark(finding: Finding) -> Text:
    mark, style = _MARKS[finding.ok]
    return Text(f"{mark:<{_MARK_WIDTH}}", style)


def _keep_quiet(_finding: Finding) -> None:
    return


def _summary(faults: Iterable[str]) -> str:
    names = list(faults)
    if not names:
        return "All checks passed."
    return f"{len(names)} {plural(len(names), 'check')} failed: {', '.join(names)}."
