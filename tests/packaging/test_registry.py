"""The MCP registry's entry: by the registry's own schema, and as a client that reads it would start the server."""

import json
import subprocess
import sys
from importlib import resources
from typing import Any

import jsonschema
import pytest
from mcp import Client

from convirza_mcp.settings import VARIABLES
from support.packages import ROOT, document, started

ENTRY: dict[str, Any] = document(ROOT / "server.json")
(PACKAGE,) = ENTRY["packages"]


@pytest.fixture(scope="module")
def schema() -> Any:
    """The released schema of modelcontextprotocol/static, byte for byte, which the package skillsaw carries."""
    folder = resources.files("skillsaw") / "schemas" / "mcp_registry" / "v2025_12_11"
    return json.loads((folder / "server.schema.json").read_text(encoding="utf-8"))


def test_server_json_fits_the_registry_s_schema(schema: Any) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)

    assert ENTRY["$schema"] == schema["$id"]
    assert [error.message for error in validator.iter_errors(ENTRY)] == []
    # The validator is awake: the registry takes a hundred characters.
    assert [list(error.path) for error in validator.iter_errors(ENTRY | {"description": "x" * 101})] == [
        ["description"]
    ]


@pytest.mark.long
def test_the_linter_of_entries_finds_nothing() -> None:
    command = [sys.executable, "-m", "skillsaw", "lint", "--strict", "--type", "mcp-registry", "--format", "json"]
    ended = subprocess.run(
        [*command, "--no-plugins", "--no-custom-rules", "--no-progress", str(ROOT / "server.json")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (ended.returncode, json.loads(ended.stdout)["violations"]) == (0, [])


def test_every_variable_is_one_that_is_read_and_the_token_is_a_secret() -> None:
    variables = {variable["name"]: variable for variable in PACKAGE["environmentVariables"]}

    assert set(variables) <= set(VARIABLES)
    assert [name for name, variable in variables.items() if variable.get("isSecret")] == ["CONVIRZA_TOKEN"]
    assert not [name for name, variable in variables.items() if variable.get("isRequired")]


def arguments() -> list[str]:
    return [argument.get("value", argument.get("name")) for argument in PACKAGE["packageArguments"]]


@pytest.mark.long
async def test_a_client_that_fills_in_nothing_but_the_demo_gets_answers() -> None:
    given = {variable["name"]: variable.get("default", "") for variable in PACKAGE["environmentVariables"]}

    async with Client(started(arguments(), given | {"CONVIRZA_DEMO": "true"})) as client:
        result = await client.call_tool("list_sms_conversations", {})

    assert result.structured_content is not None
    assert len(result.structured_content["rows"]) == 7
