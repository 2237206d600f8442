"""The pictures show what the commands print today, and can be read on every page."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from support.documents import RUN, links, text_of
from support.packages import script

pictures = script("terminal_pictures")
NAMES = sorted(pictures.PICTURES)
_SVG = "{http://www.w3.org/2000/svg}"
_LEAST_CONTRAST = 4.5


def svg(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(text_of(f"docs/pictures/{name}.svg"))


def lines_of(picture: ElementTree.Element) -> list[str]:
    """The lines of the terminal: a picture holds them in pieces, with a height for each."""
    matrix = next(each for each in picture.iter(f"{_SVG}g") if each.get("class", "").endswith("-matrix"))
    lines: dict[float, list[tuple[float, str]]] = {}
    for piece in matrix.iter(f"{_SVG}text"):
        text = "".join(piece.itertext()).replace("\xa0", " ").rstrip("\n")
        lines.setdefault(float(piece.get("y", "0")), []).append((float(piece.get("x", "0")), text))
    assert all(before < after for before, after in pairwise(lines))
    return ["".join(text for _, text in sorted(pieces)).rstrip() for pieces in lines.values()]


def test_what_they_show_is_what_is_printed() -> None:
    for name, screen in pictures.screens(colors=False):
        shown = [line for line in lines_of(svg(name)) if line]
        # In a picture spaces are places, and no text.
        printed = ["".join(line.split()) for line in screen.splitlines()]
        assert ["".join(line.split()) for line in shown] == [line for line in printed if line]


@pytest.mark.parametrize("name", NAMES)
def test_the_command_above_is_the_one_that_was_run(name: str) -> None:
    picture = svg(name)
    title = picture.find(f"{_SVG}title")
    assert title is not None
    assert shlex.split(title.text or "") == ["$", "convirza-mcp", *pictures.PICTURES[name]]


@pytest.mark.parametrize("name", NAMES)
def test_every_colour_can_be_read_on_the_background_that_is_brought_along(name: str) -> None:
    text = text_of(f"docs/pictures/{name}.svg")
    background = re.search(r'<rect fill="(#[0-9a-f]{6})"', text)
    assert background is not None
    colours = set(re.findall(r"fill: (#[0-9a-f]{6})", text))

    contrasts = {each: round(contrast(each, background[1]), 1) for each in colours}
    assert {each: value for each, value in contrasts.items() if value < _LEAST_CONTRAST} == {}
    assert len(colours) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    text = text_of(f"docs/pictures/{name}.svg").replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert re.findall(r"https?://|@import|@font-face|<script|href=", text.replace("https://example.com", "")) == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(link).name for page in RUN for link in links(page) if link.endswith(".svg")}

    assert shown == {f"{name}.svg" for name in NAMES}


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines count it: 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
