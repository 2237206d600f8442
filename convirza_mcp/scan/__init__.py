"""Read all pages of a view, and report the coverage."""
