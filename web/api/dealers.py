"""The directory of dealers and agents: listed, and kept up by the system that knows them best."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from booking.dealers.directory import Dealer, DealerKind
from booking.dealers.entry import (
    LONGEST_CITY,
    LONGEST_CODE,
    LONGEST_LINE,
    LONGEST_POSTCODE,
    DealerEntry,
)
from showroom.api_keys import Scope
from web.api.bulk import Batch, BulkAsked, BulkResult, fates, sort, told
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.paging import Page, Paged, cursor_to, page, place_of
from web.api.values import Given, Line, Moment, Told
from web.keys import DEALERS

# Where a page ends: a code.
PLACE = TypeAdapter(tuple[Annotated[str, Field(max_length=LONGEST_CODE)]])
Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_CODE,
        description="The brand's own number, unique within the showroom.",
        examples=["FR-75011"],
    ),
]


class DealerGiven(Given):
    """A dealer to be added, or to take the place of the one with its code."""

    code: Code
    kind: Annotated[DealerKind, Field(description="An agent sells in the brand's name.")] = (
        DealerKind.DEALER
    )
    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_LINE, examples=["Garage Martin"])]
    street: Annotated[
        Line, Field(min_length=1, max_length=LONGEST_LINE, examples=["3 rue de la Roquette"])
    ]
    postcode: Annotated[Line, Field(min_length=1, max_length=LONGEST_POSTCODE, examples=["75011"])]
    city: Annotated[Line, Field(min_length=1, max_length=LONGEST_CITY, examples=["Paris"])]
    country: Annotated[
        str | None,
        Field(max_length=2, description="ISO 3166-1; left out, the showroom's.", examples=["FR"]),
    ] = None
    latitude: Annotated[
        float, Field(ge=-90, le=90, description="WGS 84, degrees.", examples=[48.8534])
    ]
    longitude: Annotated[
        float, Field(ge=-180, le=180, description="WGS 84, degrees.", examples=[2.3741])
    ]
    zone: Annotated[
        str | None,
        Field(
            max_length=64,
            description="IANA; left out, the showroom's.",
            examples=["Europe/Paris"],
        ),
    ] = None
    phone: Annotated[
        Line | None,
        Field(description="E.164, or as people there write it.", examples=["+33142681234"]),
    ] = None
    email: Annotated[Line | None, Field(examples=["ventes@garage-martin.example"])] = None


class DealerTold(Told):
    """A dealer or an agent."""

    code: str
    kind: DealerKind
    name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    zone: str
    phone: Annotated[str | None, Field(description="E.164.")]
    email: str | None
    closed_at: Annotated[
        Moment | None, Field(description="Since then it takes no leads; a manager says so.")
    ]


class DealerPage(Page[DealerTold]):
    """Dealers, by their codes."""


class DealerBatch(Batch[DealerGiven]):
    """Dealers to be added or replaced, by their codes."""


async def show(call: Call[Paged, Nothing]) -> Answer:
    """List the dealers."""
    after = place_of(call.query, PLACE)
    dealers = sorted(await call.app[DEALERS].all(call.showroom.id), key=_code)
    left = [one for one in dealers if after is None or one.code > after[0]]
    shown = left[: call.query.limit]
    end = cursor_to([shown[-1].code]) if len(left) > len(shown) else None
    return page(call.request, DealerPage, [_told(one) for one in shown], end)


async def upsert(call: Call[BulkAsked, DealerBatch]) -> Answer:
    """Add and replace dealers."""
    showroom = call.showroom

    def read(given: DealerGiven) -> Dealer:
        return DealerEntry.of(given.model_dump(exclude_none=True), showroom).dealer(showroom)

    batch = await sort(call.body, call.query, read, _code)
    before = {one.code: _told(one) for one in await call.app[DEALERS].all(showroom.id)}
    await call.app[DEALERS].upsert(showroom.id, list(batch.good.values()), who=call.key.id)
    after = {one.code: _told(one) for one in await call.app[DEALERS].all(showroom.id)}
    return told(batch, fates(before, after))


def _code(dealer: Dealer) -> str:
    return dealer.code


def _told(dealer: Dealer) -> DealerTold:
    return DealerTold(
        code=dealer.code,
        kind=dealer.kind,
        name=dealer.name,
        street=dealer.street,
        postcode=dealer.postcode,
        city=dealer.city,
        country=dealer.country,
        latitude=dealer.latitude,
        longitude=dealer.longitude,
        zone=dealer.zone,
        phone=dealer.phone,
        email=dealer.email,
        closed_at=dealer.closed_at,
    )


OPERATIONS = (
    Operation(
        id="list_dealers",
        method="GET",
        path="/dealers",
        group="Dealers",
        scope=Scope.DEALERS_READ,
        summary="Dealers and agents, also those that are closed",
        handle=show,
        query=Paged,
        body=Nothing,
        answers={200: DealerPage},
    ),
    Operation(
        id="upsert_dealers",
        method="PUT",
        path="/dealers",
        group="Dealers",
        scope=Scope.DEALERS_WRITE,
        summary="Add and replace many dealers at once",
        description="By their codes; dealers that are not named stay as they are, and closed ones"
        " stay closed.",
        handle=upsert,
        query=BulkAsked,
        body=DealerBatch,
        answers={200: BulkResult},
        bulk=True,
    ),
)
