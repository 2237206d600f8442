"""Meaning of conversations: who waits, who opted out, how fast the team replies."""
