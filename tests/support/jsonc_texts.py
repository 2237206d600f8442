"""JSON texts as people and programs leave them, for hypothesis: any spacing, comments, commas at the end."""

import json
from typing import Any

from hypothesis import strategies as st

KEYS = st.text(max_size=6).filter(lambda key: key not in ("servers", "mcpServers", "inputs", "convirza"))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(max_size=12),
    st.sampled_from(["//", "/*", ",}", '"']),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
SERVERS = st.dictionaries(KEYS, st.fixed_dictionaries({"command": st.text(max_size=8)}), max_size=3)
INPUTS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["a", "b"]), "type": st.just("promptString")}), max_size=2
)


@st.composite
def documents(draw: st.DrawFn, section: str, *, with_inputs: bool = False) -> dict[str, Any]:
    """A configuration, with and without servers, in any order of its keys."""
    members: dict[str, Any] = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    if draw(st.booleans()):
        members[section] = draw(SERVERS)
    if with_inputs and draw(st.booleans()):
        members["inputs"] = draw(INPUTS)
    return dict(draw(st.permutations(list(members.items()))))


@st.composite
def jsonc(draw: st.DrawFn, value: Any, *, newline: str = "\n") -> str:
    """`value` as a text, with white space and comments anywhere and a comma after any last item."""
    gaps = [
        *("", "", " ", "\t", "\n", "\n  ", "\n\n\t", "/* a, b: {[ */", " /**/\n", '// note }]",\n'),
        *("\n  //\n  ", "/*\n*/ // \n"),
    ]
    between = st.sampled_from([gap.replace("\n", newline) for gap in gaps])

    def text(each: Any) -> str:
        match each:
            case dict():
                return _in_brackets("{}", [f"{_key(key)}{gap()}:{gap()}{text(item)}" for key, item in each.items()])
            case list():
                return _in_brackets("[]", [text(item) for item in each])
            case _:
                return json.dumps(each, ensure_ascii=draw(st.booleans()))

    def _key(key: str) -> str:
        return json.dumps(key, ensure_ascii=draw(st.booleans()))

    def _in_brackets(brackets: str, items: list[str]) -> str:
        inside = f"{gap()},".join(gap() + item for item in items)
        comma = f"{gap()}," if items and draw(st.booleans()) else ""
        return brackets[0] + inside + comma + gap() + brackets[1]

    def gap() -> str:
        return draw(between)

    return gap() + text(value) + gap()
