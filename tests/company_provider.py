"""A company's sign-in: an OpenID Connect provider on loopback, with keys of its own.

It checks what a provider must: the client and its secret, the address to come back to, each code
once, and PKCE. What it claims can be changed, for whoever tries to get in by a wrong token.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp.web import (
    Application,
    AppRunner,
    HTTPBadRequest,
    HTTPSeeOther,
    Request,
    Response,
    TCPSite,
    get,
    json_response,
    post,
)
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from tests.nodes import free_port

CLIENT, SECRET = "showroom", "a secret: 50% of the client"
# As a form writes them (RFC 6749, 2.3.1).
LOGIN = "showroom:a+secret%3A+50%25+of+the+client"
Claims = dict[str, Any]
Sign = Callable[["Provider", Claims], str]


def signed(provider: "Provider", claims: Claims) -> str:
    """Sign as the provider does."""
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


def unsigned(_: "Provider", claims: Claims) -> str:
    """Claim anything, signed by nobody (`alg: none`)."""
    parts = ('{"alg":"none"}', json.dumps(claims), "")
    return ".".join(base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in parts)


def signed_by_another(provider: "Provider", claims: Claims) -> str:
    """Sign with a key that only calls itself the provider's."""
    thief = RSAKey.generate_key(2048, {"kid": str(provider.key.kid)})
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, thief)


def signed_by_the_secret(_: "Provider", claims: Claims) -> str:
    """Sign with the secret that client and provider share (`alg: HS256`)."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


@dataclass
class Provider:
    """What the provider knows, and how it behaves."""

    url: str
    back: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    person: Claims = field(default_factory=dict)
    changes: Claims = field(default_factory=dict)
    sign: Sign = signed
    padding: int = 200_000
    # Keys beside its own; what it tells of a person elsewhere; what else it tells of itself.
    strange_keys: list[Claims] = field(default_factory=list)
    told_elsewhere: Claims = field(default_factory=dict)
    ways: Claims = field(default_factory=dict)
    # A provider must take each code once. One that does not shows whether we do.
    takes_codes_again: bool = False
    close: Callable[[], Awaitable[None]] = field(init=False)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    async def discovery(self, _: Request) -> Response:
        return json_response(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                **self.ways,
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query)
        right = (asked["client_id"], asked["redirect_uri"]) == (CLIENT, self.back)
        if not right or asked["code_challenge_method"] != "S256":
            raise HTTPBadRequest
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        raise HTTPSeeOther(f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: Request) -> Response:
        form = await request.post()
        asked = self.codes.get(str(form["code"]))
        if not self.takes_codes_again:
            self.codes.pop(str(form["code"]), None)
        who = request.headers.get("Authorization")
        in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not asked or challenge != asked["code_challenge"] or form["redirect_uri"] != self.back:
            return json_response({"error": "invalid_grant"}, status=400)
        in_header = who == f"Basic {base64.b64encode(LOGIN.encode()).decode()}"
        ways = self.ways.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not (in_form if "client_secret_post" in ways else in_header):
            return json_response({"error": "invalid_client"}, status=401)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], **self.person, **self.changes}
        kept = {name: one for name, one in claims.items() if one is not None}
        return json_response({"access_token": "x", "id_token": self.sign(self, kept)})

    async def keys(self, _: Request) -> Response:
        told: Claims = KeySet([self.key]).as_dict(private=False)  # type: ignore[assignment]
        told["keys"] = [*self.strange_keys, *told["keys"]]
        # More than comes in one piece.
        return json_response({**told, "padding": "x" * self.padding})

    async def about(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer x":
            return json_response({"error": "invalid_token"}, status=401)
        return json_response(self.told_elsewhere)


@asynccontextmanager
async def company_provider(back: str) -> AsyncIterator[Provider]:
    """Run a provider that sends people back to `back`."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}", back)
    app = Application()
    app.add_routes(
        [
            get("/.well-known/openid-configuration", provider.discovery),
            get("/authorize", provider.authorize),
            post("/token", provider.token),
            get("/keys", provider.keys),
            get("/about", provider.about),
        ]
    )
    runner = AppRunner(app)
    provider.close = runner.cleanup
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield provider
    finally:
        await runner.cleanup()
