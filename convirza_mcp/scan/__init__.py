"""Reading all pages of a view, and what that covers."""
