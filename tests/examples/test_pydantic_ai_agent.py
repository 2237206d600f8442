"""The Pydantic AI example: with the framework's FunctionModel, and as printed, with a stand-in for the model's API."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from support.example_programs import (
    ARGUMENTS,
    NO_TOKEN,
    QUESTION,
    TOOL,
    assert_gives_the_reason_of_a_server_that_does_not_start,
    assert_only_logs,
    assert_says_what_is_missing,
    program,
    run,
    served,
    spoken,
    steady,
)
from support.model_apis import anthropic_call, anthropic_result, anthropic_saying, anthropic_system, model_api

pytest.importorskip("pydantic_ai", reason="needs pydantic-ai; .ci/run has an environment for it")
messages = pytest.importorskip("pydantic_ai.messages")
function = pytest.importorskip("pydantic_ai.models.function")

EXAMPLE = "pydantic_ai_agent"
CALLED = f"{TOOL} {json.dumps(ARGUMENTS, separators=(',', ':'))}"


class Script:
    """Calls the tool, then says what `speak` makes of what came back; keeps what it was shown."""

    def __init__(self, speak: Callable[[Any], str]) -> None:
        self.model = function.FunctionModel(self.turn)
        self.speak = speak
        self.question: Any = None
        self.instructions: Any = None
        self.tools: dict[str, Any] = {}
        self.results: list[Any] = []

    def turn(self, history: list[Any], info: Any) -> Any:
        [*_, last] = history[-1].parts
        if isinstance(last, messages.UserPromptPart):
            self.question, self.instructions = last.content, info.instructions
            self.tools = {each.name: (each.description, each.parameters_json_schema) for each in info.function_tools}
            return messages.ModelResponse(parts=[messages.ToolCallPart(TOOL, ARGUMENTS)])
        self.results.append(last)
        return messages.ModelResponse(parts=[messages.TextPart(self.speak(last.content))])


async def test_the_agent_answers_from_the_inbox(sandbox: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    script, expected = Script(spoken), served(**sandbox)

    assert await program(EXAMPLE).main(QUESTION, model=script.model) is None

    [result] = script.results
    assert (script.question, script.instructions, script.tools) == (QUESTION, expected.instructions, expected.tools)
    assert (result.part_kind, result.tool_name, result.outcome) == ("tool-return", TOOL, "success")
    assert steady(result.content) == steady(expected.answer)
    assert capfd.readouterr().out.splitlines() == [CALLED, spoken(expected.answer)]


async def test_the_model_is_told_what_went_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    script = Script(str)

    assert await program(EXAMPLE).main(QUESTION, model=script.model) is None

    [result] = script.results
    [called, said] = capfd.readouterr().out.splitlines()
    assert (result.part_kind, result.outcome, called, said) == ("tool-return", "failed", CALLED, result.content)
    assert said.startswith(NO_TOKEN)


def test_as_printed_it_asks_the_model_that_it_names() -> None:
    expected = served("--demo")
    with model_api(anthropic_call(TOOL, ARGUMENTS), anthropic_saying(spoken)) as (address, requests):
        ended = run(EXAMPLE, "--demo", QUESTION, ANTHROPIC_API_KEY="x", ANTHROPIC_BASE_URL=address)

    [(path, first), (_, second)] = requests
    [asked] = first["messages"]
    assert (path, first["model"], asked["role"]) == ("/v1/messages", "claude-sonnet-5-5", "user")
    assert asked["content"] == [{"type": "text", "text": QUESTION}]
    assert {each["name"]: (each["description"], each["input_schema"]) for each in first["tools"]} == expected.tools
    assert anthropic_system(first) == expected.instructions
    # Every start invents its inbox anew, so what came through is compared with itself.
    answer = anthropic_result(second)
    assert len(json.loads(answer)["rows"]) == ARGUMENTS["limit"]
    assert (ended.returncode, ended.stdout.splitlines()) == (0, [CALLED, spoken(answer)])
    assert_only_logs(ended.stderr, calls=1)


def test_what_is_missing_is_said_in_one_sentence() -> None:
    assert_says_what_is_missing(EXAMPLE, "ANTHROPIC_API_KEY")


def test_a_server_that_does_not_start_gives_its_own_reason() -> None:
    assert_gives_the_reason_of_a_server_that_does_not_start(EXAMPLE, "ANTHROPIC_API_KEY")
