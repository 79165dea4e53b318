"""ICE servers and time-limited TURN credentials.

The credentials follow 'A REST API For Access To TURN Services' (draft-uberti-behave-turn-rest-00),
which coturn knows as `use-auth-secret`: the user name is an expiry time and a label, the password
its HMAC-SHA1 under a secret that the two servers share. The server asks nobody and stores nothing.

Nobody can take such credentials back, so they are short-lived, and a call that runs gets new ones
before its old ones expire (`Teller.renew_calls`). coturn looks at the expiry when an allocation is
made and never again: one that exists outlives it.
"""

import base64
import hashlib
import hmac
from enum import StrEnum
from typing import Any

from showroom.ids import CallId
from showroom.settings import Settings

# They change no more often in their life than this, so that what is asked for at once is the same.
STEPS = 4
# Whoever tries the ways out of their network needs them for seconds.
TRIAL_S = 60


class Way(StrEnum):
    """How packets get through a firewall to the TURN server (RFC 8656 §2.1)."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


def ice_servers(settings: Settings, call_id: CallId, now_ms: int) -> list[dict[str, Any]]:
    """Return `RTCConfiguration.iceServers` (W3C webrtc-pc §4.2.4) for one call.

    The TURN user name carries the call's id, so that the TURN server's quota a user is one a call.
    From now it is valid for at least `turn_ttl_seconds`, however old the call is, and for at most a
    step of a quarter more; within a step it stays the same.
    """
    servers: list[dict[str, Any]] = []
    if settings.stun_urls:
        servers.append({"urls": list(settings.stun_urls)})
    if settings.turn_urls and settings.turn_secret:
        signed = _signed(settings, call_id, now_ms, settings.turn_ttl_seconds)
        servers.append({"urls": list(settings.turn_urls), **signed})
    return servers


def ways_out(settings: Settings, user: str, now_ms: int) -> dict[Way, list[dict[str, Any]]]:
    """Return for each way the `iceServers` to try it with; a way without any is not set up here.

    UDP can be tried by STUN alone where there is no TURN server. The credentials are good for
    little more than a minute, and `user` is what the TURN server's quota counts by.
    """
    ways: dict[Way, list[dict[str, Any]]] = {way: [] for way in Way}
    if settings.turn_secret:
        signed = _signed(settings, user, now_ms, TRIAL_S)
        for url in settings.turn_urls:
            ways[way_of(url)].append({"urls": [url], **signed})
    if not ways[Way.UDP]:
        ways[Way.UDP] = [{"urls": [url]} for url in settings.stun_urls if way_of(url) is Way.UDP]
    return ways


def way_of(url: str) -> Way:
    """Return the way that a `stun:` or `turn:` address leads (RFC 7064, RFC 7065)."""
    if url.startswith(("turns:", "stuns:")):
        return Way.TLS
    return Way.TCP if url.endswith("?transport=tcp") else Way.UDP


def _signed(settings: Settings, user: str, now_ms: int, seconds: int) -> dict[str, str]:
    """Return a TURN user name that is valid for `seconds` and up to a step more, with its seal."""
    # Rounded up: rounding down would take from the time that the operator granted.
    step_s = max(1, seconds // STEPS)
    step_ends_s = -(-now_ms // (step_s * 1000)) * step_s
    username = f"{step_ends_s + seconds}:{user}"
    secret = settings.turn_secret.get_secret_value() if settings.turn_secret else ""
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return {"username": username, "credential": base64.b64encode(digest).decode()}
