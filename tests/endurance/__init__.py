"""Many thousand calls through one real server process, over a Convirza that fails now and then."""
