"""The floor of `bench.accept`: two browsers that connect, and nothing else.

The same two browsers, the same camera, held in the same way; but no product: two empty pages, a
button, a video. What the browsers themselves need from the click to the first frame is in both.
"""

import asyncio

from playwright.async_api import Browser, Page

from bench.couple import RING_SECONDS, SCREEN, Couple

PAGE = """<!doctype html><title>.</title><button id="go">Go</button>
<video id="view" autoplay muted playsinline style="width: 100%"></video>"""
GATHERED = """
const gathered = (pc) => new Promise((done) => {
  const look = () => pc.iceGatheringState === 'complete' && done(pc.localDescription.sdp);
  pc.onicegatheringstatechange = look;
  look();
});
"""
OFFER = (
    "async () => {"
    + GATHERED
    + """
  const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const pc = (window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
  for (const track of camera.getTracks()) {
    pc.addTransceiver(track, { sendEncodings: [{ active: false }] });
  }
  document.getElementById('go').onclick = ({ timeStamp }) => {
    window.clicked = performance.timeOrigin + timeStamp;
    for (const sender of pc.getSenders()) {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = true;
      sender.setParameters(parameters);
    }
  };
  await pc.setLocalDescription();
  return gathered(pc);
}"""
)
ANSWER = (
    "async (sdp) => {"
    + GATHERED
    + """
  const pc = (window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
  const video = document.getElementById('view');
  video.srcObject = new MediaStream();
  window.shown = new Promise((resolve) =>
    video.requestVideoFrameCallback(() => resolve(performance.timeOrigin + performance.now())),
  );
  pc.ontrack = ({ track }) => video.srcObject.addTrack(track);
  await pc.setRemoteDescription({ type: 'offer', sdp });
  await pc.setLocalDescription();
  return gathered(pc);
}"""
)


async def bare_links(both: Couple, calls: int) -> list[float]:
    """Return the milliseconds from the click to the first frame, once a call."""
    work = both.advisor.context.browser
    assert work
    return [await _one(work, both.home, both.node.url) for _ in range(calls)]


async def _one(work: Browser, home: Browser, url: str) -> float:
    async with (
        await work.new_context(viewport=SCREEN) as here,
        await home.new_context(viewport=SCREEN) as there,
    ):
        sends, sees = await here.new_page(), await there.new_page()
        for page in (sends, sees):
            await _empty(page, url)
        answer = await sees.evaluate(ANSWER, await sends.evaluate(OFFER))
        await sends.evaluate("sdp => pc.setRemoteDescription({ type: 'answer', sdp })", answer)
        await asyncio.sleep(RING_SECONDS)
        await sends.click("#go")
        shown, clicked = await sees.evaluate("shown"), await sends.evaluate("clicked")
    return float(shown - clicked)


async def _empty(page: Page, url: str) -> None:
    """Open an empty page of a host that may use the camera."""
    await page.goto(f"{url}/health/live")
    await page.evaluate(
        "page => { document.open(); document.write(page); document.close(); }", PAGE
    )
