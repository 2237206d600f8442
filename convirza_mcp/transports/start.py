"""Start the server over stdin and stdout: settings first, then the front, then the real server.

Few imports, because each one delays the front's first answer.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial

from convirza_mcp.transports.front.answers import Answers, load_answers
from convirza_mcp.transports.front.front import Front
from convirza_mcp.transports.plain_settings import are_plain
from convirza_mcp.transports.stdio.lines import LineReader, claim_standard_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from mcp.server.lowlevel import Server

HOW_TO_CONNECT = """\
This is an MCP server: a client starts it and speaks to it over stdin and stdout, so there is nothing to type here.
Connect one: `convirza-mcp login`, then `convirza-mcp install claude-desktop`. Or try `convirza-mcp demo`."""


def start(*, demo: bool = False, from_form: bool = False) -> NoReturn:
    """Serve until the client closes stdin, or SIGINT or SIGTERM; then end the process with status 0.

    A setting that cannot be used ends the start with status 2; with `from_form` each call names it instead.
    """
    # Most imported objects stay alive, so imports are faster without garbage collection.
    gc.disable()
    if sys.stdin is not None and sys.stdin.isatty():
        _say(HOW_TO_CONNECT)
    output, front = os.environ.get("CONVIRZA_OUTPUT", "both"), os.environ.get("CONVIRZA_FRONT", "on")
    if not are_plain(os.environ):
        output, front = _checked(demo=demo, from_form=from_form)
    wire_in, wire_out = claim_standard_streams()
    reader = LineReader(wire_in)
    build = partial(_built, demo=demo, from_form=from_form)
    handover = Front(load_answers(output) if front == "on" else Answers({}), reader, wire_out, build)
    server = handover.run()
    from convirza_mcp.transports.stdio.serve import serve

    serve(server, reader, wire_out, handover.unsent, handover.dropped)


def _checked(*, demo: bool, from_form: bool) -> tuple[str, str]:
    """Return the output and the front of the settings; end the process where one cannot be used."""
    from convirza_mcp.errors import SettingsError
    from convirza_mcp.transports.stdio.real_server import read_start

    try:
        known = read_start(demo=demo, from_form=from_form, any_zone=True)
    except SettingsError as error:
        _say(f"convirza-mcp: {error}")
        sys.exit(2)
    if known.refusal is not None:
        _say(f"convirza-mcp: {known.refusal}")
    # The front's lists lack the tools that this setting adds.
    return known.settings.output, "off" if known.settings.chatgpt_tools else known.settings.front


def _built(*, demo: bool, from_form: bool) -> Server[Any]:
    from convirza_mcp.errors import SettingsError
    from convirza_mcp.transports.stdio.real_server import build, read_start

    try:
        return build(read_start(demo=demo, from_form=from_form))
    except SettingsError as error:
        # For example a zone that this computer's data lacks.
        _say(f"convirza-mcp: {error}")
        sys.exit(2)


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - to a person, before anything is served
