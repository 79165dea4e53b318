"""Who looks at agendas: an advisor and a manager of Paris, signed in."""

from collections.abc import AsyncIterator

import pytest

from tests.houses import House
from tests.people import Person
from tests.samples import PASSWORD


@pytest.fixture
async def alice(house: House) -> AsyncIterator[Person]:
    async with house.employee() as person:
        assert await person.sign_in("alice@example.com", PASSWORD) == 303
        yield person


@pytest.fixture
async def boss(house: House) -> AsyncIterator[Person]:
    async with house.boss() as person:
        assert await person.sign_in("boss@example.com", PASSWORD) == 303
        yield person
