"""What can go wrong with an MCP client's configuration file. The file is then as it was."""

from convirza_mcp.errors import ConvirzaError


class ClientNotFoundError(ConvirzaError):
    """The client does not seem to be installed."""

    code = "client_not_found"


class ClientConfigError(ConvirzaError):
    """The configuration file cannot be read, or cannot be changed safely."""

    code = "client_config"


class ClientConfigChangedError(ClientConfigError):
    """Another program wrote the configuration file between its reading and its replacement."""

    code = "client_config_changed"


class ServerNameTakenError(ClientConfigError):
    """The configuration has another server under the name that ours was to have."""

    code = "server_name_taken"
