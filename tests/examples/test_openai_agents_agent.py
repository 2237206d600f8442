"""The OpenAI Agents example: with the SDK's ScriptedModel, and as printed, with a stand-in for the model's API."""

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
from support.model_apis import model_api, openai_call, openai_result, openai_saying

pytest.importorskip("agents", reason="needs openai-agents; .ci/run has an environment for it")
testing = pytest.importorskip("agents.testing")

EXAMPLE = "openai_agents_agent"
CALLED = f"{TOOL} {json.dumps(ARGUMENTS)}"


def script(speak: Callable[[str], str]) -> Any:
    """A model that calls the tool, then says what `speak` makes of what came back."""

    def say(call: Any) -> list[Any]:
        return [testing.assistant_message(speak(result_in(call)))]

    return testing.ScriptedModel(
        [[testing.function_call(TOOL, json.dumps(ARGUMENTS), call_id="call")], testing.ModelStep.respond(say)]
    )


def result_in(call: Any) -> str:
    """The text of the tool result that a call of the model ends with."""
    result = call.input[-1]
    assert (result["type"], result["call_id"]) == ("function_call_output", "call")
    return result["output"] if isinstance(result["output"], str) else result["output"][0]["text"]


async def test_the_agent_answers_from_the_inbox(sandbox: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    model, expected = script(spoken), served(**sandbox)

    assert await program(EXAMPLE).main(QUESTION, model=model) is None

    first, second = model.calls
    assert first.system_instructions == expected.instructions
    assert first.input in (QUESTION, [{"content": QUESTION, "role": "user"}])
    assert {each.name: (each.description, each.params_json_schema) for each in first.tools} == expected.tools
    assert first.tracing.is_disabled()
    assert steady(result_in(second)) == steady(expected.answer)
    assert capfd.readouterr().out.splitlines() == [CALLED, spoken(expected.answer)]


async def test_the_model_is_told_what_went_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    model = script(str)

    assert await program(EXAMPLE).main(QUESTION, model=model) is None

    [called, said] = capfd.readouterr().out.splitlines()
    assert (called, said) == (CALLED, result_in(model.calls[1]))
    assert said.startswith(NO_TOKEN)


def test_as_printed_it_asks_the_model_that_it_names() -> None:
    expected = served("--demo")
    with model_api(openai_call(TOOL, ARGUMENTS), openai_saying(spoken)) as (address, requests):
        ended = run(EXAMPLE, "--demo", QUESTION, OPENAI_API_KEY="x", OPENAI_BASE_URL=address)

    # The model alone is asked: nothing goes to where the SDK would send its traces.
    [(path, first), (_, second)] = requests
    assert (path, first["model"], first["instructions"]) == ("/responses", "gpt-6.1-terra", expected.instructions)
    assert first["input"] == [{"content": QUESTION, "role": "user"}]
    assert {each["name"]: (each["description"], each["parameters"]) for each in first["tools"]} == expected.tools
    # Every start invents its inbox anew, so what came through is compared with itself.
    answer = openai_result(second)
    assert len(json.loads(answer)["rows"]) == ARGUMENTS["limit"]
    assert (ended.returncode, ended.stdout.splitlines()) == (0, [CALLED, spoken(answer)])
    assert_only_logs(ended.stderr, calls=1)


def test_what_is_missing_is_said_in_one_sentence() -> None:
    assert_says_what_is_missing(EXAMPLE, "OPENAI_API_KEY")


def test_a_server_that_does_not_start_gives_its_own_reason() -> None:
    assert_gives_the_reason_of_a_server_that_does_not_start(EXAMPLE, "OPENAI_API_KEY")
