"""A customer who books, on the wire."""

from collections.abc import Mapping
from typing import Any

from tests.people import Customer, Payload

FORM: Mapping[str, Any] = {
    "name": "Jeanne Moreau",
    "email": "jeanne@example.com",
    "phone": None,
    "language": "en",
    "wish": "Room for a cello",
    "vehicle": "crete",
    "consents": [{"purpose": "contact", "version": "visit-1"}],
    "campaign": {"source": "newsletter"},
}


async def ask(customer: Customer, path: str, **query: Any) -> tuple[int, Payload]:
    """Get JSON; return the status and the answer."""
    asked = {name: str(value) for name, value in query.items()}
    async with customer.http.get(
        customer.url + path, params=asked, headers={"Accept": "application/json"}
    ) as response:
        return response.status, await response.json()


async def send(customer: Customer, path: str, **body: Any) -> tuple[int, Payload]:
    """Post JSON with the page's token; return the status and the answer."""
    token = await customer.csrf(f"/s/{customer.showroom}")
    async with customer.http.post(
        customer.url + path, json=body, headers={"X-CSRF-Token": token}
    ) as response:
        return response.status, await response.json()


async def free(customer: Customer, **query: Any) -> list[int]:
    """Return the free starts."""
    path = f"/s/{customer.showroom}/slots"
    status, answer = await ask(customer, path, **{"language": "en", **query})
    assert status == 200, answer
    return [slot["starts_at"] for slot in answer["slots"]]


async def hold(customer: Customer, starts_at: int, **wish: Any) -> tuple[int, Payload]:
    """Keep a time."""
    body = {"starts_at": starts_at, "language": "en", "zone": "Europe/Paris", **wish}
    return await send(customer, f"/s/{customer.showroom}/holds", **body)


async def held(customer: Customer, number: int = 0, **wish: Any) -> Payload:
    """Keep one of the free times; return the hold."""
    starts_at = (await free(customer))[number]
    status, answer = await hold(customer, starts_at, **wish)
    assert status == 201, answer
    return answer


async def booked(customer: Customer, number: int = 0, **form: Any) -> str:
    """Book one of the free times; return the visit's token."""
    token = str((await held(customer, number))["token"])
    status, answer = await send(customer, f"/v/{token}/confirm", **{**FORM, **form})
    assert status == 200, answer
    return token
