"""Programs that use the interface of Paris: one that may do everything, and others with less."""

from collections.abc import AsyncIterator

import pytest

from tests.houses import House
from tests.web.api.programs import Program, a_program


@pytest.fixture
async def store(house: House) -> AsyncIterator[Program]:
    """A program of Paris with every scope."""
    async with a_program(house, "paris") as program:
        yield program


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[Program]:
    """A program of Lyon with every scope."""
    async with a_program(house, "lyon") as program:
        yield program
