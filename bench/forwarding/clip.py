"""A clip that is encoded once, and played by all publishers of a measurement."""

import asyncio
import random
import time
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack

WIDTH, HEIGHT, RATE = 1280, 720, 30
SECONDS = 6
BITRATE = 1_700_000
# A keyframe this often (frames): a publisher that is asked for one goes on at the next.
GROUP = 60
# A frame's time steps by 3,000 of 90,000 and something of its own, so that a receiver finds a frame
# again although both engines renumber it.
STEP, WOBBLE = 2_950, 100
SOUND_STEP = 960
# 60 bytes are what Opus needs for 20 ms of speech at 24 kbit/s.
SOUND = bytes([0x78]) + bytes(59)

Frames = list[tuple[bytes, bool]]


def encode(
    width: int = WIDTH,
    height: int = HEIGHT,
    rate: int = RATE,
    bitrate: int = BITRATE,
    group: int = GROUP,
) -> Frames:
    """Return the frames of a moving picture, and which of them are keyframes.

    Width and height are multiples of 8.
    """
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, rate), Fraction(rate)
    codec.bit_rate, codec.gop_size = bitrate, group
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    codec.options |= {"minrate": str(bitrate), "maxrate": str(bitrate), "keyint_min": str(group)}
    ground = np.random.default_rng(5).integers(0, 255, (height, 2 * width), np.uint8)
    # Coarse enough to be a picture, fine enough to cost what a walk around a car does.
    ground = ground.reshape(height // 8, 8, width // 4, 8).mean((1, 3)).repeat(8, 0).repeat(8, 1)
    found: Frames = []
    for number in range(rate * SECONDS):
        grey = np.roll(ground, 3 * number, axis=1)[:, :width].astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
        frame.pts = number
        found += [(bytes(packet), packet.is_keyframe) for packet in codec.encode(frame)]
    return found


class Playing(MediaStreamTrack):
    """Plays the clip in real time, for ever; or with no frames, sound."""

    def __init__(self, frames: Frames | None, seed: int) -> None:
        super().__init__()
        self.kind = "audio" if frames is None else "video"
        self._frames = frames or [(SOUND, True)]
        self._next = 0
        self._pts, self._began = 0, 0.0
        self._base = Fraction(1, 48_000 if frames is None else 90_000)
        self._steps = random.Random(seed)

    def restart(self) -> None:
        """Go on with a keyframe, as a publisher that is asked for one."""
        if not self._frames[self._next][1]:
            self._next = (self._next // GROUP + 1) * GROUP % len(self._frames)

    async def recv(self) -> "av.Packet[av.stream.Stream]":
        if not self._began:
            self._began = time.monotonic()
        elif self.kind == "video":
            self._pts += STEP + self._steps.randrange(WOBBLE)
        else:
            self._pts += SOUND_STEP
        wait = self._began + float(self._pts * self._base) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        data, key = self._frames[self._next]
        self._next = (self._next + 1) % len(self._frames)
        packet = av.Packet(data)
        packet.pts = packet.dts = self._pts
        packet.time_base, packet.is_keyframe = self._base, key
        return packet
