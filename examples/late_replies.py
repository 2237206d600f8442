"""Print the conversations that started waiting since the last run, for a scheduled job, through `Inbox`.

python examples/late_replies.py [--demo] [STATE]    reads your inbox; with --demo the demo inbox, without an account
STATE is a small file of conversation ids and times, beside this program by default.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import anyio

from convirza_mcp import ConvirzaError, Inbox
from convirza_mcp.questions.waiting import WaitingConversations


async def who_waits(environ: dict[str, str]) -> WaitingConversations:
    async with Inbox.from_environment(environ) as inbox:
        return await inbox.waiting()


def main(state: Path, *, demo: bool) -> None:
    try:
        previous = {} | json.loads((state.exists() and state.read_text(encoding="utf-8")) or "{}")
    except (OSError, TypeError, ValueError):
        sys.exit(f"{state} was not written by this program. Delete it to start over, or name another file.")
    # The whole environment: it holds the login, the privacy mode and the time zone.
    environ = {**os.environ, **({"CONVIRZA_DEMO": "true"} if demo else {})}
    try:
        answer = anyio.run(who_waits, environ)
    except ConvirzaError as error:
        sys.exit(str(error))
    waiting = {}
    for each in answer.rows:
        conversation, updated = each.conversation, each.conversation.conversation_updated
        # No year: the window is 30 days.
        since = "" if updated is None else f"{answer.window.local(updated):%m-%d %H:%M}"
        waiting[str(conversation.conversation_id)] = since
        if previous.get(str(conversation.conversation_id)) != since:
            wait = each.wait and each.wait // timedelta(minutes=1) * timedelta(minutes=1)
            message = " ".join((conversation.message or "").split())[:80]
            print(wait, conversation.source or "-", message or "-", ", ".join(each.reasons), sep="  ")
    if not answer.coverage.complete:
        read, why = answer.coverage.read, answer.coverage.reason
        print(f"Only {read} of the conversations could be read: {why}", file=sys.stderr)
    # Contacts missing from an incomplete list may still wait. Write, then rename: an aborted run keeps the old state.
    written = state.with_name(f"{state.name}.{os.getpid()}")
    written.write_text(json.dumps(waiting if answer.coverage.complete else previous | waiting), encoding="utf-8")
    written.replace(state)


if __name__ == "__main__":
    options, named = ([each for each in sys.argv[1:] if (each == "--demo") is demo] for demo in (True, False))
    if named[1:] or Path(*named).name.startswith("-"):
        sys.exit(__doc__)
    beside = Path(__file__).with_name("late_replies_demo_state.json" if options else "late_replies_state.json")
    main(Path(*named) if named else beside, demo=bool(options))
