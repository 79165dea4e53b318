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


def ice_servers(settings: Settings, call_id: CallId, now_ms: int) -> list[dict[str, Any]]:
    """Return `RTCConfiguration.iceServers` (W3C webrtc-pc §4.2.4) for one call.

    The TURN user name carries the call's id, so that the TURN server's quota a user is one a call.
    It is valid for `turn_ttl_seconds`; an allocation that exists outlives it.
    """
    servers: list[dict[str, Any]] = []
    if settings.stun_urls:
        servers.append({"urls": list(settings.stun_urls)})
    if settings.turn_urls and settings.turn_secret:
        expires_s = now_ms // 1000 + settings.turn_ttl_seconds
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
