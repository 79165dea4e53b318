"""How a showroom stands right now."""

from typing import Annotated

from pydantic import Field

from showroom.api_keys import Scope
from signaling.crier import public_state
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.reading import Asked
from web.api.values import LanguageCode, Moment, Told
from web.keys import CLOCK, LIVE


class LanguageStatus(Told):
    """The advisors and the queue of one language."""

    language: LanguageCode
    advisors_free: Annotated[int, Field(description="Who could take a call now.")]
    advisors_on_duty: Annotated[int, Field(description="Also those who are in a call.")]
    waiting: Annotated[int, Field(description="Customers in the queue.")]
    expected_wait: Annotated[
        int | None,
        Field(description="Seconds, for whoever calls now; null if nobody can say."),
    ]


class Status(Told):
    """Whether a showroom is open, and whether somebody would answer."""

    open: bool
    open_until: Annotated[Moment | None, Field(description="Null when it is closed.")]
    next_opening: Annotated[Moment | None, Field(description="Null when none is known.")]
    zone: Annotated[str, Field(description="The showroom's time zone (IANA).")]
    languages: list[LanguageStatus]


async def show(call: Call[Asked, Nothing]) -> Answer:
    """Tell it."""
    state = await public_state(call.app[LIVE], call.showroom, call.app[CLOCK]())
    return Answer(
        Status(
            open=state.open,
            open_until=state.open_until,
            next_opening=state.next_opening,
            zone=call.showroom.zone,
            languages=[
                LanguageStatus(
                    language=language,
                    advisors_free=one.free,
                    advisors_on_duty=one.on_duty,
                    waiting=one.waiting,
                    expected_wait=one.expected_wait,
                )
                for language, one in state.languages.items()
            ],
        )
    )


OPERATIONS = (
    Operation(
        id="get_status",
        method="GET",
        path="/status",
        group="Showroom",
        scope=Scope.STATUS_READ,
        summary="Whether it is open, who is free, how long the wait is",
        handle=show,
        query=Asked,
        body=Nothing,
        answers={200: Status},
    ),
)
