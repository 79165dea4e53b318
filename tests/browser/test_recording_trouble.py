"""Recording while things go wrong: workers die, disks are full, phones are turned."""

import asyncio
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from media.relay.switch import Switch
from showroom.clock import system_clock
from showroom.settings import Settings
from showroom.valkey import connect
from tests.browser import eyes
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.props import reload
from tests.browser.tapes import (
    ALLOWED,
    SIGN,
    began,
    covered,
    goes_on,
    parts,
    record,
    recorded,
    tapes,
)
from tests.nodes import media_process

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 6
# What a worker that is killed may take with it (ms).
LOST = 5_000
START_SECONDS = 60

# A camera that is held upright or lying. What is up is white, all else is black.
TURNING = """
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
const canvas = document.createElement('canvas');
const pen = canvas.getContext('2d');
let step = 0;
function draw() {
  pen.fillStyle = '#000';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height / 3);
  pen.fillStyle = '#888';
  pen.fillRect((step += 20) % canvas.width, canvas.height / 2, 40, 40);
}
window.hold = (upright) => {
  [canvas.width, canvas.height] = upright ? [480, 640] : [640, 480];
  draw();
};
hold(false);
setInterval(draw, 50);
devices.getUserMedia = async (wanted) => {
  const sound = wanted.audio ? await open({ audio: wanted.audio }) : new MediaStream();
  if (wanted.video) sound.addTrack(canvas.captureStream(20).getVideoTracks()[0]);
  return sound;
};
"""


async def workers(redis: Redis, count: int) -> None:
    """Wait until so many workers are known."""
    async with asyncio.timeout(START_SECONDS):
        while len(await Switch(redis).workers()) != count:
            await asyncio.sleep(0.05)


async def test_a_killed_worker_takes_seconds_with_it_and_another_records_on(
    open_house: OpenHouse, settings: Settings, tmp_path: Path
) -> None:
    cast = await open_house(policy=ALLOWED)
    redis = await connect(settings.redis_url)
    folder = settings.data_dir
    with media_process(settings.redis_url, tmp_path / "first.log", data_dir=folder) as first:
        await workers(redis, 1)
        customer, advisor = await recorded(cast)
        await goes_on(settings, SECONDS)
        with media_process(settings.redis_url, tmp_path / "second.log", data_dir=folder):
            await workers(redis, 2)
            [before] = parts(settings)
            first.kill()
            killed = system_clock()
            async with asyncio.timeout(eyes.PATIENCE):
                while len(parts(settings)) < 2:
                    await asyncio.sleep(0.05)
            await eyes.moves(customer.live_view)
            await goes_on(settings, SECONDS)
            for page in (customer.page, advisor.page):
                await expect(page.locator(SIGN)).to_be_visible()
            stopped = system_clock()
            await customer.tap("Stop recording")
            [tape] = await tapes(settings)
    await redis.aclose()
    assert tape.recording.parts >= 2
    moments = [began(before) + at * 1000 for at, _ in tape.pictures()]
    assert killed - max(at for at in moments if at < killed) < LOST
    assert [at for at, after in pairwise(moments) if at > after] == [], "in their order"
    assert covered(at / 1000 for at in moments if killed < at < stopped) > SECONDS - 2


async def test_a_full_disk_ends_the_recording_and_both_are_told_and_the_call_goes_on(
    open_house: OpenHouse, settings: Settings, tmp_path: Path, small_disk: Path
) -> None:
    (settings.data_dir / "files").symlink_to(small_disk)
    (small_disk / "others").write_bytes(bytes(160_000))
    cast = await open_house(policy=ALLOWED)
    redis = await connect(settings.redis_url)
    with media_process(settings.redis_url, tmp_path / "log", data_dir=settings.data_dir):
        await workers(redis, 1)
        customer, advisor = await recorded(cast)
        for one in (customer, advisor):
            await one.reads("there is no room left for it. The call goes on.")
            await expect(one.page.locator(SIGN)).to_be_hidden()
        await eyes.moves(customer.live_view)
        await eyes.hears(customer.page)
        await customer.write("Still here?")
        await advisor.open_chat()
        await expect(advisor.conversation()).to_contain_text("Still here?")
    await redis.aclose()


async def test_what_is_up_is_up_in_the_file_however_the_phone_is_held(
    open_house: OpenHouse, settings: Settings, tmp_path: Path
) -> None:
    cast = await open_house(policy=ALLOWED)
    redis = await connect(settings.redis_url)
    with media_process(settings.redis_url, tmp_path / "log", data_dir=settings.data_dir):
        await workers(redis, 1)
        customer, advisor = await cast.couple()
        await advisor.page.add_init_script(TURNING)
        await reload(advisor.page)
        await talk(customer, advisor)
        await record(customer, advisor)
        await goes_on(settings, SECONDS // 2)
        await advisor.page.evaluate("hold(true)")
        await goes_on(settings, SECONDS)
        await customer.tap("Stop recording")
        [tape] = await tapes(settings)
    await redis.aclose()
    lying, upright = 0, 0
    for _, picture in tape.pictures():
        height, width = picture.shape
        lying, upright = lying + (width > height), upright + (height > width)
        assert np.mean(picture[: height // 4]) > 180, "what is up"
        assert np.mean(picture[height * 3 // 4 :]) < 60, "what is down"
    assert lying > 20
    assert upright > 20
