"""Hardware that no test machine has, as init scripts in the place of the browser's own interfaces.

Each keeps a record of what a page asked of it, which the functions below read.
"""

import asyncio
from typing import Any

from playwright.async_api import Page

from tests.browser.eyes import LOOK_EVERY, PATIENCE

# A speaker and a motor: every note that was started, every vibration, and every change of the
# tab's title beside them.
BELL = """
window.bell = { notes: 0, mute: 0, buzzes: [], titles: [] };
setInterval(() => {
  if (document.title !== bell.titles.at(-1)) bell.titles.push(document.title);
}, 50);
const begin = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (...when) {
  bell[this.context.state === 'running' ? 'notes' : 'mute']++;
  return begin.apply(this, when);
};
Navigator.prototype.vibrate = (pattern) => bell.buzzes.push(pattern) > 0;
"""

# A screen that can be kept awake.
SCREEN = """
window.screenLocks = { asked: 0, held: 0 };
Object.defineProperty(Navigator.prototype, 'wakeLock', { configurable: true, value: {
  async request(kind) {
    screenLocks.asked++;
    screenLocks.held++;
    return {
      kind,
      released: false,
      async release() {
        if (!this.released) screenLocks.held--;
        this.released = true;
      },
    };
  },
} });
"""

# A picture of a colour that no clip has, in which something moves.
MAGENTA = """
function magenta() {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 272;
  const pen = canvas.getContext('2d');
  let step = 0;
  setInterval(() => {
    pen.fillStyle = '#e000e0';
    pen.fillRect(0, 0, 640, 272);
    pen.fillStyle = '#ffffff';
    pen.fillRect((step += 20) % 640, 0, 80, 272);
  }, 50);
  return canvas.captureStream(20);
}
"""

# A phone: its front camera is the device that the browser has; its rear camera shows another
# colour, and has a light and a zoom.
PHONE = (
    MAGENTA
    + """
window.phone = { asked: [], constraints: [], tracks: [] };
const devices = navigator.mediaDevices;
const list = devices.enumerateDevices.bind(devices);
const open = devices.getUserMedia.bind(devices);
const rear = { kind: 'videoinput', deviceId: 'rear', groupId: 'rear', label: 'Back camera' };
const settings = { deviceId: 'rear', facingMode: 'environment', torch: false, zoom: 1 };

function rearCamera() {
  const [track] = magenta().getVideoTracks();
  track.getSettings = () => ({ ...settings });
  track.getCapabilities = () => ({
    deviceId: 'rear', torch: true, zoom: { min: 1, max: 5, step: 0.5 },
  });
  track.applyConstraints = async (wanted) => {
    phone.constraints.push(wanted);
    for (const one of wanted.advanced ?? []) Object.assign(settings, one);
  };
  return track;
}

devices.enumerateDevices = async () => [...(await list()), rear];
devices.getUserMedia = async (wanted) => {
  phone.asked.push(wanted);
  const { deviceId, facingMode } = wanted.video || {};
  const wish = facingMode?.exact ?? facingMode?.ideal ?? facingMode;
  const atRear = deviceId ? deviceId.exact === 'rear' : wish === 'environment';
  if (!atRear) return open(wanted);
  const sound = wanted.audio ? await open({ audio: wanted.audio }) : new MediaStream();
  sound.addTrack(rearCamera());
  return sound;
};
"""
)

# Devices that fail: `failing.audio` and `failing.video` are names of errors, or empty. Like real
# ones, a request for both fails when one of them does.
FAILING = """
window.failing = { audio: '', video: '' };
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (wanted) => {
  const error = (wanted.audio && failing.audio) || (wanted.video && failing.video);
  if (error) throw new DOMException('', error);
  return open(wanted);
};
"""

# The same, with all of them in the hands of another app from the start.
IN_USE = (
    FAILING + "Object.assign(failing, { audio: 'NotReadableError', video: 'NotReadableError' });"
)

# A phone's second camera, as the browser would offer it: its picture is of another colour, and
# it fails when the test says so.
SECOND_CAMERA = (
    MAGENTA
    + """
const devices = navigator.mediaDevices;
const list = devices.enumerateDevices.bind(devices);
const open = devices.getUserMedia.bind(devices);
const second = { kind: 'videoinput', deviceId: 'second', groupId: 'second', label: 'Second' };
devices.enumerateDevices = async () => [...(await list()), second];
devices.getUserMedia = async (wanted) => {
  if (wanted.video?.deviceId?.exact !== 'second') return open(wanted);
  if (window.brokenCamera) throw new DOMException('in use', 'NotReadableError');
  if (window.unplugged) throw new OverconstrainedError('deviceId', 'gone');
  return magenta();
};
"""
)

# Somebody who looks at the question for a while.
LONG_QUESTION = """
const atOnce = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const answered = new Promise((resolve) => (window.answer = resolve));
navigator.mediaDevices.getUserMedia = (wanted) => answered.then(() => atOnce(wanted));
"""

# All that sounds in the page, or listens to sound.
SOUND = """
window.sounds = [];
window.AudioContext = class extends AudioContext {
  constructor(...given) {
    super(...given);
    sounds.push(this);
  }
};
window.listening = () => sounds.filter((one) => one.state !== 'closed').length;
"""

# A browser that plays no sound before a tap on its page. Chromium here takes every line of a test
# for a tap.
SHY = """
const play = HTMLMediaElement.prototype.play;
let tapped = false;
addEventListener('pointerdown', (event) => (tapped ||= event.isTrusted), true);
HTMLMediaElement.prototype.play = function () {
  if (this.muted || tapped) return play.call(this);
  return Promise.reject(new DOMException('', 'NotAllowedError'));
};
"""

# A line whose packets can be made to stand still as far as the page can tell; how often the page
# asked for another one; and every track that a device gave.
LINE = """
window.line = { dead: false, pc: null, restarts: 0, tracks: [], pictures: [] };
let standing = null;
const Native = RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...given) {
    super(...given);
    line.pc = this;
  }
  restartIce() {
    line.restarts++;
    super.restartIce();
  }
  async getStats() {
    if (!line.dead) standing = null;
    else return (standing ??= await super.getStats());
    return super.getStats();
  }
};
const set = RTCRtpSender.prototype.setParameters;
RTCRtpSender.prototype.setParameters = function (wanted, ...more) {
  if (this.track?.kind === 'video') line.pictures.push(wanted.encodings[0].active ? 'on' : 'off');
  return set.call(this, wanted, ...more);
};
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  line.tracks.push(...stream.getTracks());
  return stream;
};
line.credentials = () => line.pc.localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1].trim();
line.microphones = () =>
  line.tracks.filter((one) => one.kind === 'audio' && one.readyState === 'live');
line.transports = async () => {
  const all = Array.from((await line.pc.getStats()).values());
  return all.filter((one) => one.type === 'transport').length;
};
"""


# A line whose server refuses what the test names: `refusing.hang_up = 'try_again'`. Such a message
# never leaves the page; with '' for its code it is lost, and nothing comes back.
REFUSING = """
window.refusing = {};
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const [, space, number, event] = /^42(\\/\\w+,)(\\d+)\\["(\\w+)"/.exec(data) ?? [];
  const code = window.refusing[event];
  if (code === undefined) return send.call(this, data);
  const answer = JSON.stringify([{ ok: false, code, message: '' }]);
  const message = `43${space}${number}${answer}`;
  if (code) this.dispatchEvent(new MessageEvent('message', { data: message }));
};
"""

# Devices that open when the test says so, as the browser's question waits for its answer: each one
# asked for waits for its turn of `questions.shift()()`. What was opened is in `opened`.
ASKING = """
window.questions = [];
window.opened = [];
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (wanted) => {
  await new Promise((allow) => questions.push(allow));
  const stream = await open(wanted);
  opened.push(...stream.getTracks());
  return stream;
};
"""


async def equip(page: Page, *props: str) -> None:
    """Load the page anew, with these."""
    for prop in props:
        # A block of its own for each, so that their names don't meet.
        await page.add_init_script(f"{{{prop}}}")
    await reload(page)


async def hand(page: Page, *props: str) -> None:
    """Give a page these from now on, as it is."""
    for prop in props:
        await page.evaluate(f"(() => {{{prop}}})()")


async def reload(page: Page) -> None:
    """Load a page anew, and wait until its scripts have run."""
    # A picture that is on hold holds the load event back for as long (HTML, §4.8.11.5).
    await page.reload(wait_until="domcontentloaded")


async def go(page: Page, path: str) -> None:
    """Open a page in a call, and wait until its scripts have run."""
    # As above: a call's picture comes later than the page, or not at all.
    await page.goto(path, wait_until="domcontentloaded")


async def record(page: Page, name: str) -> Any:
    """Return what a prop has noted so far."""
    return await page.evaluate(f"window.{name}")


async def becomes_true(page: Page, expression: str, within: float = PATIENCE) -> None:
    """Wait until an expression of the page's script is true."""
    # Not `wait_for_function`: our Content-Security-Policy forbids what it does.
    async with asyncio.timeout(within):
        while not await page.evaluate(expression):
            await asyncio.sleep(LOOK_EVERY)


async def speaks(page: Page, language: str) -> None:
    """Choose a language of the page by its own name, as its head offers it."""
    await page.locator(".languages summary").click()
    await page.get_by_role("link", name=language, exact=True).click()
