"""When the robot answers, and what the demo lets it show."""

import asyncio
from pathlib import Path

import av
import numpy as np

from showroom.demo.seed import SLUG
from showroom.robot.run import Robot
from showroom.words import Role
from tests.browser.demo import demo_process
from tests.houses import House
from tests.nodes import until_healthy
from tests.people import Customer
from tests.robot.test_robot import ROBOT, Viewer
from tests.samples import PASSWORD, staff_of
from tests.virtual_clock import VirtualClock

TWO_SECONDS_MS = 2000
RED = (30, 30, 200)  # as blue, green, red


def write_red_clip(path: Path) -> Path:
    """A clip of one second in one colour, which no turntable and no night has."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        picture = np.full((180, 320, 3), RED, dtype=np.uint8)
        for _ in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


async def test_the_robot_lets_it_ring_for_two_seconds_before_it_answers(house: House) -> None:
    staff = staff_of(house.node.shared.database, VirtualClock())
    await staff.add(ROBOT, "Robo", PASSWORD, {"paris": Role.ADVISOR}, ["en", "fr"], robot=True)
    worker = Robot(house.url, "paris", clip=None, still=True)
    try:
        await worker.wire.sign_in(ROBOT, PASSWORD)
        await worker.wire.connect()
        async with house.customer() as customer, house.boss() as boss:
            call = await customer.call()
            await customer.until_call("connecting")
            await boss.sign_in("boss@example.com", PASSWORD)
            async with boss.http.get(f"{boss.url}/manager/calls/{call}/timeline") as response:
                events = (await response.json())["events"]
    finally:
        await worker.close()
    # The server's own clock, so that nobody's line counts.
    at = {event["kind"]: event["at"] for event in events}
    assert TWO_SECONDS_MS <= at["accept"] - at["ring"] < 2 * TWO_SECONDS_MS


async def test_the_demo_shows_the_clip_that_it_is_given(tmp_path: Path) -> None:
    clip = write_red_clip(tmp_path / "clip.mp4")
    with demo_process(tmp_path, "--clip", str(clip)) as url:
        await until_healthy(url)
        async with Customer(url, SLUG) as customer:
            await customer.call()
            viewer = Viewer(customer)
            try:
                await viewer.connect((await customer.until_call("ringing"))["link"])
                await customer.until_call("live")
                async with asyncio.timeout(10):
                    frame = await viewer.tracks["video"].recv()
            finally:
                await viewer.pc.close()
    picture = frame.to_ndarray(format="bgr24").reshape(-1, 3)  # type: ignore[union-attr]
    assert np.abs(picture.mean(axis=0) - RED).max() < 25
    assert picture.std(axis=0).max() < 15
