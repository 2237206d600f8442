"""Agents that answer a question with a server's tools: a script, and models behind two kinds of endpoint."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import anyio
import httpx2
from mcp import Client, MCPError
from mcp_types import Tool

from convirza_mcp.text.tokens import estimate_tokens
from evals.questions import Question, Value
from evals.truth import HOURS, NOW, ZONE

Shown = Literal["text", "structured"]
"""Part of a result that a model reads: hosts pass on one or the other."""

_MAX_TURNS = 12
_BUSY, _SECONDS_BETWEEN_ATTEMPTS = {408, 429, 500, 502, 503, 504, 529}, (5.0, 20.0, 60.0)
_ANSWER = "ANSWER:"
TASK = """\
It is {now}. The business is open {hours}. Use the tools. If they cannot answer the question, the answer is "cannot be \
known". End with one line: ANSWER: and the answer as JSON, here {takes}."""


@dataclass
class Outcome:
    """What came of one question: its answer, the calls made, and the tokens that it cost."""

    answer: Value | None = None
    calls: int = 0
    tokens: int = 0
    results: list[str] = field(default_factory=list)


class Session:
    """A server as an agent sees it: results are counted, and given in one of their two forms."""

    def __init__(self, client: Client, shown: Shown) -> None:
        self.client = client
        self.shown = shown

    async def call(self, outcome: Outcome, tool: str, arguments: Any) -> str:
        """Return the result of a call as a model writes it: a wrong tool or wrong arguments are for it to correct."""
        outcome.calls += 1
        if not isinstance(arguments, dict):
            return "The arguments of a call are one JSON object."
        try:
            result = await self.client.call_tool(tool, arguments)
        except MCPError as error:
            return str(error)
        text = "".join(block.text for block in result.content if block.type == "text")
        if self.shown == "structured" and result.structured_content is not None:
            text = json.dumps(result.structured_content, ensure_ascii=False, separators=(",", ":"))
        outcome.results.append(text)
        return text


class Agent(Protocol):
    """Answers a question in a session."""

    name: str

    async def answer(self, question: Question, session: Session) -> Outcome: ...


class ScriptedAgent:
    """Makes the calls that are written beside each question: shows what the tools can tell, without a model.

    Its tokens are an estimate of the results alone.
    """

    name = "scripted"

    async def answer(self, question: Question, session: Session) -> Outcome:
        outcome = Outcome()
        answers = [json.loads(await session.call(outcome, tool, arguments)) for tool, arguments in question.calls]
        outcome.answer = question.read(answers)
        outcome.tokens = sum(map(estimate_tokens, outcome.results))
        return outcome


Post = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class ModelAgent:
    """A model at an endpoint: `openai` is chat completions as many servers have them, `anthropic` is messages."""

    name: str
    api: Literal["openai", "anthropic"]
    base_url: str
    key: str

    async def answer(self, question: Question, session: Session) -> Outcome:
        outcome = Outcome()
        tools = (await session.client.list_tools()).tools
        task = TASK.format(now=NOW.astimezone(ZONE).isoformat(), hours=HOURS, takes=question.takes)
        system = f"{session.client.instructions or ''}\n\n{task}"
        talk = _openai if self.api == "openai" else _anthropic
        async with httpx2.AsyncClient(base_url=self.base_url, headers=self._headers(), timeout=120) as http:

            async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
                # A run makes hundreds of requests, and a busy endpoint must not end it.
                for seconds in (*_SECONDS_BETWEEN_ATTEMPTS, None):
                    response = await http.post(path, json=body | {"model": self.name})
                    if response.status_code not in _BUSY or seconds is None:
                        break
                    await anyio.sleep(float(response.headers.get("retry-after", seconds)))
                response.raise_for_status()
                return response.json()

            said = await talk(post, system, question.ask, tools, session, outcome)
        outcome.answer = answer_in(said)
        return outcome

    def _headers(self) -> dict[str, str]:
        if self.api == "openai":
            return {"authorization": f"Bearer {self.key}"}
        return {"x-api-key": self.key, "anthropic-version": "2023-06-01"}


def answer_in(said: str) -> Value | None:
    """Return the answer after the last `ANSWER:`, also where a model made it bold or a piece of code."""
    text = said.rpartition(_ANSWER)[2].strip(" \n*`")
    if _ANSWER not in said or not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return None


async def _openai(post: Post, system: str, ask: str, tools: Sequence[Tool], session: Session, outcome: Outcome) -> str:
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}, {"role": "user", "content": ask}]
    functions = [
        {
            "type": "function",
            "function": {"name": each.name, "description": each.description, "parameters": each.input_schema},
        }
        for each in tools
    ]
    for _ in range(_MAX_TURNS):
        answer = await post("chat/completions", {"messages": messages, "tools": functions})
        outcome.tokens += (answer.get("usage") or {}).get("total_tokens", 0)
        message = answer["choices"][0]["message"]
        messages.append(message)
        if not message.get("tool_calls"):
            return message.get("content") or ""
        for call in message["tool_calls"]:
            function = call["function"]
            result = await session.call(outcome, function["name"], _read_json(function["arguments"]))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    return ""


async def _anthropic(
    post: Post, system: str, ask: str, tools: Sequence[Tool], session: Session, outcome: Outcome
) -> str:
    messages: list[dict[str, Any]] = [{"role": "user", "content": ask}]
    described = [
        {"name": each.name, "description": each.description, "input_schema": each.input_schema} for each in tools
    ]
    for _ in range(_MAX_TURNS):
        body = {"system": system, "messages": messages, "tools": described, "max_tokens": 4_096}
        answer = await post("v1/messages", body)
        usage = answer.get("usage") or {}
        outcome.tokens += usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
        messages.append({"role": "assistant", "content": answer["content"]})
        calls = [block for block in answer["content"] if block["type"] == "tool_use"]
        if not calls:
            return "".join(block["text"] for block in answer["content"] if block["type"] == "text")
        results = [
            {
                "type": "tool_result",
                "tool_use_id": call["id"],
                "content": await session.call(outcome, call["name"], call["input"]),
            }
            for call in calls
        ]
        messages.append({"role": "user", "content": results})
    return ""
