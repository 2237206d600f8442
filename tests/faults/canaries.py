"""Secrets and personal data that must turn up nowhere, and where they are looked for."""

import logging
import traceback
from collections.abc import Iterable, Iterator

TOKEN = "CNVZ-AT-7f3e9d"
PHONE = "+14155550142"
NAME = "Zyxwv Qanary"
MESSAGE = "canary-sms-8841"

# Parts of them too: however a number or a name is written or encoded, these runs stay whole.
_TRACES = (TOKEN, "7f3e9d", "4155550142", "5550142", "Zyxwv", "Qanary", MESSAGE)


def canaries_in(text: str) -> list[str]:
    """The traces of canaries that stand in `text`."""
    return [trace for trace in _TRACES if trace.lower() in text.lower()]


def everything_said_by(error: BaseException) -> str:
    """What the error and all errors behind it say, as a log or a debugger would show them."""
    # Shown even where `from None` hides it from an ordinary traceback.
    said = [f"{each} {each!r} {each.args!r} {getattr(each, '__notes__', '')}" for each in _behind(error)]
    return "\n".join([*said, *traceback.format_exception(error)])


def everything_logged(records: Iterable[logging.LogRecord]) -> str:
    """What the records say, with every attribute that a structured log would write."""
    return "\n".join(f"{record.getMessage()} {vars(record)!r} {_traceback(record)}" for record in records)


def _behind(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [behind for behind in (each.__cause__, each.__context__) if behind is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _traceback(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    return everything_said_by(record.exc_info[1])
