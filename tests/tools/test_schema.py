from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.tools.schema import Arguments, NotABool, input_schema, read_arguments


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
            # Its maximum is none that JavaScript could keep.
            "any_id": {"type": "integer", "default": 0, "minimum": 0, "description": "Id."},
            "kind": {"type": "string", "default": "a", "enum": ["a", "b"], "description": "Which."},
            "words": {"type": "string", "maxLength": 5, "description": "What."},
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
    ("given", "sentence"),
    [
        *[
            ({"count": value}, "`count` takes a whole number from 1 to 200.")
            for value in (0, 201, -1, 10**400, "7.5", "1_0", "+7", 7.5, True, False, "seven", float("nan"), [7], {})
        ],
        *[({"least": value}, "`least` takes a whole number from 0.") for value in (-1, "x", True)],
        *[
            ({"any_id": value}, "`any_id` takes a whole number from 0 to 9223372036854775807.")
            for value in (-1, 2**63, "9223372036854775808", 10**400)
        ],
        *[({"kind": value}, "`kind` takes one of a, b.") for value in ("c", "A", 1, ["a"])],
        *[({"words": value}, "`words` takes text of at most 5 characters.") for value in ("abcdef", ["a"], True)],
        ({"needed": None}, "`needed` is required and takes text."),
        ({"cuont": 1}, "This tool has no argument `cuont`: did you mean `count`?"),
        ({"zzz": 1}, "This tool has no argument `zzz`: it takes count, least, any_id, kind, words, needed."),
        (
            {"+1 801 555 1234": 1},
            "This tool has no argument of the name that was given: it takes count, least, any_id, kind, words, needed.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_what_it_takes(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        read_arguments(Sample, {"needed": "x"} | given)

    assert str(caught.value) == sentence
