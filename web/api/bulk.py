"""Many items in one request: each is judged alone, or all go in or none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from web.api.operations import BULK_ITEMS, Answer
from web.api.problems import FieldProblem, Invalid
from web.api.reading import Asked, Flag, problems_in
from web.api.values import Given, Told

T = TypeVar("T")


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
    result: Literal["created", "updated", "unchanged", "refused"]
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
class Sorted(Generic[T]):
    """A batch, the good apart from the bad; `good` by index, `bad` with what is wrong."""

    good: Mapping[int, T]
    bad: Mapping[int, Sequence[FieldProblem]]


def sort(batch: Batch[T], query: BulkAsked, id_of: Callable[[T], str]) -> Sorted[T]:
    """Sort a batch. Of two items with one id the second is bad.

    Raises `Invalid` if one is bad and `query` says all or none.
    """
    good: dict[int, T] = {}
    bad: dict[int, Sequence[FieldProblem]] = {}
    first: dict[str, int] = {}
    for index, item in enumerate(batch.items):
        if isinstance(item, Wrong):
            bad[index] = problems_in(item.error, ("items", index))
        elif (earlier := first.setdefault(id_of(item), index)) != index:
            detail = f"Item {earlier} has the same id. Send each once."
            bad[index] = [FieldProblem(detail=detail, pointer=f"/items/{index}")]
        else:
            good[index] = item
    if bad and query.atomic:
        raise Invalid([problem for problems in bad.values() for problem in problems])
    return Sorted(good, bad)


def told(batch: Sorted[T], id_of: Callable[[T], str], fates: Mapping[str, str]) -> Answer:
    """Return what became of a batch; `fates` has it for each good item, by its id."""
    results = [
        ItemResult(index=index, id=id_of(item), result=fates[id_of(item)], errors=[])  # type: ignore[arg-type]
        for index, item in batch.good.items()
    ] + [
        ItemResult(index=index, id=None, result="refused", errors=list(problems))
        for index, problems in batch.bad.items()
    ]
    results.sort(key=lambda one: one.index)
    counts = {
        fate: sum(one.result == fate for one in results)
        for fate in ("created", "updated", "unchanged", "refused")
    }
    return Answer(BulkResult(**counts, results=results))


def fates(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
    """Return what each item of `after` means for what was there."""
    return {
        name: "created"
        if name not in before
        else "unchanged"
        if before[name] == item
        else "updated"
        for name, item in after.items()
    }
