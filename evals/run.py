"""Ask the forty questions.

    python -m evals.run                                      the scripted agent, no model
    OPENAI_API_KEY=... python -m evals.run MODEL             a model behind an OpenAI-compatible endpoint
    ANTHROPIC_API_KEY=... python -m evals.run MODEL --api anthropic

Exits with 1 if the scripted agent has an answer wrong, or costs more than it may.
"""

import argparse
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import anyio
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from evals.answering import Agent, ModelAgent, Outcome, ScriptedAgent, Session, Shown
from evals.questions import QUESTIONS, Question, Value, same
from evals.raw_page_server import raw_page_server
from evals.truth import HOURS, NOW, ZONE, Truth

CONVERSATIONS = 1_000
MAX_CALLS, MAX_TOKENS = 2, 1_100
REPORTS = Path(__file__).parent / "reports"
_BASE_URLS = {"openai": "https://api.openai.com/v1/", "anthropic": "https://api.anthropic.com/"}


@dataclass(frozen=True)
class Result:
    """One run of one question."""

    question: Question
    expected: Value
    outcome: Outcome
    seconds: float

    @property
    def is_correct(self) -> bool:
        return self.outcome.answer is not None and same(self.outcome.answer, self.expected)


@asynccontextmanager
async def served(kind: str, *, hostile: bool) -> AsyncIterator[tuple[Client, Truth]]:
    """A client of the server, over an inbox at the fixed clock, and the truth about that inbox."""
    with Sandbox(conversations=CONVERSATIONS, now=NOW, hostile=hostile) as sandbox:
        settings = Settings.from_environment(
            {
                "CONVIRZA_TOKEN": sandbox.token,
                "CONVIRZA_BASE_URL": sandbox.base_url,
                "CONVIRZA_TIMEZONE": str(ZONE),
                "CONVIRZA_BUSINESS_HOURS": HOURS,
                "CONVIRZA_MAX_CALLS_PER_MINUTE": "0",
            }
        )
        server = build_server(settings, now=lambda: NOW) if kind == "convirza-mcp" else raw_page_server(sandbox)
        async with Client(server) as client:
            yield client, Truth(sandbox)


async def ask_all(
    agent: Agent, questions: Sequence[Question], *, server: str = "convirza-mcp", shown: Shown = "text", runs: int = 1
) -> list[Result]:
    """Ask each question so many times, the hostile ones of the hostile inbox."""
    results = []
    for hostile in (False, True):
        asked = [each for each in questions if (each.kind == "hostile") == hostile]
        if not asked:
            continue
        async with served(server, hostile=hostile) as (client, truth):
            session = Session(client, shown)
            for question in asked * runs:
                began = time.perf_counter()
                outcome = await agent.answer(question, session)
                took = time.perf_counter() - began
                results.append(Result(question, question.expected(truth), outcome, took))
    return results


def report(agent: str, server: str, shown: Shown, runs: int, results: Sequence[Result]) -> str:
    """A page on the runs: the totals by kind of question, then each question."""
    lines = [
        f"# {agent}, {server}, results as {shown}",
        "",
        f"{datetime.now(UTC):%F}, {runs} run{'s' * (runs > 1)}; {CONVERSATIONS:,} conversations at {NOW:%FT%TZ}.",
        "",
        "| questions | correct | calls | tokens | seconds |",
        "|---|---|---|---|---|",
    ]
    for kind in ("all", "ordinary", "unknowable", "hostile"):
        some = [each for each in results if kind in ("all", each.question.kind)]
        if some:
            lines.append(f"| {kind} | {sum(each.is_correct for each in some)} of {len(some)} | {_means(some)} |")
    lines += ["", "| question | correct | calls | tokens | seconds |", "|---|---|---|---|---|"]
    for question in dict.fromkeys(each.question for each in results):
        some = [each for each in results if each.question is question]
        correct = f"{sum(each.is_correct for each in some)} of {len(some)}"
        lines.append(f"| {question.ask} | {correct} | {_means(some)} |")
    return "\n".join(lines) + "\n"


def _means(results: Sequence[Result]) -> str:
    calls = mean(each.outcome.calls for each in results)
    tokens = mean(each.outcome.tokens for each in results)
    return f"{calls:.1f} | {tokens:,.0f} | {mean(each.seconds for each in results):.2f}"


def faults(results: Sequence[Result]) -> list[str]:
    """What the scripted agent must not do."""
    wrong = [each for each in results if not each.is_correct]
    found = [f"{each.question.name}: {each.outcome.answer!r} instead of {each.expected!r}" for each in wrong]
    found += [f"{each.question.name}: {each.outcome.calls} calls" for each in results if each.outcome.calls > MAX_CALLS]
    tokens = mean(each.outcome.tokens for each in results)
    return [*found, *([f"{tokens:,.0f} tokens on average"] if tokens > MAX_TOKENS else [])]


async def main() -> int:
    parser = argparse.ArgumentParser(description="Ask the forty questions.")
    parser.add_argument("model", nargs="?", help="a model's name; without one the scripted agent answers")
    parser.add_argument("--api", choices=("openai", "anthropic"), default="openai", help="the kind of endpoint")
    parser.add_argument("--base-url", help="the endpoint; default: the provider's own")
    parser.add_argument("--server", choices=("convirza-mcp", "raw"), default="convirza-mcp", help="raw: the baseline")
    parser.add_argument("--shown", choices=("text", "structured"), default="text", help="what the model reads")
    parser.add_argument("--runs", type=int, default=3, help="how many times each question is asked of a model")
    parser.add_argument("--report", action="store_true", help="write the report to evals/reports")
    names = [each.name for each in QUESTIONS]
    alone = "ask this question alone; may be given several times"
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=alone)
    given = parser.parse_args()
    if given.model is None and given.server == "raw":
        parser.error("the scripted agent knows the tools of convirza-mcp only")
    questions = [each for each in QUESTIONS if given.only is None or each.name in given.only]
    agent: Agent = ScriptedAgent()
    if given.model is not None:
        key = os.environ.get(f"{given.api.upper()}_API_KEY", "")
        agent = ModelAgent(given.model, given.api, given.base_url or _BASE_URLS[given.api], key)
    runs = 1 if given.model is None else given.runs
    results = await ask_all(agent, questions, server=given.server, shown=given.shown, runs=runs)
    text = report(agent.name, given.server, given.shown, runs, results)
    if given.report:
        REPORTS.mkdir(exist_ok=True)
        named = "-".join((f"{datetime.now(UTC):%Y-%m-%d}", agent.name.replace("/", "-"), given.server, given.shown))
        (REPORTS / f"{named}.md").write_text(text, encoding="utf-8")
    print(text)
    wrong = faults(results) if given.model is None else []
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(anyio.run(main))
