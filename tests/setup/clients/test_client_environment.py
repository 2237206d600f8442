"""What servers get of their client's environment, as the clients were seen to hand it on."""

from convirza_mcp.setup.clients.known import CLIENTS

ENVIRON = {
    "CONVIRZA_TOKEN": "t",
    "CONVIRZA_TIMEZONE": "UTC",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "https_proxy": "http://ana:secret@proxy.example:3128",
    "SSL_CERT_FILE": "/ca.pem",
    "SSL_CERT_DIR": "/certificates",
    "XDG_STATE_HOME": "/state",
}


def test_each_client_hands_on_its_own() -> None:
    nothing: list[str] = []
    assert {name: list(client.inherited(ENVIRON)) for name, client in CLIENTS.items()} == {
        "claude-desktop": nothing,
        "claude-code": list(ENVIRON),
        "cursor": nothing,
        "vscode": nothing,
        "windsurf": nothing,
        "codex": ["SSL_CERT_FILE"],
        "goose": nothing,
        "gemini-cli": ["CONVIRZA_TIMEZONE", "HTTPS_PROXY", "XDG_STATE_HOME"],
    }
    assert CLIENTS["claude-code"].inherited(ENVIRON) == ENVIRON
