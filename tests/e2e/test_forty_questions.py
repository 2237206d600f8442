"""The evaluations: a script answers all forty questions exactly; models are asked through either kind of endpoint."""

import json
import sys
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any, Literal

import pytest

from support.model_apis import model_api

sys.path.append(str(Path(__file__).parents[2]))
run = pytest.importorskip("evals.run", reason="the evaluations are in the repository, not in the package's source")
from evals.answering import ModelAgent, ScriptedAgent, Session, answer_in  # noqa: E402 - only where there is an evals/
from evals.questions import QUESTIONS, same  # noqa: E402 - as above

QUESTION = next(each for each in QUESTIONS if each.name == "waiting")
USAGE = {"total_tokens": 50, "input_tokens": 40, "output_tokens": 10}


@pytest.mark.parametrize("shown", ["text", pytest.param("structured", marks=pytest.mark.long)])
async def test_a_script_answers_all_forty_exactly(shown: Literal["text", "structured"]) -> None:
    results = await run.ask_all(ScriptedAgent(), QUESTIONS, shown=shown)

    assert [(each.question.name, each.outcome.answer) for each in results if not each.is_correct] == []
    assert Counter(each.question.kind for each in results) == {"ordinary": 30, "unknowable": 6, "hostile": 4}
    assert max(each.outcome.calls for each in results) <= 2
    assert mean(each.outcome.tokens for each in results) <= 1_100
    assert run.faults(results) == []
    assert "| all | 40 of 40 | " in run.report("scripted", "convirza-mcp", shown, 1, results)


def chat(message: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant"} | message}], "usage": USAGE}


def asks_chat(body: dict[str, Any]) -> dict[str, Any]:
    assert "summarize_sms_inbox" in [each["function"]["name"] for each in body["tools"]]
    function = {"name": "summarize_sms_inbox", "arguments": "{}"}
    return chat({"content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]})


def answers_chat(body: dict[str, Any]) -> dict[str, Any]:
    waiting = json.loads(body["messages"][-1]["content"])["waiting"]
    return chat({"content": f"They are many.\nANSWER: {waiting}"})


def asks_messages(body: dict[str, Any]) -> dict[str, Any]:
    assert "summarize_sms_inbox" in [each["name"] for each in body["tools"]]
    call = {"type": "tool_use", "id": "1", "name": "summarize_sms_inbox", "input": {}}
    return {"content": [call], "usage": USAGE}


def answers_messages(body: dict[str, Any]) -> dict[str, Any]:
    waiting = json.loads(body["messages"][-1]["content"][0]["content"])["waiting"]
    return {"content": [{"type": "text", "text": f"ANSWER: {waiting}"}], "usage": USAGE}


@pytest.mark.parametrize("shown", ["structured", pytest.param("text", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("api", "turns", "path"),
    [
        ("openai", (asks_chat, answers_chat), "/v1/chat/completions"),
        ("anthropic", (asks_messages, answers_messages), "/v1/messages"),
    ],
)
async def test_a_model_is_asked_through_its_endpoint(api: Any, turns: Any, path: str, shown: Any) -> None:
    with model_api(*turns) as (address, requests):
        agent = ModelAgent("a-model", api, f"{address}/v1/" if api == "openai" else f"{address}/", "key")
        [result] = await run.ask_all(agent, [QUESTION], shown=shown)

    assert (result.is_correct, result.outcome.calls, result.outcome.tokens) == (True, 1, 100)
    assert [(asked, body["model"]) for asked, body in requests] == [(path, "a-model")] * 2
    system = requests[0][1].get("system") or requests[0][1]["messages"][0]["content"]
    assert "It is 2026-11-20T10:00:00-07:00." in system
    assert "ANSWER: and the answer as JSON, here a whole number." in system


def asks_badly(tool: str, arguments: str) -> Any:
    call = {"id": "1", "type": "function", "function": {"name": tool, "arguments": arguments}}
    return lambda _: chat({"content": None, "tool_calls": [call]})


async def test_a_model_may_correct_its_calls_and_its_endpoint_may_be_busy() -> None:
    turns = (
        lambda _: {"status": 429},
        asks_badly("summarize_sms_inbox", '{"group_by": '),
        asks_badly("summarize_inbox", "{}"),
        asks_badly("summarize_sms_inbox", '["agent"]'),
        asks_badly("summarize_sms_inbox", ""),
        answers_chat,
    )
    with model_api(*turns) as (address, requests):
        agent = ModelAgent("a-model", "openai", f"{address}/v1/", "key")
        [result] = await run.ask_all(agent, [QUESTION])

    assert (result.is_correct, result.outcome.calls, len(requests)) == (True, 4, len(turns))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("They are many.\nANSWER: 17", 17),
        ("ANSWER: is what I give.\n**ANSWER: [1, 2]**", [1, 2]),
        ('**ANSWER:** `"Maria Lopez"`', "Maria Lopez"),
        ("ANSWER: 12.5%\n", "12.5%"),
        ("ANSWER:", None),
        ("It is 17.", None),
    ],
)
def test_an_answer_is_read_however_a_model_marks_it(said: str, answer: Any) -> None:
    assert answer_in(said) == answer


def test_the_form_of_an_answer_does_not_tell_whether_there_is_one() -> None:
    forms = {each.takes for each in QUESTIONS if each.kind != "unknowable"}
    unknowable = [each.takes for each in QUESTIONS if each.kind == "unknowable"]
    assert len([each for each in unknowable if each in forms]) >= 4


async def test_the_baseline_gives_the_page_as_it_is() -> None:
    async with run.served("raw", hostile=False) as (client, truth):
        outcome = run.Outcome()
        text = await Session(client, "text").call(outcome, "list_sms_conversations", {"limit": 2})

    rows = json.loads(text)["data"]["conversation"]
    newest = max(truth.of(closed=False), key=lambda row: (row["updated"], row["conversation_id"]))
    assert (len(rows), rows[0]["conversation_id"]) == (2, newest["conversation_id"])


@pytest.mark.parametrize(
    ("given", "expected", "is_same"),
    [
        (17, 17, True),
        ("17", 17, True),
        (18, 17, False),
        ([2, 1], [1, 2], True),
        ([1, 2, 2], [1, 2], False),
        ("Maria  Lopez.", "maria lopez", True),
        ("50%", "50.0%", True),
        (None, 0, False),
    ],
)
def test_answers_are_compared_by_what_they_say(given: Any, expected: Any, is_same: bool) -> None:
    assert same(given, expected) is is_same
