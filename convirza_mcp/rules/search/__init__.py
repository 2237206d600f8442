"""Searching texts: the query, the index of a cached view, and excerpts around a hit."""
