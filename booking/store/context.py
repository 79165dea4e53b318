"""The context of a link to the store: who comes, as a signed token that is good for a short while.

`docs/store.md` describes the format for whoever reads it there. It is

    base64url(JSON) "." base64url(HMAC-SHA256(key, base64url(JSON)))

with the JSON (RFC 8259) in its shortest form and base64url (RFC 4648, section 5) without padding.
The key is HMAC-SHA256(secret, `PURPOSE`) of the secret that the showroom and the store share, so
that no token can be passed off as a webhook's signature, nor the other way.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from booking.store.secrets import PREFIX
from showroom.errors import BadRequest

PURPOSE = b"showroom link context v1"
# An id of ours, or none: the store can sign, too, and an event's call is kept.
Id = Annotated[str, StringConstraints(pattern=r"^[!-~]{0,64}$")]


@dataclass(frozen=True, slots=True)
class Context:
    """What a link says about a visit: ids and a price, and nothing of who somebody is.

    `price` in hundredths of `currency` (ISO 4217); `iat` and `exp` in seconds since the epoch, as
    in RFC 7519. `campaign` is where the customer came from: source, medium, name.
    """

    showroom: str
    iat: int
    exp: int
    call: Id = ""
    lead: Id = ""
    vehicle: str = ""
    configuration: str = ""
    price: int | None = None
    currency: str = ""
    campaign: dict[str, str] = field(default_factory=dict)


STORED = TypeAdapter(Context)


def sign(context: Context, secret: str, purpose: bytes = PURPOSE) -> str:
    """Return the token of a context, which is good for this purpose only."""
    text = _encode(STORED.dump_json(context, exclude_defaults=True))
    return f"{text}.{_encode(_mac(secret, text, purpose))}"


def read(token: str, secrets: Iterable[str], purpose: bytes = PURPOSE) -> Context:
    """Return the context of a token that one of `secrets` has signed, also when it has run out.

    Raises `BadRequest`: it is none, or was signed before the secret was changed twice.
    """
    text, _, mac = token.partition(".")
    for secret in secrets:
        right = _encode(_mac(secret, text, purpose))
        if hmac.compare_digest(right.encode(), mac.encode(errors="replace")):
            try:
                return STORED.validate_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            except (ValidationError, binascii.Error):
                break
    raise BadRequest(
        "This context is not one that we have signed. Send it as it came in the link.", "context"
    )


def _mac(secret: str, text: str, purpose: bytes) -> bytes:
    shared = base64.b64decode(secret.removeprefix(PREFIX))
    key = hmac.new(shared, purpose, hashlib.sha256).digest()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
