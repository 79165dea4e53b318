"""What plays and sends stills, on a page of ours but without a call: each part by itself."""

import pytest
from playwright.async_api import Page

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.props import becomes_true

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A picture of one colour, which is drawn again and again.
PAINTED = """
window.painted = (colour) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext('2d');
  setInterval(() => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 64, 64);
  }, 50);
  return canvas.captureStream(20);
};
"""


async def blank(cast: Cast) -> Page:
    """Return a page that may load our modules."""
    page = (await cast.visitor()).page
    await page.goto("/s/paris")
    await page.evaluate(PAINTED)
    return page


async def test_stills_show_after_the_picture_has_come_over_to_another_link(cast: Cast) -> None:
    page = await blank(cast)
    await page.evaluate(
        """async () => {
          const { Playback } = await import('/static/js/playback.js');
          const { StillTrack } = await import('/static/js/still_track.js');
          const video = document.createElement('video');
          video.id = 'played';
          video.muted = true;
          document.body.append(video);
          window.playback = new Playback(video, () => {});
          window.relay = painted('#00ff00');
          window.link = painted('#0000ff');
          window.stills = new StillTrack(link);
          playback.attach(relay);
        }"""
    )
    video = page.locator("#played")
    await becomes_true(page, "playback.started")
    await page.evaluate("playback.attach(link)")
    await eyes.shows(video, (0, 0, 255))
    # A link that was not left yet takes over again, with what it brings itself.
    await page.evaluate("playback.attach(relay)")
    await eyes.shows(video, (0, 255, 0))
    await page.evaluate("playback.attach(link)")
    await eyes.shows(video, (0, 0, 255))
    await page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(64, 64);
          const pen = canvas.getContext('2d');
          pen.fillStyle = '#ff0000';
          pen.fillRect(0, 0, 64, 64);
          stills.show(await createImageBitmap(canvas));
        }"""
    )
    await eyes.shows(video, (255, 0, 0))
    await page.evaluate("stills.clear()")
    await eyes.shows(video, (0, 0, 255))


# A channel that counts how often it is asked whether it is empty, which it never is.
SENDING = """async (camera) => {
  const { StillSender } = await import('/static/js/stills.js');
  window.channel = Object.assign(new EventTarget(), { readyState: 'open', sent: 0, looks: 0 });
  channel.send = () => channel.sent++;
  Object.defineProperty(channel, 'bufferedAmount', { get: () => ++channel.looks * 1e9 });
  window.taken = 0;
  const tracks = { painted: painted('#00ff00').getVideoTracks()[0] };
  const nothing = document.createElement('canvas');
  nothing.getContext('2d');
  tracks.empty = nothing.captureStream(0).getVideoTracks()[0];
  const taking = () => {
    taken++;
    return tracks[camera];
  };
  new StillSender(channel, taking, () => 1e6).turn(true);
}"""


async def test_nothing_waits_for_a_channel_that_has_closed(cast: Cast) -> None:
    page = await blank(cast)
    await page.evaluate(SENDING, "painted")
    await becomes_true(page, "channel.looks > 2")
    await page.evaluate("channel.readyState = 'closed'")
    looks = await page.evaluate(
        """async () => {
          const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
          await pause();
          const before = channel.looks;
          await pause();
          return channel.looks - before;
        }"""
    )
    assert looks == 0


async def test_a_camera_without_a_frame_holds_the_next_still_up_for_moments_only(
    cast: Cast,
) -> None:
    page = await blank(cast)
    await page.evaluate(SENDING, "empty")
    await becomes_true(page, "taken > 1")
    assert await page.evaluate("channel.sent") == 0


async def test_a_camera_with_another_zoom_has_its_bounds_also_under_the_keyboard(
    cast: Cast,
) -> None:
    advisor = await cast.advisor()
    found = await advisor.page.evaluate(
        """async () => {
          const { Lens } = await import('/static/js/advisor/lens.js');
          const zoom = document.querySelector('#zoom');
          document.body.append(zoom);
          const seen = () => [zoom.min, zoom.max, zoom.step, zoom.value].join(' ');
          const zooms = { min: 1, max: 5, step: 1, now: 2 };
          const capture = { lens: { torch: false, lit: false, zoom: zooms } };
          const lens = new Lens(capture);
          lens.show();
          zoom.focus();
          zoom.value = '4';
          lens.show();
          const moving = seen();
          capture.lens.zoom = { min: 10, max: 30, step: 5, now: 20 };
          lens.show();
          return [moving, seen()];
        }"""
    )
    assert found == ["1 5 1 4", "10 30 5 20"]
