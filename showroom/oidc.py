"""Sign-in with a company account: OpenID Connect Core 1.0, the authorization code flow with PKCE.

The provider says who somebody is; what they may do is ours. An account is found by the provider's
subject, which never changes. The first time it is found by an e-mail address that the provider has
verified, among the staff that there are: nobody gets an account by it.
"""

import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote_plus, urlencode

import sqlalchemy as sa
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import KeySet, import_key
from redis.asyncio import Redis
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from showroom.audit import Subject, entry_of, note
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import CompanyRefused, TryAgain
from showroom.ids import ShowroomId, StaffId, token_digest
from showroom.settings import Settings
from showroom.staff_links import LinkKind, end_links
from showroom.staff_tables import staff_identities
from showroom.tables import staff, staff_roles
from showroom.valkey import AWAY

log = structlog.get_logger()

# Signatures by the provider's own keys only: never `none`, and no secret that we know, too.
ALGORITHMS = ("RS256", "PS256", "ES256")
UNDER_WAY_S = 600
# How far the provider's clock may be off.
LEEWAY_S = 60
PATIENCE = ClientTimeout(total=10)
MOST_BYTES = 256_000
ACCEPT = {"Accept": "application/json"}
LONGEST = 255


class Begun(NamedTuple):
    """A sign-in that begins: where the browser goes, and what proves that it is the same one."""

    address: str
    state: str


class Vouched(NamedTuple):
    """Whom the provider vouches for, where they wished to go; whether it asked for two factors."""

    who: StaffId
    wish: str
    second_factor: bool


@dataclass(frozen=True, slots=True)
class _Provider:
    """What a provider tells of itself (OpenID Connect Discovery 1.0, 3)."""

    authorization: str
    token: str
    keys: str
    # Where some tell the address of who signed in; empty where it stands in the token.
    person: str
    # How the client says who it is: in the form, or (as all can) in a header.
    secret_in_form: bool


class CompanyAccounts:
    """Sign-in by one provider, as the settings name it."""

    def __init__(self, settings: Settings, redis: Redis, database: Database, clock: Clock) -> None:
        self._issuer = settings.oidc_issuer
        self._client = settings.oidc_client_id
        secret = settings.oidc_client_secret
        self._factor_acr = settings.oidc_factor_acr
        self._secret = secret.get_secret_value() if secret else ""
        self._back = f"{settings.address}/staff/company/back"
        self._redis = redis
        self._database = database
        self._clock = clock

    @property
    def offered(self) -> bool:
        """Whether there is a provider."""
        return bool(self._issuer)

    async def begin(self, wish: str) -> Begun:
        """Begin a sign-in that goes on to `wish`. Raises `TryAgain`, `CompanyRefused`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with ClientSession(timeout=PATIENCE, headers=ACCEPT) as http:
            provider = await self._provider(http)
        kept = json.dumps({"nonce": nonce, "verifier": verifier, "wish": wish})
        try:
            await self._redis.set(_key(state), kept, ex=UNDER_WAY_S)
        except AWAY as error:
            raise TryAgain from error
        query = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if self._factor_acr:
            # A wish, which the provider may leave: what it did stands in the token (Core, 3.1.2.1).
            query["acr_values"] = " ".join(self._factor_acr)
        sign = "&" if "?" in provider.authorization else "?"
        return Begun(f"{provider.authorization}{sign}{urlencode(query)}", state)

    async def finish(self, code: str, state: str, cookie: str) -> Vouched:
        """Return who has signed in.

        `cookie` is the state that this browser began with. Raises `CompanyRefused` and `TryAgain`.
        """
        same = hmac.compare_digest(state.encode(errors="replace"), cookie.encode(errors="replace"))
        if not state or not code or not same:
            _refuse("another browser began this sign-in")
        try:
            kept = await self._redis.getdel(_key(state))
        except AWAY as error:
            raise TryAgain from error
        if kept is None:
            _refuse("this sign-in is over")
        begun: dict[str, str] = json.loads(kept)
        async with ClientSession(timeout=PATIENCE, headers=ACCEPT) as http:
            provider = await self._provider(http)
            told = await self._exchange(http, provider, code, begun["verifier"])
            keys = _keys(await _asked(http, "GET", provider.keys))
            claims = self._checked(told.get("id_token"), keys, begun["nonce"])
            if "email" not in claims and provider.person:
                claims = await _with_address(http, provider.person, claims, told)
        return Vouched(await self._who(claims), begun["wish"], self._two_factors(claims))

    async def _provider(self, http: ClientSession) -> _Provider:
        told = await _asked(http, "GET", f"{self._issuer}/.well-known/openid-configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        # A provider that calls itself otherwise is not the one that was meant (Discovery, 4.3).
        if str(told.get("issuer")).rstrip("/") != self._issuer:
            _refuse("the provider has another name")
        if not all(isinstance(told.get(name), str) for name in names):
            _refuse("the provider does not say where it is")
        person = told.get("userinfo_endpoint")
        ways = told.get("token_endpoint_auth_methods_supported")
        return _Provider(
            authorization=told["authorization_endpoint"],
            token=told["token_endpoint"],
            keys=told["jwks_uri"],
            person=person if isinstance(person, str) else "",
            secret_in_form=isinstance(ways, list) and "client_secret_basic" not in ways,
        )

    async def _exchange(
        self, http: ClientSession, provider: _Provider, code: str, verifier: str
    ) -> dict[str, Any]:
        """Return the tokens that a code is exchanged for."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        if provider.secret_in_form:
            form |= {"client_id": self._client, "client_secret": self._secret}
            return await _asked(http, "POST", provider.token, data=form)
        # Both as a form would write them (RFC 6749, 2.3.1).
        who = encode_basic_auth(quote_plus(self._client), quote_plus(self._secret))
        headers = {"Authorization": who}
        return await _asked(http, "POST", provider.token, data=form, headers=headers)

    def _checked(self, token: object, keys: KeySet, nonce: str) -> dict[str, Any]:
        """Return what a token claims, if it is the provider's, for us, and new (Core, 3.1.3.7)."""
        if not isinstance(token, str):
            _refuse("the provider sent no ID token")
        try:
            found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            rules = {
                "iss": {"essential": True, "values": [self._issuer, f"{self._issuer}/"]},
                "aud": {"essential": True, "value": self._client},
                "nonce": {"essential": True, "value": nonce},
            }
            asked = {"client_id": self._client, "nonce": nonce}
            claims = CodeIDToken(found.claims, found.header, rules, asked)
            claims.validate(now=self._clock() // 1000, leeway=LEEWAY_S)
        except Exception as error:  # noqa: BLE001 - a token is a stranger's; whatever is odd refuses it
            _refuse(type(error).__name__)
        return dict(claims)

    def _two_factors(self, claims: dict[str, Any]) -> bool:
        """Say whether a token tells of a second factor.

        It does by the method `mfa` (RFC 8176, 2), or by a class of sign-ins that the settings name:
        what classes there are, each provider decides for itself (Core, 2).
        """
        methods = claims.get("amr")
        several = isinstance(methods, list) and "mfa" in methods
        return several or claims.get("acr") in self._factor_acr

    async def _who(self, claims: dict[str, Any]) -> StaffId:
        """Return whose account it is; bind it to the provider's subject the first time."""
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
            _refuse("the subject is none")
        known = (
            sa.select(staff.c.id)
            .join(staff_identities)
            .where(
                staff_identities.c.issuer == self._issuer,
                staff_identities.c.subject == subject,
            )
        )
        try:
            async with self._database.write() as connection:
                found = await connection.scalar(known)
                if found is None:
                    found = await connection.scalar(_by_email(claims))
                    if found is None:
                        _refuse("nobody here has this address")
                    # One account here has one there: an address that another person gets later
                    # opens nothing.
                    await connection.execute(
                        sa.insert(staff_identities).values(
                            issuer=self._issuer,
                            subject=subject,
                            staff_id=found,
                            created_at=self._clock(),
                        )
                    )
                    # Who was invited is in; the letter would still let somebody set a password.
                    await end_links(connection, StaffId(found), LinkKind.INVITATION)
                    await self._note(connection, StaffId(found))
                enabled = sa.select(staff.c.id).where(
                    staff.c.id == found, staff.c.disabled_at.is_(None)
                )
                if await connection.scalar(enabled) is None:
                    _refuse("the account is disabled")
        except IntegrityError:
            _refuse("this account belongs to another one there")
        return StaffId(found)

    async def _note(self, connection: AsyncConnection, who: StaffId) -> None:
        """Note in each of somebody's showrooms that a company account is theirs from now on."""
        rooms = sa.select(staff_roles.c.showroom_id).where(staff_roles.c.staff_id == who)
        before, after = {"company_account": False}, {"company_account": True}
        for room in sorted(set(await connection.scalars(rooms))):
            at = ShowroomId(room), self._clock(), who, Subject.STAFF, who
            await note(connection, entry_of(*at, before, after))


def _keys(told: dict[str, Any]) -> KeySet:
    """Return a provider's keys, without those of a kind that nobody here knows (RFC 7517, 5)."""
    known = []
    listed = told.get("keys")
    for one in listed if isinstance(listed, list) else []:
        with suppress(Exception):  # a stranger's: whatever is odd about it, it is none of ours
            known.append(import_key(one))
    return KeySet(known)


async def _with_address(
    http: ClientSession, url: str, claims: dict[str, Any], told: dict[str, Any]
) -> dict[str, Any]:
    """Return what a token claims with the address that the provider tells elsewhere (Core, 5.3)."""
    headers = {"Authorization": f"Bearer {told.get('access_token')}"}
    more = await _asked(http, "GET", url, headers=headers)
    # Another's answer is nobody's address here (Core, 5.3.4).
    if more.get("sub") != claims.get("sub"):
        return claims
    return {**claims, **{name: more.get(name) for name in ("email", "email_verified")}}


def _by_email(claims: dict[str, Any]) -> sa.Select[tuple[str]]:
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or verified is not True:
        _refuse("the provider has not verified the address")
    return sa.select(staff.c.id).where(staff.c.email == email.strip().lower())


async def _asked(http: ClientSession, method: str, url: str, **given: Any) -> dict[str, Any]:
    """Return a provider's answer. Raises `TryAgain` when there is none, `CompanyRefused`."""
    try:
        async with http.request(method, url, allow_redirects=False, **given) as response:
            status, body = response.status, bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > MOST_BYTES:
                    _refuse("the provider's answer is too long")
    except (ClientError, TimeoutError, ValueError) as error:
        log.warning("the sign-in of the company does not answer", why=type(error).__name__)
        raise TryAgain from error
    if status >= 500:
        raise TryAgain
    if status != 200:
        _refuse(f"the provider answered {status}")
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    return told if isinstance(told, dict) else _refuse("the provider sent no JSON")


def _refuse(why: str) -> NoReturn:
    # Only the log tells why: who tries things out learns nothing.
    log.info("a sign-in with a company account was refused", why=why)
    raise CompanyRefused


def _key(state: str) -> str:
    return f"company-sign-in:{token_digest(state)}"
