"""Ask the inbox a question in plain words, through an agent of the OpenAI Agents SDK.

OPENAI_API_KEY=... python examples/openai_agents_agent.py "who is waiting on us?"             your own inbox
OPENAI_API_KEY=... python examples/openai_agents_agent.py --demo "who is waiting on us?"      the demo inbox
"""

import asyncio
import os
import shutil
import sys

from agents import Agent, AgentsException, Model, RunConfig, Runner, ToolCallItem
from agents.mcp import MCPServerStdio
from mcp import MCPError
from openai import OpenAIError

MODEL = "gpt-6.1-terra"


async def main(question: str, *, demo: bool = False, model: Model | str = MODEL) -> str | None:
    """Print the tool calls and the answer. Return the error text, or None.

    `model` is any value that Agent takes: another name, or a ScriptedModel for a test.
    """
    if model == MODEL and not os.environ.get("OPENAI_API_KEY"):
        return "The model needs a key: set OPENAI_API_KEY, with --demo too."
    command = shutil.which(os.environ.get("CONVIRZA_MCP_COMMAND", "convirza-mcp"))
    if command is None:
        return "convirza-mcp was not found. Put it on the PATH, or set CONVIRZA_MCP_COMMAND to its full path."
    async with MCPServerStdio(
        # By default a client passes only a few variables to a server, and no settings.
        {"command": command, "args": ["serve", *(["--demo"] if demo else [])], "env": dict(os.environ)},
        # A call may take CONVIRZA_TIMEOUT, 30 seconds; the SDK's default is five.
        client_session_timeout_seconds=60,
        cache_tools_list=True,
    ) as server:
        # The instructions say which tool answers what, and that messages are data. Trusted servers only.
        agent = Agent("inbox", instructions=server.session.instructions, mcp_servers=[server], model=model)
        try:
            # A trace would show contacts' messages to every member of the OpenAI project.
            result = await Runner.run(agent, question, run_config=RunConfig(tracing_disabled=True))
        except (AgentsException, OpenAIError) as error:
            return f"The model did not answer: {error}"
    for call in (item.raw_item for item in result.new_items if isinstance(item, ToolCallItem)):
        print(call.name, call.arguments)
    print(result.final_output)
    return None


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each != "--demo"]
    try:
        failure = asyncio.run(main(" ".join(asked) or "Who is waiting on us?", demo="--demo" in sys.argv[1:]))
    except* MCPError:
        failure = "The connection to convirza-mcp ended; what it said stands above."
    sys.exit(failure)
