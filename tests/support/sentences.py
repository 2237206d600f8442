"""The sentences that the code can say, collected from its source; `…` stands where a value goes in."""

import ast
import re
from functools import cache

from convirza_mcp import errors
from convirza_mcp.setup import errors as setup_errors
from support.documents import ROOT

PACKAGE = ROOT / "convirza_mcp"
# Raised where a program is written wrongly, or as another class by whoever catches it.
_OURS = {
    *(name for module in (errors, setup_errors) for name in vars(module) if name.endswith("Error")),
    "ClickException",
    "kind",
}
_FEWEST_WORDS = 3


def _template(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(each.value if isinstance(each, ast.Constant) else "…" for each in values)  # type: ignore[misc]
        case _:
            return None


def _is_sentence(text: str | None) -> bool:
    return text is not None and len(re.findall(r"[A-Za-z]{2,}", text)) >= _FEWEST_WORDS


@cache
def _nodes() -> tuple[ast.AST, ...]:
    # The sandbox's are about its own options.
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if "sandbox" not in path.relative_to(PACKAGE).parts[:1])
    return tuple(node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def raised() -> frozenset[str]:
    """What is handed to our exceptions where they are made, in the words that are there."""
    found: set[str] = set()
    for node in _nodes():
        arguments: list[ast.expr] = []
        remedies: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=named) if (
                name in _OURS
            ):
                arguments = args
                remedies = [each.value for each in named if each.arg == "remedy"]
            case ast.Tuple(elts=[ast.Name(id=name), message, remedy]) if name in _OURS:
                arguments, remedies = [message], [remedy]
        remedy = "".join(f" {_template(each) or '…'}" for each in remedies)
        sentences = [text for each in arguments if (text := _template(each)) and " " in text]
        found |= {text + remedy for text in sentences if _is_sentence(text + remedy)}
    return frozenset(found)


def without_remedy() -> set[str]:
    """The classes of errors that are made somewhere without a remedy."""
    return {
        node.func.id
        for node in _nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _OURS - {"ClickException"}
        and not any(each.arg == "remedy" for each in node.keywords)
    }


@cache
def said() -> frozenset[str]:
    """Every text in the code that may be one, whatever becomes of it."""
    return frozenset(text for node in _nodes() if (text := _template(node)) is not None and _is_sentence(text))


def expression(text: str) -> str:
    """`text` with its `…` as any text."""
    return re.escape(text).replace("…", ".*")
