"""A tool's parameters as command line options, so that both stay one list."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from convirza_mcp.tools.schema import Arguments, input_schema

Command = TypeVar("Command", bound=Callable[..., Any])


def tool_options(arguments: type[Arguments]) -> Callable[[Command], Command]:
    """An option for each of the tool's parameters. Values stay text: the tool's own reading judges them."""
    schema = input_schema(arguments)

    def decorate(command: Command) -> Command:
        for name, parameter in reversed(schema["properties"].items()):
            default = parameter.get("default")
            described = parameter["description"] + ("" if default is None else f" [default: {default}]")
            option = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar="|".join(parameter["enum"]) if "enum" in parameter else parameter["type"].upper(),
                help=described,
            )
            command = option(command)
        return command

    return decorate
