"""The robot's show: which car turns, and the tracks that carry it. Tracks outlive a link."""

from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from aiortc import MediaStreamTrack
from numpy.typing import NDArray

from showroom.robot.talk import caption, price_text
from showroom.robot.tracks import ClipTracks, PictureTrack, VoiceTrack
from showroom.robot.turntable import Turntable
from showroom.robot.voice import Voice

# Drawing and encoding this takes less than half a core, so that the demo runs on a small machine.
WIDTH, HEIGHT = 960, 540
# The catalogue's body styles, in the turntable's words.
BODIES = {
    "city car": "city",
    "hatchback": "hatch",
    "fastback": "saloon",
    "saloon": "saloon",
    "suv": "suv",
    "estate": "estate",
    "people mover": "van",
    "roadster": "roadster",
}


class Show:
    """A turning car, or a clip, with its sound."""

    def __init__(self, vehicle: dict[str, Any], language: str, clip: Path | None) -> None:
        self._language = language
        self.vehicle = vehicle
        self._turntable: Turntable | None = None
        self._seconds = 0.0
        self._clip = ClipTracks(clip) if clip else None
        if self._clip:
            self.tracks: dict[str, MediaStreamTrack] = {
                "video": self._clip.video,
                "audio": self._clip.audio,
            }
        else:
            self.tracks = {"video": PictureTrack(self), "audio": VoiceTrack(Voice())}

    def turn_to(self, vehicle: dict[str, Any]) -> None:
        """Show another car from the next frame on."""
        self.vehicle, self._turntable = vehicle, None

    def draw(self, seconds: float, clock: datetime) -> NDArray[np.uint8]:
        """The picture of now, for the track; runs on the track's own thread."""
        table = self._turntable
        if table is None:
            table = self._turntable = self._set_up(self.vehicle)
        self._seconds = seconds
        return table.draw(seconds, clock)

    def still(self) -> bytes | None:
        """The car as it stands now, twice as large, as JPEG; of a clip there is none. It blocks."""
        if self._clip:
            return None
        picture = self._set_up(self.vehicle, 2).draw(self._seconds, datetime.now().astimezone())
        _, jpeg = cv2.imencode(".jpg", picture)
        return jpeg.tobytes()

    def _set_up(self, vehicle: dict[str, Any], scale: int = 1) -> Turntable:
        return Turntable(
            name=vehicle["name"],
            price=price_text(vehicle, self._language),
            body=BODIES.get(vehicle["body"].casefold(), "hatch"),
            paint=vehicle["paints"][0]["hex"] if vehicle["paints"] else "#8a9097",
            caption=caption(self._language),
            width=WIDTH * scale,
            height=HEIGHT * scale,
        )

    def stop(self) -> None:
        """Stop the tracks and their threads."""
        for track in self.tracks.values():
            track.stop()
