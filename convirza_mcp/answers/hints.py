"""How a sentence names what to ask for: in a tool's own words, or in those of another way in, such as a command."""


class Wording:
    """In a tool's words: arguments, tools and counts by their names."""

    def argument(self, name: str, value: object = None) -> str:
        """A parameter, with the value to give it where there is one."""
        return name if value is None else f"{name}={value}"

    def tool(self, name: str) -> str:
        return name

    def figure(self, name: str) -> str:
        """A count that the answer gives."""
        return name


IN_TOOLS = Wording()
