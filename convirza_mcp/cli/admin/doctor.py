"""`convirza-mcp doctor`: find problems and say how to fix them."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from textwrap import wrap

import anyio
import click
from rich.console import Console
from rich.text import Text

from convirza_mcp.answers.hints import plural
from convirza_mcp.cli.admin.install_remote import checked_url
from convirza_mcp.cli.options import json_option
from convirza_mcp.cli.render.console import console, has_width, print_json, say
from convirza_mcp.errors import InvalidArgumentError, SettingsError
from convirza_mcp.files import read_text_file
from convirza_mcp.secret_values import token_from
from convirza_mcp.setup.doctor.finding import Finding
from convirza_mcp.setup.doctor.run import run_checks
from convirza_mcp.text.typed import strip_wrapping

_MARKS = {True: ("ok", "green"), False: ("FAULT", "red"), None: ("-", "")}
_MARK_WIDTH = 7
_NAME_WIDTH = 24
_NARROWEST_BESIDE_NAMES = 76


@click.command("doctor", short_help="Check everything that must work, and say how to fix it.")
@json_option
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
    checks = run_checks if url is None else _of_server(checked_url(url), key_file)
    findings = anyio.run(checks, (lambda _: None) if as_json else partial(_print, out))
    faults = [finding.name for finding in findings if finding.ok is False]
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings], "ok": not faults})
    elif faults:
        say(out, f"{len(faults)} {plural(len(faults), 'check')} failed: {', '.join(faults)}.", "")
    else:
        say(out, "All checks passed.", "")
    ctx.exit(1 if faults else 0)


def _of_server(url: str, key_file: str | None) -> Callable[[Callable[[Finding], None]], Awaitable[tuple[Finding, ...]]]:
    # Imported here: the usual checks do not need it.
    from convirza_mcp.setup.doctor.checks.remote import check_remote

    key = None
    if key_file is not None:
        try:
            key = token_from(read_text_file(Path(strip_wrapping(key_file)).expanduser()), "The file")
        except (OSError, ValueError, RuntimeError, SettingsError):
            raise InvalidArgumentError(
                "key_file", "`--key-file` takes the path of a file that holds an access key, and nothing else."
            ) from None
    return partial(check_remote, url, key)


def _print(out: Console, finding: Finding) -> None:
    """Print a finding on one line; on a terminal, on wrapped lines with the remedy on its own line."""
    mark, style = _MARKS[finding.ok]
    texts = [finding.detail] if finding.remedy is None else [finding.detail, f"To do: {finding.remedy}"]
    beside = not has_width(out) or out.width >= _NARROWEST_BESIDE_NAMES
    indent = " " * (_MARK_WIDTH + (_NAME_WIDTH if beside else 0))
    name = f"{finding.name:<{_NAME_WIDTH}}" if beside else f"{finding.name}\n{indent}"
    if has_width(out):
        width = max(1, out.width - len(indent))
        # Keep a path whole, so that it can be copied.
        lines = [line for text in texts for line in wrap(text, width, break_long_words=False, break_on_hyphens=False)]
    else:
        lines = [" ".join(texts)]
    # As Text: a quoted value may look like rich's markup.
    marked = Text(f"{mark:<{_MARK_WIDTH}}", style)
    out.print(Text.assemble(marked, name, f"\n{indent}".join(lines)), soft_wrap=True)
