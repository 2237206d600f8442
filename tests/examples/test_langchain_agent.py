"""The LangChain example: with its own fake chat model, and as printed, with a stand-in for the model's API."""

import gc
import json
from collections.abc import Callable, Iterator
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

# Version 1 of the SDK keeps the stderr that it finds when it is imported; that of one test would be closed in the next.
pytest.importorskip(
    "langchain_mcp_adapters.sessions", reason="needs langchain-mcp-adapters; .ci/run has an environment for it"
)
fakes = pytest.importorskip("langchain_core.language_models.fake_chat_models")
messages = pytest.importorskip("langchain_core.messages")

# It leaves the ends of its streams to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:.*MemoryObject:pytest.PytestUnraisableExceptionWarning")

EXAMPLE = "langchain_agent"
CALLED = f"{TOOL} {json.dumps(ARGUMENTS)}"


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Has the collector do it here, where the warning is expected, and not after the last test."""
    yield
    gc.collect()


class Script:
    """Calls the tool, then says what `speak` makes of what came back; keeps what it was shown."""

    def __init__(self, speak: Callable[[str], str]) -> None:
        self.speak = speak
        self.tools: dict[str, Any] = {}
        self.shown: list[list[Any]] = []
        script = self

        class Model(fakes.GenericFakeChatModel):
            def bind_tools(self, tools: Any, **_: Any) -> Any:
                script.tools = {each.name: (each.description, each.args_schema) for each in tools}
                return self

            def _generate(self, shown: Any, *rest: Any, **options: Any) -> Any:
                script.shown.append(shown)
                return super()._generate(shown, *rest, **options)

        self.model = Model(messages=self.turns())

    def turns(self) -> Iterator[Any]:
        call = {"name": TOOL, "args": ARGUMENTS, "id": "call", "type": "tool_call"}
        yield messages.AIMessage("", tool_calls=[call])
        yield messages.AIMessage(self.speak(self.shown[-1][-1].text))


async def test_the_agent_answers_from_the_inbox(sandbox: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    script, expected = Script(spoken), served(**sandbox)

    assert await program(EXAMPLE).main(QUESTION, model=script.model) is None

    first, [*_, result] = script.shown
    assert [(each.type, each.text) for each in first] == [("system", expected.instructions), ("human", QUESTION)]
    assert script.tools == expected.tools
    assert (result.type, result.name, result.tool_call_id, result.status) == ("tool", TOOL, "call", "success")
    assert steady(result.text) == steady(expected.answer)
    assert capfd.readouterr().out.splitlines() == [CALLED, spoken(expected.answer)]


async def test_the_model_is_told_what_went_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    script = Script(str)

    assert await program(EXAMPLE).main(QUESTION, model=script.model) is None

    result = script.shown[1][-1]
    [called, said] = capfd.readouterr().out.splitlines()
    assert (result.type, result.status, called, said) == ("tool", "error", CALLED, result.text)
    assert said.startswith(NO_TOKEN)


def test_as_printed_it_asks_the_model_that_it_names() -> None:
    expected = served("--demo")
    with model_api(anthropic_call(TOOL, ARGUMENTS), anthropic_saying(spoken)) as (address, requests):
        ended = run(EXAMPLE, "--demo", QUESTION, ANTHROPIC_API_KEY="x", ANTHROPIC_BASE_URL=address)

    [(path, first), (_, second)] = requests
    assert (path, first["model"]) == ("/v1/messages", "claude-sonnet-5-5")
    assert first["messages"] == [{"role": "user", "content": QUESTION}]
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
