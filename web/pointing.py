"""What was pointed at in a call, for the page that shows it: stretches, each as a small drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media.quality import KeptSample
from showroom.calls import CallEvent
from showroom.ids import StaffId
from showroom.marks import Mark
from showroom.words import Side
from web.telling import Teller

# A mark is shown for so long (`pointer.js`).
SHOWN_MS = 3_000
# Who points again after a longer silence begins anew.
SILENCE_MS = 10_000
# From then on the call was another advisor's.
TAKES = frozenset({"accept", "hand_over"})
# The longer side of a drawing, and the shape of a picture that nobody measured.
LONGEST = 160
USUAL = (16, 9)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One side's marks, one soon after the other."""

    side: Side
    marks: tuple[Mark, ...]

    @property
    def begun_ms(self) -> int:
        """When the first was made (UTC)."""
        return self.marks[0].marked_at

    @property
    def lasted_ms(self) -> int:
        """From the first mark until the last one was gone from the picture."""
        return self.marks[-1].marked_at - self.begun_ms + SHOWN_MS


def stretches(marks: Sequence[Mark]) -> list[Stretch]:
    """Return marks, which are in order, as stretches by side."""
    runs: list[list[Mark]] = []
    newest: dict[Side, list[Mark]] = {}
    for mark in marks:
        run = newest.get(mark.side)
        if run is None or mark.marked_at - run[-1].marked_at > SILENCE_MS:
            run = newest[mark.side] = []
            runs.append(run)
        run.append(mark)
    return [Stretch(run[0].side, tuple(run)) for run in runs]


def pointed(
    teller: Teller,
    events: Sequence[CallEvent],
    marks: Sequence[Mark],
    samples: Sequence[KeptSample],
) -> list[dict[str, Any]]:
    """Return lines of the timeline, each with its drawing."""
    return [
        {
            "kind": "pointer",
            "text": teller.pointed(
                one.side, _advisor(events, one.begun_ms), len(one.marks), one.lasted_ms
            ),
            "photo": None,
            "pointer": _drawing(teller, one, _shape(samples, one.begun_ms)),
        }
        | teller.moment(one.begun_ms)
        for one in stretches(marks)
    ]


def _advisor(events: Sequence[CallEvent], at_ms: int) -> StaffId:
    """Return who had the call at that moment; empty when the log is gone."""
    took = [one for one in events if one.kind in TAKES and one.at <= at_ms]
    data = took[-1].data if took else {}
    return StaffId(data.get("to") or data.get("advisor") or "")


def _shape(samples: Sequence[KeptSample], at_ms: int) -> tuple[int, int]:
    """Return how the advisor's picture was shaped by then, as the customer's side received it."""
    seen = [one for one in samples if one.side is Side.CUSTOMER and one.width and one.height]
    if not seen:
        return USUAL
    nearest = min(seen, key=lambda one: abs(one.sampled_at - at_ms))
    return nearest.width, nearest.height


def _drawing(teller: Teller, stretch: Stretch, shape: tuple[int, int]) -> dict[str, Any]:
    """Return the path over the picture: from the first spot, which is hollow, to the last."""
    scale = LONGEST / max(shape)
    width, height = (round(one * scale) for one in shape)
    spots = [(round(one.x * width, 1), round(one.y * height, 1)) for one in stretch.marks]
    first, last = stretch.marks[0], stretch.marks[-1]
    return {
        "width": width,
        "height": height,
        "spots": spots,
        "path": " ".join(f"{x},{y}" for x, y in spots),
        "said": teller.path(first.x, first.y, last.x, last.y),
    }
