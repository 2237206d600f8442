"""Errors about an MCP client's configuration file. The file is then unchanged."""

from convirza_mcp.errors import ConvirzaError


class ClientNotFoundError(ConvirzaError):
    """The client does not seem to be installed."""

    code = "client_not_found"


class ClientConfigError(ConvirzaError):
    """The configuration file cannot be read, or cannot be changed safely."""

    code = "client_config"


class ClientConfigChangedError(ClientConfigError):
    """Another program changed the configuration file between read and replacement."""

    code = "client_config_changed"


class ServerNameTakenError(ClientConfigError):
    """The configuration already has another server of the wanted name."""

    code = "server_name_taken"
