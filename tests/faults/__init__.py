"""A server that fails on purpose and remembers every byte it was sent.

>>> with FaultServer(reset_after(40), page()) as convirza:
...     ...  # a client of `convirza.base_url` meets a broken connection, then a good page
>>> [request.method for request in convirza.requests]
['GET', 'GET']
"""

from faults.answers import Answer, cookie, html, json_body, page, redirect, status
from faults.bombs import flood, gzip_bomb, gzipped, nested_encodings
from faults.breaks import broken_gzip, nonsense, reset_after, too_much, truncated, truncated_chunks
from faults.recording import Connection, Request
from faults.server import FaultServer, closed_port
from faults.slow import drip, hang, late, shuffled_latency

__all__ = [
    "Answer",
    "Connection",
    "FaultServer",
    "Request",
    "broken_gzip",
    "closed_port",
    "cookie",
    "drip",
    "flood",
    "gzip_bomb",
    "gzipped",
    "hang",
    "html",
    "json_body",
    "late",
    "nested_encodings",
    "nonsense",
    "page",
    "redirect",
    "reset_after",
    "shuffled_latency",
    "status",
    "too_much",
    "truncated",
    "truncated_chunks",
]
