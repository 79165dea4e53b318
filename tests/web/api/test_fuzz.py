"""The interface against whatever fits its document, and whatever does not: Schemathesis."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok
from standardwebhooks import Webhook

from booking.store.secrets import StoreSecrets
from showroom.ids import new_id
from tests.houses import House
from tests.web.api.programs import Program
from tests.web.api.test_bulk import CAR, DEALER
from tests.web.api.test_leads import NEW_LEAD
from tests.web.api.test_reservations import a_reservation
from web.api import operations
from web.api.document import document
from web.api.store import ADDRESS as EVENTS
from web.api.table import OPERATIONS
from web.limits import Allowance

EXAMPLES = 10
# What means something: the schema alone can't say which of it there is.
REAL: Mapping[str, Any] = {
    "email": "fuzz@example.com",
    "name": "Fuzz",
    "language": "en",
    "phone": None,
    "consents": [{"purpose": "contact", "version": "1"}],
    "advisor": None,
    "vehicle": None,
    "zone": None,
    "dealer": None,
}
Case = schemathesis.Case[Any]
TRUE_TO_THE_DOCUMENT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of requests a minute are what this is about."""
    for name in ("PACE", "BULK_PACE"):
        monkeypatch.setattr(operations, name, Allowance(name, rate=1e6, burst=1e6))


# Its own, and not ours to mend.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_nothing_that_is_asked_breaks_it_or_is_answered_outside_its_document(
    house: House, store: Program
) -> None:
    code = (await a_reservation(house)).code
    lead = (await store.post("/leads", NEW_LEAD)).data["id"]
    await store.ask("PUT", "/vehicles", json={"items": [CAR]})
    await store.ask("PUT", "/dealers", json={"items": [DEALER]})
    there = {"booking": (await store.booked())["id"], "lead": lead, "code": code}
    free = await store.free()
    shared = await StoreSecrets(house.node.shared.database, house.node.shared.clock).rotate(
        house.paris
    )
    await asyncio.to_thread(ask_everything, house.url, (store.key, shared), there, free)


def ask_everything(
    url: str, secrets: tuple[str, str], there: Mapping[str, str], free: list[str]
) -> None:
    """Ask every operation for what it documents, and for what it does not.

    `secrets`: a key, and what the store signs its events with.
    """
    key, shared = secrets
    starts, done = cycle(free), set()
    headers = {"Authorization": f"Bearer {key}"}

    def ask(case: Case, *, right: bool) -> None:
        checks, more = [*TRUE_TO_THE_DOCUMENT], dict[str, Any]()
        if right and case.operation.path == EVENTS:
            more = {"data": _signed(case, there["lead"], shared)}
        elif right or _has_fates(case):
            _make_real(case, there, next(starts))
        else:
            checks.append(negative_data_rejection)
        answer = case.call_and_validate(base_url=url, headers=headers, checks=checks, **more)
        if answer.status_code < 300:
            done.add(case.operation.label)

    for found in schemathesis.openapi.from_dict(document()).get_all_operations():
        assert isinstance(found, Ok)
        _try(found.ok(), GenerationMode.POSITIVE, partial(ask, right=True))
        _try(found.ok(), GenerationMode.NEGATIVE, partial(ask, right=False))
    told = {f"{one.method} {one.address}" for one in OPERATIONS} | {f"POST {EVENTS}"}
    assert told - done == set(), "never done"


def _try(operation: Any, mode: GenerationMode, ask: Callable[[Case], None]) -> None:
    """Ask one operation again and again."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def examples(case: Case) -> None:
        ask(case)

    examples()


def _has_fates(case: Case) -> bool:
    """Say whether each item is judged alone: then a wrong one is answered, not the request."""
    return case.method == "PUT"


def _make_real(case: Case, there: Mapping[str, str], start: str) -> None:
    """Name what there is: else every answer would be 404, or that the time is taken."""
    names = case.path_parameters
    names["showroom"] = "paris"
    for name in names.keys() & there.keys():
        names[name] = there[name]
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = new_id()
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    body = case.body if isinstance(case.body, dict) else {}
    if "consents" in body:
        body |= {name: value for name, value in REAL.items() if name in body or value}
    if "starts_at" in body:
        body["starts_at"] = start


def _signed(case: Case, lead: str, secret: str) -> str:
    """Have the store sign an event of a lead that there is; what is wrong is sent unsigned."""
    now, message = datetime.now(UTC), new_id()
    about = {"lead": lead, "context": None, "occurred_at": now.isoformat()}
    told: Any = case.body
    event = {**told, "showroom": "paris", "timestamp": None}
    text = json.dumps({**event, "data": {**told["data"], **about}})
    case.headers["webhook-id"] = message
    case.headers["webhook-timestamp"] = str(int(now.timestamp()))
    case.headers["webhook-signature"] = Webhook(secret).sign(message, now, text)
    return text
