"""Webhooks by the Standard Webhooks specification 1.0.0, to whoever has a system of their own."""

import json
from collections.abc import Mapping
from typing import Any

from standardwebhooks import Webhook

from booking.delivery import Delivery
from booking.handoff.endpoint import Endpoint
from booking.handoff.posting import Poster, judged
from booking.handoff.sink import Sent
from showroom.clock import Clock, to_datetime


class Webhooks:
    """Posts an event as JSON, signed with each of its endpoint's secrets."""

    def __init__(self, poster: Poster, clock: Clock) -> None:
        """`clock` gives the time that is signed: receivers refuse one that is minutes off."""
        self._poster = poster
        self._clock = clock

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        """Send one. `webhook-id` is the same at every try; time and signatures are new."""
        body = written(delivery.payload)
        moment = to_datetime(self._clock())
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(moment.timestamp())),
        }
        signatures = [
            Webhook(secret).sign(delivery.id, moment, body) for secret in endpoint.secrets
        ]
        signed = headers | {"webhook-signature": " ".join(signatures)}
        answer = await self._poster.post(endpoint.address, signed, body.encode())
        # Without the signatures: with them, whoever reads the log could send it on as ours.
        asked = {"url": endpoint.address, "headers": headers, "body": body}
        return Sent(judged(answer), asked, answer.status)


def written(payload: Mapping[str, Any]) -> str:
    """Return an event as JSON, the same at every try, and fit to be encoded whatever it holds."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode()
