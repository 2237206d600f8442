"""Draw `docs/pictures/`: the output of commands on a terminal, for the demo inbox at one fixed time.

    python scripts/terminal_pictures.py

Rich's own export makes the pictures out of what the commands really print. They bring their background along, so that
they can be read on a light page and on a dark one, and load no font from anywhere.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from io import StringIO
from pathlib import Path

from click.testing import CliRunner
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from convirza_mcp.sandbox import Sandbox

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)
WIDTH = 100
PICTURES = {
    "waiting": ("waiting", "--limit", "5", "--start", "21d"),
    "summary": ("summary", "--group-by", "agent"),
}
"""Command lines by the picture's name."""

# Background and text, then the eight colors, plain and bright, each readable on the background.
_COLOURS = [(98, 107, 122), (255, 123, 114), (86, 211, 100), (240, 192, 64)]
_COLOURS += [(121, 184, 255), (210, 168, 255), (86, 212, 221), (230, 237, 243)]
_THEME = TerminalTheme((22, 27, 34), (230, 237, 243), _COLOURS, _COLOURS)

_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>$ {command}</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def screens(*, colors: bool) -> Iterator[tuple[str, str]]:
    """Yield the terminal's content after each command, with the picture's name."""
    with Sandbox(now=NOW) as sandbox:
        environment = {
            "CONVIRZA_TOKEN": sandbox.token,
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_TIMEZONE": "America/Denver",
            "CONVIRZA_BUSINESS_HOURS": None,
            "CONVIRZA_PRIVACY": None,
            "CONVIRZA_TOKEN_FILE": None,
            "COLUMNS": str(WIDTH),
            "FORCE_COLOR": "1" if colors else None,
            "NO_COLOR": None,
        }
        for name, (command, *options) in PICTURES.items():
            module = import_module(f"convirza_mcp.cli.inbox.{command}")
            ended = CliRunner().invoke(module.command, options, env=environment, obj=lambda: NOW)
            if ended.exit_code or ended.exception:
                raise RuntimeError(f"{command} failed: {ended.output}")
            yield name, ended.stdout.rstrip() + "\n"


def command_line(name: str) -> str:
    return " ".join(["convirza-mcp", *PICTURES[name]])


def picture(name: str, screen: str) -> str:
    """Return the terminal's content as SVG, with its colors."""
    # A little wider than the text, because fonts differ and the frame would cut the last column.
    console = Console(record=True, width=WIDTH + 2, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(screen))
    # The format contains the command, because rich shows it only in the title bar.
    form = _FORMAT.replace("{command}", command_line(name))
    return console.export_svg(title=f"$ {command_line(name)}", theme=_THEME, code_format=form, unique_id=name)


if __name__ == "__main__":
    for each, shown in screens(colors=True):
        (FOLDER / f"{each}.svg").write_text(picture(each, shown), encoding="utf-8")
