"""Our lint for `tools/list`: what can be counted of a good definition, and what clients are known to refuse."""

import itertools
import json
import re
from typing import Any

import pytest

from convirza_mcp.server.build import definition
from convirza_mcp.tools import all_tools

Definition = dict[str, Any]

DEFINITIONS: list[Definition] = [
    definition(tool, structured=True).model_dump(by_alias=True, exclude_none=True) for tool in all_tools()
]
NAMES = [definition["name"] for definition in DEFINITIONS]

# Whatever is not in these lists some client refuses, drops or reads in its own way: `$ref`, `anyOf`, `title`, `format`.
INPUT_KEYWORDS = {"type", "description", "default", "enum", "minimum", "maximum", "minLength", "maxLength"}
OUTPUT_KEYWORDS = {"type", "description", "items"}
ROOT_KEYWORDS = {"type", "properties", "required"}

READING_NAMES = {"list", "get", "search", "summarize"}
READING_WORDS = {"List", "Open", "Search", "Count"}
WRITING_WORDS = {"assign", "close", "create", "delete", "edit", "move", "remove", "reply", "send", "set", "update"}

MAX_BYTES = 3_000
MAX_BYTES_IN_ALL = 16_000
# Hosts cut a longer description, instructions too.
MAX_CHARACTERS = 2_048


@pytest.fixture(params=DEFINITIONS, ids=NAMES)
def definition(request: pytest.FixtureRequest) -> Definition:
    return request.param


def parameters(definition: Definition) -> dict[str, Definition]:
    properties: dict[str, Definition] = definition["inputSchema"]["properties"]
    return properties


def first_sentence(definition: Definition) -> str:
    return re.split(r"(?<=[.?!])\s", definition["description"])[0]


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower()))


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


# The name, the title and the hints.


def test_a_name_is_a_reading_verb_and_what_it_reads(definition: Definition) -> None:
    verb, _, read = definition["name"].partition("_")

    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", definition["name"])
    assert verb in READING_NAMES
    assert "sms" in read.split("_")
    # Hosts put a prefix of their own before it, and 64 characters are all that some model APIs take.
    assert len(definition["name"]) <= 40


def test_a_title_says_it_for_people(definition: Definition) -> None:
    assert definition["title"] != definition["name"]
    assert 1 < len(definition["title"].split()) <= 6


def test_all_four_hints_are_explicit(definition: Definition) -> None:
    assert definition["annotations"] == {
        "readOnlyHint": True,
        "destructiveHint": False,
        "idempotentHint": True,
        "openWorldHint": True,
    }


# The description.


def test_the_first_sentence_says_what_it_reads(definition: Definition) -> None:
    purpose = first_sentence(definition)

    assert purpose.split()[0] in READING_WORDS
    assert words(purpose) & {"inbox", "conversation", "conversations"}
    assert len(purpose) <= 240


def test_a_description_promises_nothing_that_the_hints_deny(definition: Definition) -> None:
    sentences = re.split(r"(?<=[.?!:;])\s+", definition["description"])

    assert not {sentence.split()[0].lower() for sentence in sentences} & WRITING_WORDS


def test_a_description_says_when_to_use_it_and_names_the_tool_for_the_other_case(definition: Definition) -> None:
    others = set(NAMES) - {definition["name"]}

    assert "Use it" in definition["description"]
    assert others & set(re.findall(r"\w+", definition["description"]))


def test_a_description_names_only_tools_that_exist(definition: Definition) -> None:
    texts = [definition["description"], *(each["description"] for each in parameters(definition).values())]
    named = {name for text in texts for name in re.findall(r"\b(?:list|get|search|summarize)_[a-z_]+", text)}

    assert named <= set(NAMES)


def test_a_description_says_that_only_the_latest_message_is_there(definition: Definition) -> None:
    assert "latest" in words(definition["description"])


def test_a_description_is_neither_thin_nor_long(definition: Definition) -> None:
    assert 45 <= len(definition["description"].split()) <= 90
    assert len(definition["description"]) < MAX_CHARACTERS


def test_a_description_does_not_shout(definition: Definition) -> None:
    capitals = set(re.findall(r"\b[A-Z]{2,}\b", definition["description"]))

    assert capitals <= {"API", "SMS"}


# The parameters.


def test_every_parameter_has_a_description(definition: Definition) -> None:
    for name, parameter in parameters(definition).items():
        assert 10 <= len(parameter["description"]) <= 200, name
        assert parameter["description"].endswith("."), name


def test_every_parameter_is_one_string_or_one_whole_number(definition: Definition) -> None:
    for name, parameter in parameters(definition).items():
        assert parameter["type"] in ("string", "integer"), name


def test_every_whole_number_is_bounded(definition: Definition) -> None:
    for name, parameter in parameters(definition).items():
        assert parameter["type"] != "integer" or "minimum" in parameter, name
        assert name != "limit" or 1 == parameter["minimum"] < parameter["default"] < parameter["maximum"] <= 200


def test_a_default_is_a_value_that_would_be_taken(definition: Definition) -> None:
    for name, parameter in parameters(definition).items():
        if "default" in parameter:
            default = parameter["default"]
            assert default in parameter.get("enum", [default]), name
            assert parameter.get("minimum", default) <= default <= parameter.get("maximum", default), name


def test_what_is_required_has_no_default_and_exists(definition: Definition) -> None:
    for name in definition["inputSchema"].get("required", []):
        assert "default" not in parameters(definition)[name]


def test_a_window_says_where_it_begins_and_ends_without_being_asked(definition: Definition) -> None:
    for name in ("start", "end"):
        assert name not in parameters(definition) or "Default: " in parameters(definition)[name]["description"]


def test_the_values_of_an_enum_are_explained_here_or_where_the_description_points_to(definition: Definition) -> None:
    described = {each["name"]: parameters(each) for each in DEFINITIONS}
    for name, parameter in parameters(definition).items():
        if "enum" not in parameter:
            continue
        texts = [parameter["description"]]
        texts += [described[tool][name]["description"] for tool in re.findall(r"\w+_sms_\w+", texts[0])]
        unexplained = set(parameter["enum"]) - set(re.findall(r"\w+", " ".join(texts)))
        # The values of group_by are what they say.
        assert not unexplained or name == "group_by", name


# What clients are known to refuse.


def test_the_input_schema_is_one_flat_object_that_takes_nothing_else(definition: Definition) -> None:
    schema = definition["inputSchema"]

    assert schema.keys() <= ROOT_KEYWORDS | {"additionalProperties"}
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


def test_the_output_schema_is_one_object_that_requires_only_what_it_describes(definition: Definition) -> None:
    schema = definition["outputSchema"]

    assert schema.keys() <= ROOT_KEYWORDS
    assert schema["type"] == "object"
    assert set(schema["required"]) <= schema["properties"].keys()


@pytest.mark.parametrize(("schema", "keywords"), [("inputSchema", INPUT_KEYWORDS), ("outputSchema", OUTPUT_KEYWORDS)])
def test_no_keyword_is_used_that_a_client_refuses(definition: Definition, schema: str, keywords: set[str]) -> None:
    for name, node in definition[schema]["properties"].items():
        assert isinstance(node, dict), name
        assert node.keys() <= keywords, name
        assert "type" in node, name


def test_a_field_of_a_result_is_of_one_type_and_an_array_says_of_what(definition: Definition) -> None:
    for name, node in definition["outputSchema"]["properties"].items():
        assert isinstance(node["type"], str), name
        assert (node["type"] == "array") == ("items" in node), name
        while node.get("type") == "array":
            # Of the values in a row none can be told: what they are depends on the column.
            node = node["items"]
        assert node == {} or isinstance(node["type"], str), name


def test_a_definition_is_small(definition: Definition) -> None:
    assert size(definition) <= MAX_BYTES


# All of them together.


def test_there_are_neither_too_few_nor_too_many() -> None:
    assert 3 <= len(NAMES) == len(set(NAMES)) <= 15


def test_all_definitions_together_are_small() -> None:
    assert size(DEFINITIONS) <= MAX_BYTES_IN_ALL


def test_no_two_say_the_same_of_themselves() -> None:
    for one, other in itertools.combinations(DEFINITIONS, 2):
        mine, yours = words(first_sentence(one)), words(first_sentence(other))
        assert len(mine & yours) / len(mine | yours) < 0.4, (one["name"], other["name"])


def test_a_parameter_of_one_name_is_of_one_type_everywhere() -> None:
    types: dict[str, str] = {}
    for definition in DEFINITIONS:
        for name, parameter in parameters(definition).items():
            assert types.setdefault(name, parameter["type"]) == parameter["type"], name
