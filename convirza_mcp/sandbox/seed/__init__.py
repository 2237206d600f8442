"""The sandbox's inbox: people, messages and times from a seed."""
