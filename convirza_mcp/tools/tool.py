"""A tool: its definition for clients, its question, and an answer or an error for every call."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from convirza_mcp.accounts.account import Request
from convirza_mcp.accounts.calls import logged_call
from convirza_mcp.answers.answer import Answer
from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.head import privacy_part
from convirza_mcp.errors import INTERNAL_ERROR, ConvirzaError
from convirza_mcp.tools.failure import Failure, sentences_for
from convirza_mcp.tools.schema import ArgumentsType, closed_arguments, read_arguments

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Tool(Generic[ArgumentsType, Found]):
    """One question an assistant can ask.

    `find` passes the arguments to the question, and may raise `ConvirzaError`. `show` returns the result as an answer
    within a budget. With `has_picture`, hosts show the page of `convirza_mcp.app` beside the answer.
    """

    name: str
    title: str
    description: str
    arguments: type[ArgumentsType]
    output_schema: Mapping[str, Any]
    find: Callable[[ArgumentsType, Request], Awaitable[Found]]
    show: Callable[[Found, ArgumentsType, Budget], Answer]
    has_picture: bool = True

    async def ask(self, given: Mapping[str, Any], request: Request, *, resource: str | None = None) -> Answer | Failure:
        """Return the answer, or the failure; log the outcome of the call.

        `resource` is the address of a resource that is read through this tool; the log then names it.
        """
        settings = request.account.settings
        with logged_call(resource or self.name, "tool" if resource is None else "resource") as logged:
            try:
                request.account.limit.admit()
                arguments = read_arguments(self.arguments, dict(given))
                found = await self.find(arguments, request)
                answer = self.show(found, arguments, Budget.of(settings)).with_head_part(privacy_part(settings.privacy))
                # Rendered here, so that a fault in rendering becomes a failure too.
                _ = answer.text
            except ConvirzaError as error:
                logged.failed(error)
                has_callers_text = not given.keys() <= closed_arguments(self.arguments)
                return Failure(sentences_for(error, has_callers_text=has_callers_text), error.code)
            except Exception as error:  # noqa: BLE001 - whatever it is, its text must not reach a model or a log
                logged.failed(error)
                fault = type(error).__name__
                return Failure(
                    f"{self.name} failed inside convirza-mcp ({fault}): please report this fault.", INTERNAL_ERROR
                )
            logged.answered(len(answer.rows))
            return answer


AnyTool: TypeAlias = Tool[Any, Any]
