"""The document of the interface: made from what serves, and true."""

import json
import re

import aiohttp
from aiohttp.web import RouteDef

from tests.houses import House
from web.api.document import document
from web.api.examples import Reader
from web.api.operations import START
from web.api.table import OPERATIONS
from web.routes import routes

# They tell of the others.
UNTOLD = {f"{START}/openapi.json", f"{START}/docs"}
OUTSIDE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//""")


def test_every_route_of_the_interface_is_in_the_document() -> None:
    served = {
        (route.method, route.path)
        for route in routes()
        if isinstance(route, RouteDef) and route.path.startswith("/api")
    }
    told = {
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert {(method, path) for method, path in served if path not in UNTOLD} == told
    names = [operation.id for operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere_and_every_field_has_a_kind() -> None:
    text = json.dumps(document())
    schemas = document()["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', text):
        assert name in schemas
    for name, schema in schemas.items():
        for field, shape in schema.get("properties", {}).items():
            assert {"type", "$ref", "anyOf", "enum"} & set(shape), (name, field)


def test_every_example_is_right() -> None:
    reader = Reader(document()["components"]["schemas"])
    for operation in OPERATIONS:
        if operation.has_body:
            schema = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
            text = json.dumps(reader.example(schema))
            parsed = operation.body.model_validate_json(text)
            for item in getattr(parsed, "items", ()):
                assert type(item).__name__ != "Wrong", (operation.id, item)


async def test_anybody_may_read_it_and_the_page_loads_nothing_from_outside(house: House) -> None:
    async with aiohttp.ClientSession() as program:
        async with program.get(f"{house.url}{START}/openapi.json") as response:
            assert response.status == 200
            assert (await response.json())["openapi"] == "3.1.0"
        async with program.get(f"{house.url}{START}/docs") as response:
            assert response.status == 200
            text = await response.text()
    assert not OUTSIDE.search(text)
    for operation in OPERATIONS:
        assert f'id="{operation.id}"' in text
        assert operation.address in text
        assert operation.scope.value in text
    for link in re.findall(r'href="#([^"]+)"', text):
        assert f'id="{link}"' in text, link
