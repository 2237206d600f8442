"""The account that the environment describes: the configured one, or the demo inbox."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from convirza_mcp.settings import Settings, demo_wanted, for_the_demo


@contextmanager
def account_settings(environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> Iterator[Settings]:
    """Read the settings; with `demo`, or where `environ` asks for it, those of a demo inbox that lasts for the block.

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
