import os
from collections.abc import Iterator

import pytest

from support.example_programs import sandbox_process, server_command


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example hands its server every variable that it has itself."""
    command = server_command()
    for name in os.environ:
        if name.startswith("CONVIRZA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONVIRZA_MCP_COMMAND", command)
    monkeypatch.setenv("CONVIRZA_TIMEZONE", "UTC")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, no_settings_of_this_machine: None) -> Iterator[dict[str, str]]:
    """The settings that point to a made-up inbox, which this process has as well."""
    with sandbox_process() as settings:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield settings
