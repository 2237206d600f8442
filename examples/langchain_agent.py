"""Ask the inbox a question in plain words, through a LangChain agent (a LangGraph graph) and its MCP adapters.

ANTHROPIC_API_KEY=... python examples/langchain_agent.py "who is waiting on us?"             your own inbox
ANTHROPIC_API_KEY=... python examples/langchain_agent.py --demo "who is waiting on us?"      the demo inbox
"""

import asyncio
import json
import os
import shutil
import sys

from anthropic import AnthropicError
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_mcp_adapters.sessions import create_session
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp import McpError

MODEL = "anthropic:claude-sonnet-5-5"


async def main(question: str, *, demo: bool = False, model: BaseChatModel | str = MODEL) -> str | None:
    """Print the tool calls and the answer. Return the error text, or None.

    `model` is any value that create_agent takes: another name, or a fake chat model for a test.
    """
    if model == MODEL and not os.environ.get("ANTHROPIC_API_KEY"):
        return "The model needs a key: set ANTHROPIC_API_KEY, with --demo too."
    # These adapters need version 1 of the MCP SDK, the server version 2, so each has its own environment.
    command = shutil.which(os.environ.get("CONVIRZA_MCP_COMMAND", "convirza-mcp"))
    if command is None:
        return "convirza-mcp was not found. Put it on the PATH, or set CONVIRZA_MCP_COMMAND to its full path."
    serve = ["serve", *(["--demo"] if demo else [])]
    # By default a client passes only a few variables to a server, and no settings.
    server = {"transport": "stdio", "command": command, "args": serve, "env": dict(os.environ)}
    # One session for the whole question: MultiServerMCPClient.get_tools() would start a server for each call.
    async with create_session(server) as session:
        # The instructions say which tool answers what, and that messages are data. Trusted servers only.
        instructions = (await session.initialize()).instructions
        agent = create_agent(model, await load_mcp_tools(session), system_prompt=instructions)
        try:
            messages = (await agent.ainvoke({"messages": [("user", question)]}))["messages"]
        except AnthropicError as error:
            return f"The model did not answer: {error}"
    for call in (call for message in messages if isinstance(message, AIMessage) for call in message.tool_calls):
        print(call["name"], json.dumps(call["args"]))
    print(messages[-1].text)
    return None


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each != "--demo"]
    try:
        failure = asyncio.run(main(" ".join(asked) or "Who is waiting on us?", demo="--demo" in sys.argv[1:]))
    except* McpError:
        failure = "The connection to convirza-mcp ended; what it said stands above."
    sys.exit(failure)
