"""Ask the inbox a question in plain words, through a Pydantic AI agent.

ANTHROPIC_API_KEY=... python examples/pydantic_ai_agent.py "who is waiting on us?"             your own inbox
ANTHROPIC_API_KEY=... python examples/pydantic_ai_agent.py --demo "who is waiting on us?"      the demo inbox
"""

import asyncio
import os
import shutil
import sys

from fastmcp.client.transports import StdioTransport
from mcp import MCPError
from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.models import Model

MODEL = "anthropic:claude-sonnet-5-5"


async def main(question: str, *, demo: bool = False, model: Model | str = MODEL) -> str | None:
    """Print the tool calls and the answer. Return the error text, or None.

    `model` is any value that Agent takes: another name, or a FunctionModel for a test.
    """
    if model == MODEL and not os.environ.get("ANTHROPIC_API_KEY"):
        return "The model needs a key: set ANTHROPIC_API_KEY, with --demo too."
    command = shutil.which(os.environ.get("CONVIRZA_MCP_COMMAND", "convirza-mcp"))
    if command is None:
        return "convirza-mcp was not found. Put it on the PATH, or set CONVIRZA_MCP_COMMAND to its full path."
    toolset = MCPToolset(
        # By default a client passes only a few variables to a server, and no settings.
        StdioTransport(command, ["serve", *(["--demo"] if demo else [])], env=dict(os.environ)),
        init_timeout=30,
        # They say which tool answers what, and that messages are data. Trusted servers only.
        include_instructions=True,
        # The model reads the error and may call again; by default a second error ends the run.
        tool_error_behavior="failed",
    )
    try:
        async with Agent(model, toolsets=[toolset]) as agent:
            result = await agent.run(question)
    except AgentRunError as error:
        return f"The model did not answer: {error}"
    for call in (part for message in result.all_messages() for part in message.parts if isinstance(part, ToolCallPart)):
        print(call.tool_name, call.args_as_json_str())
    print(result.output)
    return None


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each != "--demo"]
    try:
        failure = asyncio.run(main(" ".join(asked) or "Who is waiting on us?", demo="--demo" in sys.argv[1:]))
    except* MCPError:
        failure = "The connection to convirza-mcp ended; what it said stands above."
    sys.exit(failure)
