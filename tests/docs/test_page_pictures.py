"""The pictures of the page are PNG of a size that directories take, and of the page as it is today."""

import struct
from pathlib import Path

import pytest

from support.documents import RUN, links
from support.packages import ROOT, script

pictures = script("page_pictures")
FOLDER = ROOT / "docs" / "pictures"


async def test_they_are_of_today_s_page_and_answers() -> None:
    # `python scripts/page_pictures.py` draws them anew.
    assert pictures.STAMP.read_text(encoding="utf-8") == pictures.stamp(await pictures.documents())


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_each_is_wide_enough_for_a_directory(name: str) -> None:
    head = (FOLDER / f"{name}.png").read_bytes()[:24]

    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    assert width >= 1_000
    assert height >= 400


def test_each_is_shown_somewhere() -> None:
    shown = {Path(link).stem for page in RUN for link in links(page) if link.endswith(".png")}

    assert shown == set(pictures.PICTURES) == {each.stem for each in FOLDER.glob("*.png")}
