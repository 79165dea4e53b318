"""ICE servers and time-limited TURN credentials.

The credentials follow 'A REST API For Access To TURN Services' (draft-uberti-behave-turn-rest-00),
which coturn knows as `use-auth-secret`: the user name is an expiry time and a label, the password
its HMAC-SHA1 under a secret that the two servers share. The server asks nobody and stores nothing.
"""

import base64
import hashlib
import hmac
from typing import Any

from showroom.ids import CallId
from showroom.settings import Settings

# Credentials change no more often than this, so that what is asked for at once is the same.
STEP_S = 300


def ice_servers(settings: Settings, call_id: CallId, now_ms: int) -> list[dict[str, Any]]:
    """Return `RTCConfiguration.iceServers` (W3C webrtc-pc §4.2.4) for one call.

    The TURN user name carries the call's id, so that the TURN server's quota a user is one a call.
    From now it is valid for at least `turn_ttl_seconds`, however old the call is, and for at most a
    step of 5 minutes more; within a step it stays the same. An allocation that exists outlives it.
    """
    servers: list[dict[str, Any]] = []
    if settings.stun_urls:
        servers.append({"urls": list(settings.stun_urls)})
    if settings.turn_urls and settings.turn_secret:
        # Rounded up: rounding down would take from the time that the operator granted.
        step_ends_s = -(-now_ms // (STEP_S * 1000)) * STEP_S
        expires_s = step_ends_s + settings.turn_ttl_seconds
        username = f"{expires_s}:{call_id}"
        secret = settings.turn_secret.get_secret_value().encode()
        digest = hmac.new(secret, username.encode(), hashlib.sha1).digest()
        servers.append(
            {
                "urls": list(settings.turn_urls),
                "username": username,
                "credential": base64.b64encode(digest).decode(),
            }
        )
    return servers
