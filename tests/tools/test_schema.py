from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.tools.schema import Arguments, NotABool, input_schema, read_arguments
from support.snapshots import Snapshot


class Sample(Arguments):
    count: Annotated[int, Field(ge=1, le=200, description="How many."), NotABool] = 7
    least: Annotated[int, Field(ge=0, description="From."), NotABool] = 0
    any_id: Annotated[int, Field(ge=0, le=2**63 - 1, description="Id."), NotABool] = 0
    kind: Annotated[Literal["a", "b"], Field(description="Which.")] = "a"
    words: Annotated[str | None, Field(max_length=5, description="What.")] = None
    needed: Annotated[str, Field(description="Must.")]


def test_the_schema_is_flat() -> None:
    assert input_schema(Sample) == {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "default": 7, "minimum": 1, "maximum": 200, "description": "How many."},
            "least": {"type": "integer", "default": 0, "minimum": 0, "description": "From."},
            # No model meets its maximum.
            "any_id": {"type": "integer", "default": 0, "minimum": 0, "description": "Id."},
            "kind": {"type": "string", "default": "a", "enum": ["a", "b"], "description": "Which."},
            "words": {"type": "string", "description": "What."},
            "needed": {"type": "string", "description": "Must."},
        },
        "required": ["needed"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, {}),
        ({"count": 7}, {}),
        ({"count": "200"}, {"count": 200}),
        ({"count": 8.0}, {"count": 8}),
        ({"any_id": "9223372036854775807"}, {"any_id": 2**63 - 1}),
        ({"count": None, "kind": None, "words": None}, {}),
        ({"words": "  ", "kind": ""}, {}),
        ({"words": " ab "}, {"words": "ab"}),
        ({"words": 12345}, {"words": "12345"}),
    ],
)
def test_what_is_meant_is_accepted(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert read_arguments(Sample, {"needed": "x"} | given) == Sample(needed="x", **read)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("count", (0, 201, -1, 10**400, "7.5", "1_0", "+7", 7.5, True, False, "seven", float("nan"), [7], {})),
        ("least", (-1, "x", True)),
        ("any_id", (-1, 2**63, "9223372036854775808", 10**400)),
        ("kind", ("c", "A", 1, ["a"])),
        ("words", ("abcdef", ["a"], True)),
        ("needed", (None,)),
        ("cuont", (1,)),
        ("zzz", (1,)),
        ("+1 801 555 1234", (1,)),
    ],
)
def test_what_does_not_fit_is_named_with_what_it_takes(name: str, values: tuple[Any, ...], snapshot: Snapshot) -> None:
    sentences = set()
    for value in values:
        with pytest.raises(InvalidArgumentError) as caught:
            read_arguments(Sample, {"needed": "x"} | {name: value})
        sentences.add(str(caught.value))

    assert len(sentences) == 1
    snapshot(*sentences)
