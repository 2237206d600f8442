"""The project's Markdown pages, taken apart: fenced blocks, the commands in them, inline code, links and headings.

In a `console` block a line that begins with `$ ` is a command, and what follows is what it prints, `…` standing for any
text. What a block needs besides a shell stands in comments directly above it:

    <!-- not run: REASON -->       it is only parsed: what it names must exist
    <!-- typed: THIS, THAT -->     it asks on a terminal, and is given these answers
    <!-- exits with: 1 -->         the status of its last command
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
"""The pages whose commands and snippets all run."""

LINKED = (*RUN, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/README.md", "examples/README.md")
"""The pages whose links all lead somewhere."""

INSTALLS = "pip install . && "
"""What a command may begin with that is run where the package is installed already."""

_BLOCK = re.compile(
    r"(?P<marks>(?:^<!-- [^\n]* -->\n)*)^```(?P<language>[\w-]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"^<!-- (?P<name>not run|typed|exits with): (?P<value>.+) -->$", re.MULTILINE)
_COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A command line, what is printed after it where the page says so, and its exit status."""

    line: str
    output: str
    status: int = 0


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def is_run(self) -> bool:
        return "not run" not in self.marks

    @property
    def answers(self) -> list[str] | None:
        """What is typed; None where nothing asks."""
        return self.marks["typed"].split(", ") if "typed" in self.marks else None

    @property
    def commands(self) -> list[Command]:
        pieces = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not pieces[0], f"{self.page}:{self.line} begins with no command"
        last = len(pieces) - 1
        status = int(self.marks.get("exits with", "0"))
        return [
            # A comment behind a command is for the reader.
            Command(re.split(r"\s+#\s", line)[0].rstrip(), output, status if place == last else 0)
            for place, piece in enumerate(pieces[1:], start=1)
            for line, _, output in [piece.partition("\n")]
        ]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    text = text_of(page)
    return [
        Block(
            page,
            text.count("\n", 0, found.start("language")) + 1,
            found["language"],
            found["text"],
            dict(_MARK.findall(found["marks"])),
        )
        for found in _BLOCK.finditer(text)
        if not languages or found["language"] in languages
    ]


def prose(page: str) -> str:
    """The page without its blocks and comments."""
    return _COMMENT.sub("", _BLOCK.sub("", text_of(page)))


def inline_code(page: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


def anchors(page: str) -> set[str]:
    """What `#…` may name, by the rules of the pages' most usual reader."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


def links(page: str) -> Iterator[str]:
    text = prose(page)
    yield from re.findall(r"\]\(([^()\s]+)\)", text)
    yield from re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.MULTILINE)


def shows(page: str, output: str) -> bool:
    """Whether what was printed is what a page shows: `…` is any text, the spaces at the ends of lines do not count."""
    wanted = re.escape(_without_ends(page)).replace("…", r"[\s\S]*?")
    return re.fullmatch(wanted, _without_ends(output)) is not None


def _without_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
