"""What an answer says: records, rows, the budget they must fit, and the words around them. Knows nothing of MCP."""
