"""A stand-in for a company's identity provider: publishes keys, and signs tokens with them."""

import json
import time
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

ISSUER = "https://login.example.com/realms/acme"


class Provider:
    """`requests` are the paths asked for. `is_down` has every request fail."""

    def __init__(self, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.requests: list[str] = []
        self.is_down = False
        self.only_rfc_8414 = False
        self.keys: dict[str, Any] = {}
        self.add_key("first", "RS256")

    def add_key(self, kid: str, algorithm: str) -> None:
        private: Any
        if algorithm[:2] in ("RS", "PS"):
            private = rsa.generate_private_key(65_537, 2_048)
            public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        elif algorithm[:2] == "ES":
            private = ec.generate_private_key(ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1())
            public = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        else:
            private = ed25519.Ed25519PrivateKey.generate()
            public = jwt.algorithms.OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self.keys[kid] = (private, public | {"kid": kid, "use": "sig"}, algorithm)

    def token(self, kid: str = "first", header: dict[str, Any] | None = None, **changed: Any) -> str:
        """An access token for a minute; a claim that is changed to None is left out."""
        private, _, algorithm = self.keys[kid]
        claims = {
            "iss": self.issuer,
            "sub": "00u1priya",
            "aud": "https://sms.example.com/mcp",
            "exp": int(time.time()) + 60,
            "scope": "openid sms:read",
            "groups": ["support"],
        } | changed
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, private, algorithm, headers={"typ": "at+jwt", "kid": kid} | (header or {}))

    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.requests.append(path)
        if self.is_down:
            raise httpx2.ConnectError("down")
        base = httpx2.URL(self.issuer).path
        document = {"issuer": self.issuer, "jwks_uri": "https://keys.example.com/jwks"}
        if path == "/jwks":
            return httpx2.Response(200, json={"keys": [public for _, public, _ in self.keys.values()]})
        if path == f"{base}/.well-known/openid-configuration" and not self.only_rfc_8414:
            return httpx2.Response(200, json=document)
        if path == f"/.well-known/oauth-authorization-server{base}":
            return httpx2.Response(200, content=json.dumps(document))
        return httpx2.Response(404, text="no")
