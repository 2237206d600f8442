"""The real server: its settings and its construction."""

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import (
    Settings,
    demo_environment,
    invalid_variables,
    settings_for_any_zone,
    wants_demo,
    without_blanks,
)

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from convirza_mcp.api.models import ConversationReader


class Start(NamedTuple):
    """Start parameters of a server. `refusal`, if any, is the answer to each call."""

    settings: Settings
    from_form: bool
    refusal: str | None = None


def read_start(*, demo: bool, from_form: bool, any_zone: bool = False) -> Start:
    """Read the settings. With `from_form` blank ones are unset, and a bad one makes a server that refuses each call.

    `any_zone` leaves out this computer's zone, whose lookup takes longer than all the rest.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    environ = without_blanks(os.environ) if from_form else dict(os.environ)
    if from_form and (refused := _refused(environ, demo=demo)):
        refusal = f"{' '.join(refused)} Correct it where you entered this server's settings, then restart the server."
        return Start(settings=Settings(), from_form=True, refusal=refusal)
    if demo or wants_demo(environ):
        environ = demo_environment(environ)
    settings = settings_for_any_zone(environ) if any_zone else Settings.from_environment(environ)
    return Start(settings=settings, from_form=from_form)


def build(start: Start) -> "Server[Any]":
    """Import the SDK, and build the server."""
    from convirza_mcp.transports.stdio.log_lines import log_without_texts

    # Before the imports below, which may log warnings of other packages.
    log_without_texts()
    # The loop that the server runs in is imported with it.
    import convirza_mcp.transports.stdio.serve  # noqa: F401
    from convirza_mcp.server.build import build_server

    settings = start.settings
    if start.refusal is not None:
        return build_server(settings, open_client=partial(_refusing, start.refusal))
    if settings.demo:
        from convirza_mcp.sandbox import Sandbox

        # It ends with the process.
        sandbox = Sandbox().__enter__()
        settings = replace(settings, base_url=sandbox.base_url, token=sandbox.token)
    return build_server(settings, open_client=partial(_client_or_refusal, settings) if start.from_form else None)


def _client_or_refusal(settings: Settings) -> "AbstractAsyncContextManager[ConversationReader]":
    from convirza_mcp.api.client import ConvirzaClient

    try:
        return ConvirzaClient.from_settings(settings)
    except SettingsError as error:
        # For example an invalid proxy of the system.
        return _refusing(str(error))


def _refusing(sentence: str) -> "AbstractAsyncContextManager[ConversationReader]":
    from convirza_mcp.api.models import RefusingReader

    return nullcontext(RefusingReader(sentence))


def _refused(environ: Mapping[str, str], *, demo: bool) -> list[str]:
    """Return one message per invalid setting. The demo does not need the account's settings."""
    refused = invalid_variables(environ)
    if demo or ("CONVIRZA_DEMO" not in refused and wants_demo(environ)):
        refused = invalid_variables(demo_environment(environ))
    return [*refused.values()]
