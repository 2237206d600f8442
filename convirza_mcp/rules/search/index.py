"""Search index: the folded texts of conversations, cached with their view."""

from collections.abc import Iterable, Sequence

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import WholeView
from convirza_mcp.text.clean import clean, needs_cleaning
from convirza_mcp.text.entities import decoded
from convirza_mcp.text.fold import fold
from convirza_mcp.text.phone import digits_of

MAX_KEPT = 64 * 2**20
"""Limit in bytes, per view. Texts beyond it are folded again for each search."""

_DERIVED = "searched"


class Searched:
    """One conversation with its folded texts."""

    __slots__ = ("conversation", "message", "name")

    def __init__(self, conversation: Conversation, message: str, name: str) -> None:
        self.conversation = conversation
        self.message = message
        self.name = name

    @property
    def source(self) -> str:
        return digits_of(self.conversation.source)

    @property
    def line(self) -> str:
        return digits_of(self.conversation.phone_number)

    @property
    def senders(self) -> Sequence[str]:
        """Return the folded numbers that are words, such as senders with a name instead of a number."""
        source, line = self.conversation.source, self.conversation.phone_number
        if (not source or source.isdecimal()) and (not line or line.isdecimal()):
            return ()
        return [_folded(each) for each in (source, line) if each and not each.isdecimal()]


class SearchedTexts:
    """Folded texts of conversations, each folded once while the cache has space, in bytes."""

    def __init__(self, max_bytes: int = MAX_KEPT) -> None:
        self._bytes_left = max_bytes
        # One dict per field: tens of thousands of objects that hold others would trigger a full garbage collection,
        # which takes longer than a search.
        self._conversations: dict[int, Conversation] = {}
        self._messages: dict[int, str | None] = {}
        self._names: dict[int, str] = {}

    def of(self, conversation: Conversation) -> Searched:
        key = conversation.conversation_id
        if self._conversations.get(key) is conversation:
            message, name = self._messages[key], self._names[key]
        else:
            # Most messages are clean ASCII. Folding those again is cheaper than keeping them in memory.
            message = None if _is_plain(conversation.message) else _folded(conversation.message)
            name = _folded(conversation.source_name)
            self._keep(conversation, message, name)
        return Searched(conversation, (conversation.message or "").lower() if message is None else message, name)

    def _keep(self, conversation: Conversation, message: str | None, name: str) -> None:
        key = conversation.conversation_id
        if key in self._conversations:
            # Unchanged since an earlier scan, or also in another view.
            self._bytes_left += _size(self._messages[key], self._names[key])
            del self._conversations[key], self._messages[key], self._names[key]
        size = _size(message, name)
        if size <= self._bytes_left:
            self._bytes_left -= size
            self._conversations[key], self._messages[key], self._names[key] = conversation, message, name


def texts_kept(held: Iterable[WholeView], window: Window) -> SearchedTexts:
    """Return the texts cached with the view of this window (of several, the first by name), or new ones."""
    of_window = [view for view in held if view.window == window]
    if not of_window:
        return SearchedTexts()
    derived = min(of_window, key=lambda view: view.type).derived
    texts: SearchedTexts = derived.setdefault(_DERIVED, SearchedTexts())
    return texts


def _size(message: str | None, name: str) -> int:
    # About as `sys.getsizeof`, in a fifth of its time: folded texts are nearly always ASCII.
    return len(name) + (len(message) if message else 0) + 100


def _is_plain(text: str | None) -> bool:
    return not text or (text.isascii() and (text.isprintable() or not needs_cleaning(text)) and "&" not in text)


def _folded(text: str | None) -> str:
    if not text:
        return ""
    # Some gateways escape twice: find "O'Brien" in the `O&#39;Brien` that is left.
    text = decoded(text)
    # Names are short, so for most of them this is the whole cost.
    if text.isascii() and text.isprintable():
        return text.lower()
    return fold(clean(text) if needs_cleaning(text) else text)
