"""A window in pieces, where Convirza refuses the whole.

The documentation names no longest window for conversations; a neighbouring endpoint allows 31 days.
"""

from dataclasses import replace
from datetime import timedelta

from convirza_mcp.api.query import ConversationQuery

LONGEST_PIECE = timedelta(days=31)


def in_pieces(query: ConversationQuery) -> list[ConversationQuery]:
    """The query over its window in pieces of `LONGEST_PIECE` at most, in the query's order.

    Pieces touch: whether ends count is undocumented, and a conversation that comes twice is told by its id.
    One piece means that the window is short enough, or that the query has none.
    """
    if query.start is None or query.end is None:
        return [query]
    pieces = []
    start, end = query.start, query.end
    while end - start > LONGEST_PIECE:
        if query.order == "asc":
            pieces.append(replace(query, start=start, end=start + LONGEST_PIECE))
            start += LONGEST_PIECE
        else:
            pieces.append(replace(query, start=end - LONGEST_PIECE, end=end))
            end -= LONGEST_PIECE
    return [*pieces, replace(query, start=start, end=end)]
