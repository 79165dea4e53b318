// @ts-check
/** One call's page: what plays of its recording, the timeline and the curves, at the same moment. */
import { byId, dataBlock, part } from './dom.js';
import { Playback } from './manager/playback.js';

const config = dataBlock('config');
const playback = new Playback(config.showroom);
playback.follow(config.recordings);

const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#timeline [data-at]')]);
for (const row of rows) {
  playback.offer(part(row, 'jump', HTMLButtonElement), Number(row.dataset.at));
}
byId('playback-video').addEventListener('timeupdate', follow);

/** Mark what had happened last at the moment that plays, and that moment on the curves. */
function follow() {
  const now = playback.moment;
  const last = rows.filter((row) => now !== null && Number(row.dataset.at) <= now).length - 1;
  rows.forEach((row, n) => {
    if (n === last) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  });
  const [begin, end] = config.axis ?? [0, 0];
  const there = now !== null && now >= begin && now <= end;
  const x = there ? ((now - begin) / Math.max(1, end - begin)) * 1000 : 0;
  for (const line of document.querySelectorAll('[data-now]')) {
    line.toggleAttribute('hidden', !there);
    line.setAttribute('x1', String(x));
    line.setAttribute('x2', String(x));
  }
}
