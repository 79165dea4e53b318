"""Examples and plain words for schemas, so that people can read what programs do."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
# Deep enough for what the interface has; nothing in it refers to itself.
DEEPEST = 4
AN_ID = "Zk3Lw0cTQm2xPvRb7sYq1A"
BY_FORMAT = {"date-time": "2031-05-02T14:30:00Z"}
BY_KIND: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None}


@dataclass(frozen=True, slots=True)
class Row:
    """A field of an object, for a table. `name` has the way to it: `items[].price`."""

    name: str
    kind: str
    required: bool
    description: str


class Reader:
    """Reads schemas that refer to the document's components."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self._schemas = schemas

    def example(self, schema: Json, name: str = "") -> Any:
        """Return a value that fits: the schema's own example, or what its kind suggests."""
        schema = self._resolved(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                known = schema.get("properties", {})
                return {field: self.example(shape, field) for field, shape in known.items()}
            case "array":
                return [self.example(schema["items"], name)]
            case "string":
                return self._text(schema, name)
            case kind:
                return max(BY_KIND.get(str(kind), 1), schema.get("minimum", 0) or 0)

    def _text(self, schema: Json, name: str) -> str:
        if schema.get("format") in BY_FORMAT:
            return BY_FORMAT[schema["format"]]
        if "pattern" in schema:
            return {"hex": "#c8b494", "path": "vehicles/crete-side.svg"}.get(name, AN_ID)
        return str(schema.get("default") or name)

    def rows(self, schema: Json, before: str = "", depth: int = 0) -> Iterator[Row]:
        """Yield the fields of an object, those of inner objects below them."""
        schema = self._resolved(schema)
        required = schema.get("required", [])
        for name, shape in schema.get("properties", {}).items():
            inner, way = self._resolved(shape), f"{before}{name}"
            told = shape.get("description") or ""
            yield Row(way, self.kind(shape), name in required, told)
            while inner.get("type") == "array":
                inner, way = self._resolved(inner["items"]), f"{way}[]"
            if depth < DEEPEST and inner.get("type") == "object":
                yield from self.rows(inner, f"{way}.", depth + 1)

    def kind(self, schema: Json) -> str:
        """Return what a value is, in a few words."""
        shape = self._resolved(schema)
        word = str(shape.get("format") or shape.get("type") or "any")
        if "enum" in shape:
            word = " | ".join(str(one) for one in shape["enum"])
        elif word == "array":
            word = f"list of {self.kind(shape['items'])}"
        elif bounds := _bounds(shape):
            word = f"{word} {bounds}"
        nullable = {"type": "null"} in schema.get("anyOf", [])
        return f"{word}, or null" if nullable else word

    def _resolved(self, schema: Json) -> Json:
        """Return a schema without references, and of alternatives the one that is not null."""
        own: Json = {name: schema[name] for name in ("description", "examples") if name in schema}
        for one in schema.get("anyOf", []):
            if one != {"type": "null"}:
                return {**self._resolved(one), **own}
        if "$ref" in schema:
            return {**self._schemas[schema["$ref"].rpartition("/")[2]], **own}
        return schema


def _bounds(shape: Json) -> str:
    least = shape.get("minimum", shape.get("minLength", shape.get("minItems")))
    most = shape.get("maximum", shape.get("maxLength", shape.get("maxItems")))
    if most is None:
        return "" if least is None else f"≥ {least}"
    return f"{least if least is not None else 0}–{most}"


def pretty(value: Any) -> str:
    """Return JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)
