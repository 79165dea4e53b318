"""Every setting, read once from the environment into one frozen object.

A variable is `SHOWROOM_` and the field's name in capitals; `.env.sample` describes them all. Each
field's `description` ends the sentence 'SHOWROOM_… must be', which is what somebody with a wrong
value gets to read, so that a typing error at three in the morning costs a minute and not an hour.
"""

import difflib
import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from showroom.errors import StartupError

PREFIX = "SHOWROOM_"
# Addresses of databases and mail servers carry passwords: a complaint names them, never more.
NEVER_SHOWN = frozenset(
    {
        "secret_key",
        "oidc_client_secret",
        "turn_secret",
        "database_url",
        "redis_url",
        "mail_url",
        "metrics_token",
    }
)
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}

USUAL_PORTS = {"http": 80, "https": 443}

Seconds = Annotated[int, Field(ge=1, le=86_400)]
Texts = Annotated[tuple[str, ...], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]


def _one_of_ours(origin: str) -> str:
    """Return `origin` as browsers write it, or refuse what is not just a scheme and a host."""
    parts = urlsplit(origin.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    if parts.path or parts.query or parts.fragment or parts.username:
        raise ValueError
    host = parts.netloc if parts.port is None else parts.netloc.rpartition(":")[0]
    return _origin(parts.scheme, host, parts.port)


def _origin(scheme: str, host: str, port: int | None) -> str:
    """Return an origin as browsers write it: without the port that its scheme has anyway."""
    named = port is not None and port != USUAL_PORTS[scheme]
    return f"{scheme}://{host.lower()}:{port}" if named else f"{scheme}://{host.lower()}"


class Settings(BaseSettings):
    """The settings of one server. Make it with `load`; nothing reads the environment after that."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    data_dir: Path = Field(Path("data"), description="a folder for what the server keeps")
    database_url: str = Field(
        "",
        description="empty (SQLite in the data folder) or an address like"
        " postgresql://user:password@host/database or sqlite:///folder/showroom.db",
    )
    redis_url: str = Field(
        "",
        description="empty (the embedded server) or an address like redis://host:6379/0,"
        " rediss://host:6380/0 or unix:///run/valkey.sock",
    )
    host: str = Field("127.0.0.1", min_length=1, description="an address to listen on")
    port: int = Field(8080, ge=1, le=65_535, description="a TCP port from 1 to 65535")
    public_url: str = Field(
        "",
        description="empty or the address that customers see, like https://live.example.com,"
        " without a path",
    )
    extra_origins: Texts = Field(
        (), description="addresses like https://shop.example.com, separated by commas"
    )
    trusted_proxies: Networks = Field(
        (), description="networks like 10.0.0.0/8, separated by commas"
    )
    mail_url: str = Field(
        "",
        description="empty (a folder `mail` in the data folder) or an address like"
        " smtp://user:password@host:587 or smtps://host:465",
    )
    mail_from: str = Field("", description="an e-mail address like visits@example.com")
    secret_key: SecretStr = Field(
        SecretStr(""), description="at least 32 random characters, like `openssl rand -hex 32`"
    )
    tls_certificate: Path | None = Field(None, description="a file with a certificate chain in PEM")
    tls_key: Path | None = Field(None, description="a file with the certificate's key in PEM")
    stun_urls: Texts = Field(
        (), description="addresses like stun:turn.example.com:3478, separated by commas"
    )
    turn_urls: Texts = Field(
        (),
        description="addresses like turn:turn.example.com:3478?transport=udp, separated by commas",
    )
    turn_secret: SecretStr | None = Field(
        None, description="the `static-auth-secret` of the TURN server"
    )
    media_workers: int = Field(
        1, ge=0, le=64, description="how many media workers `serve` starts, from 0 to 64"
    )
    media_addresses: Texts = Field(
        (), description="IP addresses like 203.0.113.5,2001:db8::5, separated by commas"
    )
    media_ports: str = Field("", description="empty (any) or UDP ports like 40000-49999")
    turn_ttl_seconds: int = Field(240, ge=120, le=86_400, description="seconds, from 120 to 86400")
    queue_grace_seconds: Seconds = Field(30, description="seconds, from 1 to 86400")
    call_grace_seconds: Seconds = Field(60, description="seconds, from 1 to 86400")
    advisor_grace_seconds: Seconds = Field(75, description="seconds, from 1 to 86400")
    connect_seconds: Seconds = Field(45, description="seconds, from 1 to 86400")
    wrap_up_seconds: Seconds = Field(900, description="seconds, from 1 to 86400")
    session_hours: int = Field(12, ge=1, le=720, description="hours, from 1 to 720")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error"
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")
    handoff_hosts: Texts = Field(
        (),
        description="hosts, addresses or networks like crm.lan or 10.1.0.0/16, separated by commas",
    )
    metrics_token: SecretStr | None = Field(
        None, description="at least 16 random characters, like `openssl rand -hex 16`"
    )
    oidc_issuer: str = Field(
        "",
        max_length=255,
        description="empty or the address of an OpenID Connect provider, like"
        " https://login.example.com/tenant",
    )
    oidc_client_id: str = Field("", description="what this server is called at that provider")
    oidc_client_secret: SecretStr | None = Field(
        None, description="this server's secret at that provider"
    )
    oidc_factor_acr: Texts = Field(
        (),
        description="what that provider calls sign-ins with a second factor (acr), separated by"
        " commas",
    )
    max_sockets_per_address: int = Field(
        200, ge=1, le=1_000_000, description="a number from 1 to 1000000"
    )

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment; `overrides` (by field name) go before it.

        Raises `StartupError` with one sentence that names the first wrong variable and says what
        would be right. An unknown `SHOWROOM_` variable is refused too: a misspelled setting that
        is silently ignored is worse than none.
        """
        _refuse_unknown(os.environ, frozenset(cls.model_fields))
        try:
            return cls(**overrides)
        except ValidationError as error:
            raise StartupError(cls._complaint(error)) from None

    @property
    def origins(self) -> frozenset[str]:
        """The web origins (RFC 6454) whose pages may talk to this server."""
        if self.public_url:
            return frozenset({self.public_url, *self.extra_origins})
        scheme = "https" if self.tls_certificate else "http"
        names = ("localhost", "127.0.0.1", "[::1]")
        local = {_origin(scheme, name, self.port) for name in names}
        return frozenset({*local, *self.extra_origins})

    @property
    def address(self) -> str:
        """The address under which people open this server's pages, without a slash at its end."""
        scheme = "https" if self.tls_certificate else "http"
        return self.public_url or _origin(scheme, "localhost", self.port)

    def require_secret_key(self) -> str:
        """Return the key that signs cookies; raises `StartupError` when none is set."""
        if not self.secret_key.get_secret_value():
            raise StartupError(
                f"{PREFIX}SECRET_KEY is missing: it must be {self._right('secret_key')}."
            )
        return self.secret_key.get_secret_value()

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            folder = quote(str(info.data.get("data_dir", "data")))
            return f"sqlite+aiosqlite:///{folder}/showroom.db"
        scheme, separator, rest = url.partition("://")
        if scheme not in DRIVERS or not separator or not rest.strip("/"):
            raise ValueError
        try:
            return make_url(f"{DRIVERS[scheme]}://{rest}").render_as_string(hide_password=False)
        except ArgumentError:
            raise ValueError from None

    @field_validator("redis_url")
    @classmethod
    def _known_scheme(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError
        return url

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        # Reading the port is what checks it.
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0:
            raise ValueError
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError
        return url

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, address: str) -> str:
        if not address:
            return address
        try:
            found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            raise ValueError from None
        return found.ascii_email or address

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        # Without TLS only where nobody is in between (OpenID Connect Core 1.0, 2).
        plain = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError
        if parts.scheme != "https" and not plain:
            raise ValueError
        return url.rstrip("/")

    @field_validator("handoff_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            try:
                ip_network(host, strict=False)
            except ValueError:
                # A typing error in an address must not become the name of a host.
                if not HOST.fullmatch(host.lower()) or host.replace(".", "").isdigit():
                    raise ValueError from None
        return hosts

    @field_validator("media_addresses")
    @classmethod
    def _addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ip_address(address)
        return addresses

    @field_validator("media_ports")
    @classmethod
    def _ports(cls, ports: str) -> str:
        if ports:
            first, last = (int(port) for port in ports.split("-"))
            if not 1024 <= first < last <= 65_535:
                raise ValueError
        return ports

    @property
    def media_port_range(self) -> range:
        """The UDP ports of the media workers; empty for any."""
        if not self.media_ports:
            return range(0)
        first, last = (int(port) for port in self.media_ports.split("-"))
        return range(first, last + 1)

    @field_validator("metrics_token")
    @classmethod
    def _no_guess(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < 16:
            raise ValueError
        return token

    @field_validator(
        "extra_origins",
        "trusted_proxies",
        "stun_urls",
        "turn_urls",
        "handoff_hosts",
        "oidc_factor_acr",
        "media_addresses",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _origin_or_nothing(cls, url: str) -> str:
        return _one_of_ours(url) if url else ""

    @field_validator("extra_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_one_of_ours(origin) for origin in origins)

    @field_validator("stun_urls", "turn_urls")
    @classmethod
    def _ice_addresses(cls, urls: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # RFC 7064 and RFC 7065: a scheme, its secure form, and a host.
        scheme = "stun" if info.field_name == "stun_urls" else "turn"
        for url in urls:
            kind, separator, host = url.partition(":")
            if kind not in {scheme, f"{scheme}s"} or not separator or not host:
                raise ValueError
        return urls

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < 32:
            raise ValueError
        return key

    @field_validator("tls_certificate", "tls_key")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError
        return path

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        for one, other in (
            ("tls_certificate", "tls_key"),
            ("tls_key", "tls_certificate"),
            ("turn_urls", "turn_secret"),
            ("mail_url", "mail_from"),
            ("oidc_issuer", "oidc_client_id"),
            ("oidc_issuer", "oidc_client_secret"),
        ):
            if getattr(self, one) and not getattr(self, other):
                raise ValueError(
                    f"{PREFIX}{other.upper()} is missing: {PREFIX}{one.upper()} is set, and needs"
                    f" it to be {self._right(other)}."
                )
        return self

    @classmethod
    def _right(cls, field: str) -> str:
        return cls.model_fields[field].description or ""

    @classmethod
    def _complaint(cls, error: ValidationError) -> str:
        first = error.errors()[0]
        if not first["loc"]:
            return str(first["ctx"]["error"])
        field = str(first["loc"][0])
        if field not in cls.model_fields:
            return f"{PREFIX}{field.upper()} is not a setting."
        shown = "" if field in NEVER_SHOWN else f", and is {str(first['input'])[:80]!r}"
        return f"{PREFIX}{field.upper()} must be {cls._right(field)}{shown}."


def _refuse_unknown(environment: Mapping[str, str], fields: frozenset[str]) -> None:
    known = {f"{PREFIX}{field.upper()}" for field in fields}
    for variable in sorted(environment):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            near = difflib.get_close_matches(variable.upper(), known, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it, or see .env.sample."
            raise StartupError(f"{variable} is not a setting; {hint}")
