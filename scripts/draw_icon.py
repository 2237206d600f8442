"""Draw the icon of the packages: a text message that waits.

    python scripts/draw_icon.py

It needs only the standard library, so that the icon can be changed without a drawing program.
"""

import struct
import zlib
from math import hypot
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (ROOT / "packaging/mcpb/icon.png", ROOT / "packaging/claude-plugin/.claude-plugin/icon.png")
SIZE = 512

_TEAL = (13, 110, 102)
_WHITE = (255, 255, 255)


def _rounded(x: float, y: float, left: float, top: float, right: float, bottom: float, radius: float) -> float:
    """Return the point's distance from a rectangle with round corners; negative inside."""
    dx = abs(x - (left + right) / 2) - (right - left) / 2 + radius
    dy = abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius
    return hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius


def _stroke(x: float, y: float, ax: float, ay: float, bx: float, by: float, width: float) -> float:
    """Return the point's distance from a line with round ends."""
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    along = min(max(along, 0), 1)
    return hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) - width / 2


def _tail(x: float, y: float) -> float:
    """Return the point's distance from the bubble's triangle."""
    return max(150 - x, 330 - y, ((x - 232) * 86 + (y - 330) * 82) / hypot(86, 82))


def _pixel(x: float, y: float) -> tuple[int, int, int, int]:
    ground = _rounded(x, y, 0, 0, SIZE, SIZE, 112)
    if not (83 < x < 429 and 99 < y < 417):
        return *_TEAL, round(255 * _covered(ground))
    bubble = min(_rounded(x, y, 84, 100, 428, 340, 84), _tail(x, y))
    hands = min(_stroke(x, y, 256, 220, 256, 152, 30), _stroke(x, y, 256, 220, 312, 252, 30))
    white = _covered(max(bubble, -hands))
    red, green, blue = (round(teal + (full - teal) * white) for teal, full in zip(_TEAL, _WHITE, strict=True))
    return red, green, blue, round(255 * _covered(ground))


def _covered(distance: float) -> float:
    """Return the share of a pixel that is inside."""
    return min(max(0.5 - distance, 0), 1)


def rows() -> bytes:
    """Return the picture as PNG needs it before compression: a zero before each row, four bytes a pixel."""
    picture = bytearray()
    for row in range(SIZE):
        picture.append(0)
        for column in range(SIZE):
            picture += bytes(_pixel(column + 0.5, row + 0.5))
    return bytes(picture)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png() -> bytes:
    """Return the whole file."""
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows(), 9)), _chunk(b"IEND", b""))
    )


if __name__ == "__main__":
    drawn = png()
    for target in TARGETS:
        target.write_bytes(drawn)
