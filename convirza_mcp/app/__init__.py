"""The picture of an answer: one HTML page for chats that render MCP Apps, and the same page as a report file."""
