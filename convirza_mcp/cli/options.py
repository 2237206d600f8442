"""A tool's parameters as command line options, so that both stay one list."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from convirza_mcp.tools.schema import Arguments, input_schema
from convirza_mcp.tools.wording import Wording

Command = TypeVar("Command", bound=Callable[..., Any])

_COMMANDS = {"search_sms_messages": "search"}
"""Those that a sentence names, by the tool that asks the same."""


def tool_options(arguments: type[Arguments]) -> Callable[[Command], Command]:
    """An option for each of the tool's parameters. Values stay text: the tool's own reading judges them."""
    schema = input_schema(arguments)

    def decorate(command: Command) -> Command:
        for name, parameter in reversed(schema["properties"].items()):
            default = parameter.get("default")
            described = parameter["description"] + ("" if default is None else f" [default: {default}]")
            option = click.option(
                option_of(name),
                name,
                metavar="|".join(parameter["enum"]) if "enum" in parameter else parameter["type"].upper(),
                help=described,
            )
            command = option(command)
        return command

    return decorate


def option_of(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


class _CommandWording(Wording):
    def argument(self, name: str, value: object = None) -> str:
        return option_of(name) if value is None else f"{option_of(name)} {value}"

    def tool(self, name: str) -> str:
        return f"convirza-mcp {_COMMANDS[name]}"

    def figure(self, name: str) -> str:
        return name.replace("_", " ").capitalize()


IN_COMMANDS = _CommandWording()
"""Options and commands instead of arguments and tools."""
