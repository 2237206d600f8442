"""Input schemas that every client accepts, and the error for an argument that does not fit one.

Flat on purpose: various hosts and model APIs refuse `$ref`, `anyOf` or nested models. An optional argument is simply
not required; null means "not given".
"""

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema, from_json

from convirza_mcp.api.models import AnyView, Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.by_time import LONGEST_TARGET, ByTime
from convirza_mcp.text.clean import without_lone_surrogates
from convirza_mcp.text.entities import decoded
from convirza_mcp.text.typed import plain, strip_wrapping

if TYPE_CHECKING:
    from convirza_mcp.questions.filters import Filters

ArgumentsType = TypeVar("ArgumentsType", bound="Arguments")

_LARGEST_LISTED = 1_000
"""A larger limit, and every length, is enforced but not listed: no model meets it, and clients would round 2^63."""


_WORDS_FOR_NOTHING = frozenset(
    {
        "",
        "null",
        "Null",
        "NULL",
        "None",
        "undefined",
        "Undefined",
        "nil",
        "NaN",
        "<nil>",
        "<null>",
        "(null)",
        "NoneType",
    }
)
"""Texts that bridges send for an absent argument (anthropics/claude-code#95239). `none` is a value of `agent`."""

_ADDED_BY_CLIENTS = {
    "wait_for_previous": "google-gemini/gemini-cli#27403",
    "toolCallId": "n8n-io/n8n#21500",
    "sessionId": "n8n-io/n8n#21716",
    "action": "n8n-io/n8n#21716",
    "chatInput": "n8n-io/n8n#21716",
    "task_progress": "cline/cline#8256",
    "kind": "OpenHands/software-agent-sdk#886",
    "security_risk": "OpenHands/software-agent-sdk#3956",
    "tool_call_description": "cyanheads/mcp-ts-core#453",
    "_meta": "simonx1/ruby-mcp-client#179",
}
"""Arguments that clients add to every call by themselves, with the reports. Any other unknown name is refused."""

_MOST_ENCODINGS = 3

# Three zeros or more are digits: 100.000 is an amount, 555.0000 a telephone number.
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})\.0{0,2}", re.ASCII)
_WITH_EXPONENT = re.compile(r"[0-9]\.[0-9]{1,15}[eE]\+?[0-9]{1,2}", re.ASCII)

STRING, INTEGER, OBJECT = ({"type": each} for each in ("string", "integer", "object"))


def answer_schema(rows: str = "Arrays of values, in the order of columns", **head: dict[str, Any]) -> dict[str, Any]:
    """Return the output schema of an answer with a table below these fields.

    Clients drop a tool whose output schema has an array without items or a field of two types, so a nullable field is
    in no schema.
    """
    table = {
        "columns": {"type": "array", "items": STRING},
        "rows": {"type": "array", "description": rows, "items": {"type": "array", "items": {}}},
    }
    properties = {**head, "untrusted": STRING, **table}
    return {"type": "object", "properties": properties, "required": ["window", *table]}


class Arguments(BaseModel):
    """Base of every tool's arguments. Unknown ones are refused; blank, null and absent ones count as not given."""

    # Built at first use, so that the first call does not wait for the other tools' validators.
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _read_as_clients_write(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        read: dict[str, Any] = {}
        for name, value in given.items():
            field = cls.model_fields.get(name)
            if field is None and name in _ADDED_BY_CLIENTS:
                continue
            if isinstance(value, str):
                # Models that read HTML also write it: AT&amp;T.
                value = decoded(value).strip() if name in _free_texts(cls) else plain(decoded(value))
            # "null" may be what a person searches for.
            is_literal = field is not None and (field.is_required() or TAKEN_LITERALLY in field.metadata)
            is_nothing = value is None or (
                isinstance(value, str) and (not value or (not is_literal and is_word_for_nothing(value)))
            )
            if not is_nothing:
                read[name] = _without_fraction(value)
        return read


def is_word_for_nothing(text: str) -> bool:
    """Return whether a client wrote an absent value as this text."""
    return strip_wrapping(text) in _WORDS_FOR_NOTHING


@cache
def _free_texts(arguments: type[Arguments]) -> frozenset[str]:
    """Return the arguments that hold a caller's words; others hold numbers, choices and times, in any writing."""
    return frozenset(
        name
        for name, field in arguments.model_fields.items()
        if field.annotation in (str, str | None) and CLOSED_FORM not in field.metadata
    )


def _without_fraction(value: object) -> object:
    """Return a whole number without its `.0` or exponent, which JSON libraries add (lidge-jun/opencodex#1611)."""
    if isinstance(value, str):
        if (whole := _WHOLE.fullmatch(value)) is not None:
            return whole[1]
        if _WITH_EXPONENT.fullmatch(value) is None or not float(value).is_integer():
            return value
        return str(int(float(value)))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_number(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,19}", value)):
        raise ValueError("no whole number")
    return value


NotABool = BeforeValidator(_plain_number)
"""For whole numbers, after their bounds: reads `"7"` as 7, but neither true as 1 nor `1_0` as 10."""

CLOSED_FORM = object()
"""For text of a fixed form, such as a time, which cannot hold a caller's words. Any other text counts as theirs."""

TAKEN_LITERALLY = object()
"""For text in which even a word for "not given" is meant literally."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value that the message about a missing argument shows."""

    value: str


ViewArgument = Annotated[AnyView, Field(description="As in list_sms_conversations; all: open and closed.")]
AgentArgument = Annotated[
    str | None, Field(max_length=255, description="Agent's name or a part of it; none: unassigned.")
]
LineArgument = Annotated[
    str | None, Field(max_length=255, description="Business line: its number, the last digits, or its name.")
]
StartArgument = Annotated[
    str | None, Field(description="As in list_sms_conversations. Default: 30 days before end."), CLOSED_FORM
]
EndArgument = Annotated[str | None, Field(description="Default: now."), CLOSED_FORM]
AfterArgument = Annotated[str | None, Field(description="From left_out, to continue."), CLOSED_FORM]
OnlyArgument = Annotated[str | None, Field(max_length=255, description="Conditions, as in summarize_sms_inbox.")]
ByTimeArgument = Annotated[ByTime, Field(description="As in summarize_sms_inbox.")]
TargetArgument = Annotated[
    int, Field(ge=1, le=LONGEST_TARGET, description="Target of late and missed_target."), NotABool
]


def sent_arguments(given: object) -> object:
    """Return the arguments of a call: also of text, which a client encoded once or more, and of PHP's empty list."""
    for _ in range(_MOST_ENCODINGS):
        if not isinstance(given, str):
            break
        text = given.strip("\ufeff \t\r\n")
        if text in _WORDS_FOR_NOTHING:
            return {}
        try:
            given = from_json(without_lone_surrogates(text).encode("utf-8", "replace"))
        except ValueError:
            break
    return {} if given is None or given == [] else given


def filters_of(arguments: Arguments) -> "Filters":
    # Imported here, because a page of the API's own has no filters.
    from convirza_mcp.questions.filters import Filters

    return Filters(**arguments.model_dump(include={each.name for each in fields(Filters)}))


def next_call(tool: str, last: Conversation) -> str:
    """Return the text that names the next call, after the last conversation shown."""
    # Imported here, because a page of the API's own has no place.
    from convirza_mcp.rules.place import Place

    return f"next call: {tool} with after={Place.of(last)} and the other arguments unchanged"


@cache
def closed_arguments(arguments: type[Arguments]) -> frozenset[str]:
    """Return the arguments with choices, numbers or a closed form, which cannot hold a name or a message."""
    properties = full_schema(arguments)["properties"]
    return frozenset(
        name
        for name, field in arguments.model_fields.items()
        if properties[name]["type"] != "string" or "enum" in properties[name] or CLOSED_FORM in field.metadata
    )


@cache
def input_schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Return the schema that is listed; a shared, read-only object."""
    schema = full_schema(arguments)
    for each in schema["properties"].values():
        each.pop("maxLength", None)
        if each.get("maximum", 0) > _LARGEST_LISTED:
            del each["maximum"]
    return schema


def full_schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Return the flat JSON schema of a tool's arguments, with every limit."""
    schema = arguments.model_json_schema(schema_generator=_Flat)
    kept = ("type", "properties", "required", "additionalProperties")
    flat: dict[str, Any] = {key: schema[key] for key in kept if key in schema}
    for each in flat["properties"].values():
        if each.get("default", ...) is None:
            del each["default"]
    return flat


def read_arguments(arguments: type[ArgumentsType], given: dict[str, Any]) -> ArgumentsType:
    """Return the validated arguments. The error states the name and accepted form of a wrong one, never its value."""
    try:
        return arguments.model_validate(given)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        raise InvalidArgumentError(name, _unknown(name, list(arguments.model_fields)))
    takes = _takes(full_schema(arguments)["properties"][name])
    if fault["type"] == "missing":
        examples = [each.value for each in arguments.model_fields[name].metadata if isinstance(each, Example)]
        needs = f", for example {name}={examples[0]}" if examples else f" and takes {takes}"
        raise InvalidArgumentError(name, f"`{name}` is required{needs}.")
    raise InvalidArgumentError(name, f"`{name}` takes {takes}.")


def _unknown(name: str, known: list[str]) -> str:
    import difflib

    shown = f"`{name}`" if re.fullmatch(r"[A-Za-z_]{1,40}", name) else "of that name"
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"it takes {', '.join(known)}."
    return f"This tool has no argument {shown}: {hint}"


def _takes(schema: dict[str, Any]) -> str:
    match schema:
        case {"enum": [*values]}:
            return f"one of {', '.join(values)}"
        case {"type": "integer", "minimum": low, "maximum": high}:
            return f"a whole number from {low} to {high}"
        case {"type": "integer", "minimum": low}:
            return f"a whole number from {low}"
        case {"type": "integer"}:
            return "a whole number"
        case {"maxLength": most}:
            return f"text of at most {most} characters"
        case _:
            return "text"


class _Flat(GenerateJsonSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        return False
