// @ts-check
/** All showrooms of a manager who has more than one, each on a line that leads to its floor. */
import { byId, part, say, show, showRows } from '../dom.js';
import { locale, t } from '../words.js';

const NOTHING = '–';

export class Rooms {
  constructor(/** @type {string} */ showroom) {
    this.showroom = showroom;
  }

  follow(/** @type {import('../wire').RoomState[]} */ rooms) {
    show(byId('rooms-part'), rooms.length > 1);
    const items = rooms.map((room) => ({ ...room, id: room.slug }));
    showRows(byId('rooms'), items, 'room-template', (row, one) => {
      const here = one.slug === this.showroom;
      const link = part(row, 'name', HTMLAnchorElement);
      say(link, one.name);
      link.href = `/manager?${new URLSearchParams({ showroom: one.slug })}`;
      if (here) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      const closed = one.open || one.on_duty ? '' : t('manager.rooms.closed');
      say(part(row, 'waiting'), String(one.waiting));
      const longest = part(row, 'longest');
      if (one.waits_since === null) say(longest, NOTHING);
      longest.dataset.since = String(one.waits_since ?? '');
      say(part(row, 'running'), String(one.running));
      say(part(row, 'available'), closed || t('manager.rooms.of', { part: one.available, all: one.on_duty }));
      const rate = one.offered ? one.answered / one.offered : null;
      const percent = rate?.toLocaleString(locale, { style: 'percent' });
      say(part(row, 'answered'), percent ?? NOTHING);
      say(part(row, 'alarms'), String(one.alarms));
      row.dataset.alarmed = String(one.alarms > 0);
    });
  }
}
