"""Whose inbox is asked: that of the account which is configured, or the invented one."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import click

from convirza_mcp.settings import Settings, demo_wanted, for_the_demo

_DEMO = "convirza_mcp.demo"
# For a person: among real rows nobody should take these for their own, and a variable is soon forgotten.
_INVENTED = "An invented inbox answers: nobody in it is real."


@contextmanager
def asked_inbox(environ: Mapping[str, str], *, demo: bool) -> Iterator[Settings]:
    """The settings of `environ`; with `demo`, or where it says so itself, those of an inbox that lasts for the block.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    if not (demo or demo_wanted(environ)):
        yield Settings.from_environment(environ)
        return
    # Only the demo needs a web server's imports.
    from convirza_mcp.sandbox import Sandbox

    # Everything but the account is as it was set.
    settings = Settings.from_environment(for_the_demo(environ))
    with Sandbox() as sandbox:
        yield replace(settings, base_url=sandbox.base_url, token=sandbox.token)


def _keep(context: click.Context, _parameter: click.Parameter, demo: bool) -> None:
    context.meta[_DEMO] = demo


demo_option = click.option(
    "--demo",
    is_flag=True,
    expose_value=False,
    callback=_keep,
    help="Ask an invented inbox; no account needed. As CONVIRZA_DEMO=true does.",
)
"""For a command that reads its settings by `settings_of_command`."""


def settings_of_command() -> Settings:
    """The settings of the command that runs; the invented inbox, if it is asked, lasts as long as that.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    context = click.get_current_context()
    settings = context.with_resource(asked_inbox(os.environ, demo=context.meta[_DEMO]))
    if settings.demo:
        click.echo(_INVENTED, err=True)
    return settings
