"""Count o200k tokens exactly without a network, and compare the server's estimate.

python benchmarks/o200k.py --prepare DIR              # once: fetch the ranks through pip
O200K_RANKS=DIR python benchmarks/o200k.py --count    # tokens of standard input
O200K_RANKS=DIR SMS_TEXTS=FOLDER python benchmarks/o200k.py --calibration
"""

import argparse
import functools
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import tiktoken

# tiktoken looks for the ranks under the SHA-1 of their address. This name and digest are its own for o200k_base.
RANKS = "fb374d419588a4632f3f557e76b4b70aebbca790"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
# tiktoken itself downloads them; this package has them in its wheel. Its dependencies are not needed.
CARRIER = "litellm"
ROWS = 50


def prepare(folder: Path) -> Path:
    """Put the ranks into `folder`, unless they are there."""
    target = folder / RANKS
    if _is_whole(target):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as wheels:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            wheels,
            CARRIER,
        ]
        subprocess.run(pip, check=True)
        (wheel,) = Path(wheels).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            name = next((n for n in archive.namelist() if n.endswith(f"/{RANKS}")), None)
            if name is None:
                raise SystemExit(f"{wheel.name} does not carry the o200k ranks")
            target.write_bytes(archive.read(name))
    if not _is_whole(target):
        raise SystemExit(f"{target} is not the o200k ranks file that tiktoken expects")
    return target


def _is_whole(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256


@functools.cache
def encoder() -> tiktoken.Encoding:
    """The o200k tokenizer, with the ranks of the folder that `O200K_RANKS` names."""
    folder = Path(os.environ.get("O200K_RANKS", ""))
    # Without this check tiktoken would try the network.
    if not _is_whole(folder / RANKS):
        raise SystemExit("O200K_RANKS must name the folder that `python benchmarks/o200k.py --prepare DIR` filled")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    return tiktoken.get_encoding("o200k_base")


def count(text: str) -> int:
    """The tokens of `text`; what looks like a special token is text too."""
    return len(encoder().encode(text, disallowed_special=()))


def calibration() -> None:
    """Print the lowest, median and highest estimate over the exact count, for results of 50 rows of real texts."""
    from convirza_mcp.text.tokens import estimate_tokens

    lines = (Path(os.environ["SMS_TEXTS"]) / "sms-texts.tsv").read_text(encoding="utf-8").split("\n")
    texts = [line.split("\t", 1)[1] for line in lines if "\t" in line]
    forms: tuple[Callable[[list[str]], str], ...] = ("\n".join, _rows, _raw)
    for name, form in zip(("messages", "rows", "raw bodies"), forms, strict=True):
        results = [form(texts[at : at + ROWS]) for at in range(0, len(texts) - ROWS + 1, ROWS)]
        ratios = [estimate_tokens(result) / count(result) for result in results]
        print(
            f"{name:12}{min(ratios):8.3f}{statistics.median(ratios):8.3f}{max(ratios):8.3f}  ({len(results)} results)"
        )


def _numbered(texts: list[str]) -> Iterator[tuple[int, str, str]]:
    """Texts with an id and a phone number as ragged as real ones, the same in every run."""
    for text in texts:
        seed = int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)
        yield seed % 10**7, f"1{2 * 10**9 + seed % (8 * 10**9)}", text


def _rows(texts: list[str]) -> str:
    head = {
        "type": "allOpen",
        "total": len(texts),
        "columns": ["conversation_id", "source", "unread_count", "agent", "message"],
    }
    rows = ([number, "11-23 08:35", "John Doe", phone, 2, None, text[:160]] for number, phone, text in _numbered(texts))
    return _compact(head)[:-1] + ',"rows":[\n' + ",\n".join(map(_compact, rows)) + "\n]}"


def _raw(texts: list[str]) -> str:
    conversations = [
        {
            "conversation_id": number,
            "phone_number": "18015557654",
            "first_response_time": "00:03:21",
            "avg_response_time": "00:04:15",
            "sms_type": "incoming",
            "conversation_started": "2026-03-05T10:30:00.000Z",
            "conversation_updated": "2026-03-05T10:35:00.000Z",
            "source": phone,
            "source_name": "John Doe",
            "conversation_status": "unread",
            "ct_user_id": 501,
            "pin": True,
            "message": text,
            "unread_count": 2,
            "agent": "John Doe",
            "closed_at": None,
        }
        for number, phone, text in _numbered(texts)
    ]
    return _compact({"code": 200, "message": "Success", "data": {"total": len(texts), "conversation": conversations}})


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--prepare", type=Path, metavar="DIR", help="put the ranks into DIR")
    action.add_argument("--count", action="store_true", help="count the tokens of standard input")
    action.add_argument("--calibration", action="store_true", help="compare the estimate with the exact count")
    arguments = parser.parse_args()
    if arguments.prepare:
        print(prepare(arguments.prepare))
    elif arguments.count:
        print(count(sys.stdin.read()))
    else:
        calibration()


if __name__ == "__main__":
    main()
