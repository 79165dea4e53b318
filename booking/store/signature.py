"""Who sent it: the signature of a webhook by Standard Webhooks 1.0.0, told by our own clock.

The library signs; it can't be told what time it is, and breaks on headers that are no headers. So
what it signs is compared here.
"""

import hmac
import re
from collections.abc import Iterable, Mapping

from standardwebhooks import Webhook

from showroom.clock import Clock, to_datetime
from showroom.errors import BadSignature

TOLERANCE_MS = 5 * 60_000
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# What we keep of an id, and more signatures than any rotation has.
LONGEST_ID = 128
MOST_SIGNATURES = 8
VISIBLE = re.compile(rf"[!-~]{{1,{LONGEST_ID}}}")
SECONDS = re.compile(r"[0-9]{1,11}")


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, clock: Clock) -> str:
    """Return the id of a message that one of `secrets` has signed, at most 5 minutes ago.

    Raises `BadSignature`, which does not say what is wrong with it: that is for the log.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not VISIBLE.fullmatch(message_id) or not SECONDS.fullmatch(timestamp):
        raise BadSignature
    signed_at = int(timestamp) * 1000
    if abs(clock() - signed_at) > TOLERANCE_MS:
        raise BadSignature
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadSignature from None
    given = headers.get(SIGNATURE, "").encode(errors="replace").split(b" ")[:MOST_SIGNATURES]
    for secret in secrets:
        right = Webhook(secret).sign(message_id, to_datetime(signed_at), text).encode()
        if any(hmac.compare_digest(right, one) for one in given):
            return message_id
    raise BadSignature
