"""Terminal control sequences, and the one-byte quotes and dashes that share their code points.

ECMA-48 gives U+0080-009F to terminal control: U+009B opens a sequence as `ESC [` does. In the texts of phones the same
code points are Windows-1252 bytes that some software did not convert: U+0092 is an apostrophe, U+009B a `›`. The rule
to distinguish them:

* ESC begins a control sequence, complete or not. ESC is never a letter.
* U+0080-009F begins one only if it is complete, and in plain ASCII: U+009B, at least one parameter byte and a final
  byte, without spaces; or U+0090, 0098, 009D, 009E, 009F, printable characters and a terminator.
* Every other U+0080-009F is a Windows-1252 byte. Five of them are undefined and left for the caller to drop.

So `›5m` in raw bytes loses its `5m` too, but a text that only uses these letters keeps all its words, and no
U+0080-009F remains that a terminal could obey.
"""

import re

from convirza_mcp.text.graphemes import compiled
from convirza_mcp.text.invisible import SELECTORS

_BYTES = bytes(range(0x80, 0xA0)).decode("cp1252", "surrogateescape")
_WINDOWS_1252 = [
    (chr(code), character)
    for code, character in enumerate(_BYTES, start=0x80)
    if not 0xDC80 <= ord(character) <= 0xDCFF
]

_INTRODUCER = re.compile(r"[\x1b\x90\x98\x9b\x9d-\x9f]")

# Possessive throughout, and no body contains the start of another sequence, so it is linear on any input.
# It begins with a set, because `re` looks for one of its characters much faster.
_SEQUENCE = rf"""{_INTRODUCER.pattern} (?:
  (?<=\x1b) (?:
    \[ [0-?]*+ [ -/]*+ [@-~]?                                          # CSI: parameters, intermediates, final byte
  | \] [^\x07\x18\x1a\x1b\x9c]*+ (?: [\x07\x9c] | \x1b\\ )?            # OSC: ended by BEL or ST
  | [PX^_] [^\x18\x1a\x1b\x9c]*+ (?: \x9c | \x1b\\ )?                  # DCS, SOS, PM, APC: ended by ST
  | [\x20-/]*+ [0-~]                                                   # ESC and a final byte
  |                                                                    # ESC alone
  )
| (?<=\x9b) [0-?]++ [!-/]*+ [@-~]
| (?<=\x9d) [\x20-~]++ (?: [\x07\x9c] | \x1b\\ )
| (?<=[\x90\x98\x9e\x9f]) [\x20-~]++ (?: \x9c | \x1b\\ )
)"""

# A following variation selector belongs to the sequence, not to the character before it.
_SEQUENCES = f"(?x) {_SEQUENCE} (?: {_SEQUENCE} )*+ [{SELECTORS}]*+"


def without_terminal_sequences(text: str) -> str:
    """Return the text without control sequences. No ESC remains, and only U+0080-009F that are Windows-1252 bytes.

    An unterminated string (OSC, DCS, …) extends to the next ESC, CAN or SUB, or to the end of the text, as on a
    terminal.
    """
    return text if _INTRODUCER.search(text) is None else "".join(compiled(_SEQUENCES).split(text))


def with_windows_1252(text: str) -> str:
    """Return the text with each U+0080-009F replaced by its Windows-1252 character, where one is defined.

    U+0085 becomes `…`; its other meaning, a line separator, does not occur in text messages.
    """
    for byte, character in _WINDOWS_1252:
        if byte in text:
            text = text.replace(byte, character)
    return text
