"""What a tool is: a definition for clients, and a call that always ends in a result or in a sentence."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as ToolDefinition

from convirza_mcp.accounts.account import Context
from convirza_mcp.accounts.call_limit import CallLimit
from convirza_mcp.accounts.call_log import logged_call
from convirza_mcp.answers.answer import Answer
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.scan.cache import check_account
from convirza_mcp.tools.failure import Failure, sentence_for
from convirza_mcp.tools.schema import ArgumentsType, input_schema, read_arguments

READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[ArgumentsType]):
    """One question an assistant can ask. `answer` may raise `ConvirzaError`; nothing else here does."""

    name: str
    title: str
    description: str
    arguments: type[ArgumentsType]
    output_schema: Mapping[str, Any]
    answer: Callable[[ArgumentsType, Context], Awaitable[Answer]]

    def definition(self, *, structured: bool) -> ToolDefinition:
        """What `tools/list` says; without `structured` no output schema is promised."""
        return ToolDefinition(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=input_schema(self.arguments),
            output_schema=dict(self.output_schema) if structured else None,
            annotations=READ_ONLY,
        )

    async def call(self, given: Mapping[str, Any], context: Context, limit: CallLimit | None = None) -> CallToolResult:
        """The answer as a result, or one sentence that says what went wrong."""
        answer = await self.ask(given, context, limit)
        if isinstance(answer, Failure):
            return CallToolResult(content=[TextContent(text=answer.sentence)], is_error=True)
        return CallToolResult(
            content=[TextContent(text=answer.text)],
            structured_content=answer.structured() if context.settings.output == "both" else None,
        )

    async def ask(
        self,
        given: Mapping[str, Any],
        context: Context,
        limit: CallLimit | None = None,
        *,
        resource: str | None = None,
    ) -> Answer | Failure:
        """The answer, or why there is none; a line in the log says what it came to.

        `resource` is the address of the resource that is read through this tool, which the log then names.
        """
        with logged_call(resource or self.name, "tool" if resource is None else "resource") as logged:
            try:
                if limit is not None:
                    limit.let_in()
                arguments = read_arguments(self.arguments, dict(given))
                account = await context.client.credential_fingerprint()
                answer = await self.answer(arguments, context)
                await check_account(context.client, account)
                answer = answer.also_saying(privacy_part(context.settings.privacy))
                # Written here, where a fault in that ends in a sentence too.
                _ = answer.text
            except ConvirzaError as error:
                logged.failed(error)
                return Failure(sentence_for(error, given), type(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, its text must not reach a model or a log
                logged.failed(error)
                fault = type(error).__name__
                return Failure(
                    f"{self.name} failed inside convirza-mcp ({fault}): please report this fault.", type(error)
                )
            logged.answered(len(answer.rows))
            return answer
