"""Many items in one request: each is judged alone, or all go in or none."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from web.api.operations import BULK_ITEMS, Answer
from web.api.problems import FieldProblem, Invalid
from web.api.reading import MOST_ERRORS, Asked, Flag, pointer, problems_in
from web.api.values import Given, Told

T = TypeVar("T")
U = TypeVar("U")
Fate = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Stands in for an item that is none; the pointers begin at the item."""

    error: ValidationError


def _or_wrong(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
    try:
        return parse(value)
    except ValidationError as error:
        return Wrong(error)


class Batch(Given, Generic[T]):
    """Items to be added or replaced, by their ids."""

    # Parsed item by item: a wrong one does not spoil the others. Lists, not tuples: strict parsing
    # takes what it has unwrapped for Python's own, and JSON has arrays.
    items: Annotated[list[Annotated[T, WrapValidator(_or_wrong)]], Field(max_length=BULK_ITEMS)]


class BulkAsked(Asked):
    """Whether one wrong item spoils all."""

    atomic: Annotated[
        Flag, Field(description="All items or none. Without it, those that are right go in.")
    ] = False


class ItemResult(Told):
    """What became of one item."""

    index: Annotated[int, Field(description="Its place in `items`, from 0.")]
    id: Annotated[str | None, Field(description="Null when it has none that can be read.")]
    result: Fate
    errors: Annotated[
        list[FieldProblem], Field(description="Why it was refused; pointers into the body.")
    ]


class BulkResult(Told):
    """What became of all items, in their order."""

    created: int
    updated: int
    unchanged: int
    refused: int
    results: list[ItemResult]


@dataclass(frozen=True, slots=True)
class Sorted(Generic[U]):
    """A batch by index: the `good` items as they were read, their `ids`, and what is `bad`."""

    good: Mapping[int, U]
    ids: Mapping[int, str]
    bad: Mapping[int, Sequence[FieldProblem]]


async def sort(
    batch: Batch[T], query: BulkAsked, read: Callable[[T], U], id_of: Callable[[U], str]
) -> Sorted[U]:
    """Sort a batch, beside the event loop. Bad are: items that are none, those of which `read`
    raises pydantic's `ValidationError`, and of two with one id the second.

    Raises `Invalid` if one is bad and `query` says all or none.
    """
    return await asyncio.to_thread(_sort, batch, query, read, id_of)


def _sort(
    batch: Batch[T], query: BulkAsked, read: Callable[[T], U], id_of: Callable[[U], str]
) -> Sorted[U]:
    good: dict[int, U] = {}
    bad: dict[int, Sequence[FieldProblem]] = {}
    first: dict[str, int] = {}
    for index, item in enumerate(batch.items):
        place = ("items", index)
        if isinstance(item, Wrong):
            bad[index] = problems_in(item.error, place)
            continue
        try:
            kept = read(item)
        except ValidationError as error:
            bad[index] = problems_in(error, place)
            continue
        if (earlier := first.setdefault(id_of(kept), index)) != index:
            detail = f"Item {earlier} has the same id. Send each once."
            bad[index] = [FieldProblem(detail=detail, pointer=pointer(place))]
        else:
            good[index] = kept
    if bad and query.atomic:
        raise Invalid([problem for problems in bad.values() for problem in problems][:MOST_ERRORS])
    return Sorted(good, {index: name for name, index in first.items()}, bad)


def told(batch: Sorted[U], fates: Mapping[str, Fate]) -> Answer:
    """Return what became of a batch; `fates` has it for each good item, by its id."""
    results = [
        ItemResult(index=index, id=batch.ids[index], result=fates[batch.ids[index]], errors=[])
        for index in batch.good
    ] + [
        ItemResult(index=index, id=batch.ids.get(index), result="refused", errors=list(problems))
        for index, problems in batch.bad.items()
    ]
    results.sort(key=lambda one: one.index)
    counts = Counter(one.result for one in results)
    return Answer(
        BulkResult(
            created=counts["created"],
            updated=counts["updated"],
            unchanged=counts["unchanged"],
            refused=counts["refused"],
            results=results,
        )
    )


def fates(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, Fate]:
    """Return what each item of `after` means for what was there."""
    return {name: _fate(before.get(name), item) for name, item in after.items()}


def _fate(before: object, after: object) -> Fate:
    if before is None:
        return "created"
    return "unchanged" if before == after else "updated"
