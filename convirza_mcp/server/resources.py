"""The resources: answers of tools at addresses, for clients in which a person attaches content for a model.

A resource's content is its tool's answer with only the arguments in the address. It passes through everything that a
call does: the call limit, the log, the privacy mode and progress.
"""

import re
from dataclasses import dataclass
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    Annotations,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from convirza_mcp.accounts.account import Request
from convirza_mcp.accounts.calls import logged_call
from convirza_mcp.errors import ConversationNotFoundError, InvalidArgumentError
from convirza_mcp.questions.scope import DEFAULT_DAYS
from convirza_mcp.text.clean import clean
from convirza_mcp.tools import tool_named
from convirza_mcp.tools.failure import Failure

MIME_TYPE = "application/json"

_PLACE = re.compile(r"\{([a-z_]+)\}")
_ESCAPED_PLACE = re.compile(r"\\\{([a-z_]+)\\\}")
# RFC 3986's unreserved characters, and those of an escape.
_VALUE = "[A-Za-z0-9._~%-]+"
_LONGEST_ADDRESS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAtAddress:
    """A resource, or a template if its `address` has arguments of the tool in braces."""

    address: str
    name: str
    title: str
    description: str
    priority: float
    tool: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.address))

    def arguments_in(self, uri: str) -> dict[str, str] | None:
        """Return the tool's arguments in this address; None if another resource has it."""
        pattern = _ESCAPED_PLACE.sub(rf"(?P<\1>{_VALUE})", re.escape(self.address))
        found = re.fullmatch(pattern, uri)
        return None if found is None else found.groupdict()

    def definition(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mime_type": MIME_TYPE,
            "annotations": Annotations(audience=["user", "assistant"], priority=self.priority),
        }


INBOX = AnswerAtAddress(
    address="convirza://sms/inbox",
    name="sms_inbox",
    title="SMS inbox, in figures",
    description=f"The last {DEFAULT_DAYS} days of the Convirza SMS inbox in exact counts and response times: what "
    f"summarize_sms_inbox answers by default.",
    priority=0.8,
    tool="summarize_sms_inbox",
)

CONVERSATION = AnswerAtAddress(
    address="convirza://sms/conversations/{conversation_id}",
    name="sms_conversation",
    title="SMS conversation",
    description=f"One conversation of the last {DEFAULT_DAYS} days with all its fields, its latest message and its "
    f"contact's other conversations: what get_sms_conversation answers for this id.",
    priority=0.5,
    tool="get_sms_conversation",
)

RESOURCES = (INBOX, CONVERSATION)
"""All resources, in the order in which clients see them."""

TEMPLATES = {each.address: each for each in RESOURCES if each.arguments}


def listed_resources() -> list[Resource]:
    return [Resource(uri=each.address, **each.definition()) for each in RESOURCES if not each.arguments]


def listed_templates() -> list[ResourceTemplate]:
    return [ResourceTemplate(uri_template=address, **each.definition()) for address, each in TEMPLATES.items()]


async def read_resource(uri: str, request: Request) -> ReadResourceResult:
    """Return the content at this address; if there is none or it cannot be read, raise `MCPError` with the reason."""
    for resource in RESOURCES:
        given = resource.arguments_in(uri)
        if given is not None:
            answer = await tool_named(resource.tool).ask(given, request, resource=resource.address)
            if isinstance(answer, Failure):
                raise _error(answer, resource, uri)
            return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=MIME_TYPE, text=answer.text)])
    with logged_call(None, "resource") as logged:
        logged.outcome = "UnknownResource"
    known = " and ".join(each.address for each in RESOURCES)
    raise MCPError(code=INVALID_PARAMS, message=f"Unknown resource; this server has {known}.", data=_data(uri))


def _error(failure: Failure, resource: AnswerAtAddress, uri: str) -> MCPError:
    if failure.code == ConversationNotFoundError.code:
        # A resource has no window to widen.
        failure = failure._replace(sentences=f"{failure.sentences} Other windows: the tool {resource.tool}.")
    is_not_there = failure.code in (InvalidArgumentError.code, ConversationNotFoundError.code)
    return MCPError(code=INVALID_PARAMS if is_not_there else INTERNAL_ERROR, message=failure.text, data=_data(uri))


def _data(uri: str) -> dict[str, str] | None:
    """Return the requested address for the error's data, if it is safe to show."""
    return {"uri": uri} if len(uri) <= _LONGEST_ADDRESS and clean(uri) == uri else None
