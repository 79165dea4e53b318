// @ts-check
/**
 * The ladder: how large a picture a line bears, by what was measured of it. Pure rules.
 *
 * Sound comes first on every rung. A line that gets narrow is followed down within two seconds; the
 * way up is one rung at a time, and every rung that turned out too high is tried again later than
 * the time before. So a line between two rungs settles on the lower one.
 */

/**
 * @typedef {'full' | 'large' | 'middle' | 'small' | 'stills'} RungName
 * @typedef {'' | 'line' | 'loss' | 'delay' | 'saver'} Why what keeps the picture from being larger
 *
 * @typedef {object} Rung
 * @property {RungName} name
 * @property {number} height of the picture, pixels; 0 where none moves
 * @property {number} rate frames a second
 * @property {number} picture bit/s that the picture may take
 * @property {number} sound bit/s of Opus, before packets
 * @property {number} holds bit/s below which the rung can't be held
 * @property {number} climbs bit/s from which it is worth a try
 */

/** @type {Rung[]} */
export const RUNGS = [
  { name: 'full', height: 1080, rate: 30, picture: 4e6, sound: 32e3, holds: 1.1e6, climbs: 1.5e6 },
  { name: 'large', height: 540, rate: 25, picture: 1.2e6, sound: 32e3, holds: 450e3, climbs: 620e3 },
  { name: 'middle', height: 360, rate: 20, picture: 500e3, sound: 24e3, holds: 110e3, climbs: 150e3 },
  { name: 'small', height: 180, rate: 8, picture: 110e3, sound: 12e3, holds: 25e3, climbs: 34e3 },
  { name: 'stills', height: 0, rate: 0, picture: 0, sound: 12e3, holds: 0, climbs: 0 },
];
const SMALL = 3;
/** What sound takes in the packets of the lowest rungs is twice this, bit/s. */
const SOUND = 12e3;
const STILLS = 4;
/** What a data saver lets through. */
const SAVED = 2;

/** Seconds that a reading must say the same. */
const WEAK = 2;
const FREE = 3;
/** Seconds on a rung before the next one up; doubles after each climb that did not hold. */
const PATIENCE = 4;
const LONGEST_PATIENCE = 256;
/** A climb that held for so many seconds was right. */
const PROVEN = 20;
/** An estimate that grows like this in a second is still on its way up: it says nothing yet. */
const GROWS = 1.04;
const SETTLES = 3;
const HIGH_LOSS = 0.25;
const TELLING_LOSS = 0.03;
/** Seconds for which loss is remembered: sound is sent twice for as long. */
const LOSS_KEPT = 10;
/** Milliseconds of a round trip above the shortest seen: a queue that fills up. */
const QUEUED = 900;
/** Who sends less than this share of the estimate can't tell whether the line bears more. */
const USED = 0.7;
/**
 * How the pace of stills feels its way each second: up where nothing queues at all, down where much
 * does. Reports come every few seconds, so the steps are small.
 */
const PACE = { least: 16e3, most: 400e3, up: 1.05, down: 0.6 };
const PACE_TELLS = { free: 50, queued: 130, loss: 0.03 };

/**
 * @typedef {object} Reading one second of a connection that sends a picture
 * @property {number | null} available bit/s that the browser believes in
 * @property {number} sent bit/s that went out
 * @property {number | null} loss share of the packets that the other side missed, null without news
 * @property {number | null} roundTrip milliseconds
 *
 * @typedef {object} Wish what the other side asked for
 * @property {boolean} saver to be sent little
 * @property {boolean} stills with it, sharp stills rather than the smallest moving picture
 *
 * @typedef {object} Stand where one stands, and what led there
 * @property {number} rung index in `RUNGS`
 * @property {number} own the rung that the line bears as far as is known, whatever is wished
 * @property {Why} why
 * @property {boolean} twice send sound twice (RFC 2198), because packets get lost
 * @property {number} here seconds on this rung
 * @property {boolean} climbed this rung was reached from below
 * @property {number} patience seconds to stay before the next climb
 * @property {number} weak seconds in a row that were too weak for this rung
 * @property {number} free seconds in a row that were good enough for the next one
 * @property {number} lossy seconds for which loss is still remembered
 * @property {number} before the last estimate, bit/s
 * @property {number} shortest round trip seen, milliseconds
 * @property {number} pace bit/s at which stills go
 */

/** @type {Wish} */
export const NO_WISH = { saver: false, stills: false };

/**
 * Where to begin.
 *
 * @param {number | null} known bit/s that is known of the line, or null
 * @param {Wish} wish
 * @returns {Stand}
 */
export function begin(known, wish = NO_WISH) {
  const fits = RUNGS.findIndex((one) => one.holds <= (known ?? Infinity));
  const rung = within(fits, wish);
  return {
    rung,
    own: fits,
    why: whyAt(rung, fits),
    twice: false,
    here: 0,
    climbed: false,
    patience: PATIENCE,
    weak: 0,
    free: 0,
    lossy: 0,
    before: 0,
    shortest: Infinity,
    pace: PACE.least,
  };
}

/**
 * Where to stand after one more second.
 *
 * @param {Stand} stand
 * @param {Reading} reading
 * @param {Wish} wish
 * @returns {Stand}
 */
export function step(stand, reading, wish = NO_WISH) {
  const now = count(stand, reading, wish);
  const allowed = within(now.rung, wish);
  if (allowed !== now.rung) return { ...move(now, allowed, 'saver'), own: now.own };
  const freed = within(now.own, wish);
  if (freed < now.rung) return { ...move(now, freed, whyAt(freed, now.own)), own: now.own };
  const trouble = troubleOf(stand, reading);
  if (trouble && now.weak >= WEAK && now.rung < STILLS) {
    const bears = RUNGS.findIndex((one) => one.holds <= (reading.available ?? Infinity));
    const wrong = now.climbed && now.here < PROVEN;
    const patience = wrong ? Math.min(LONGEST_PATIENCE, 2 * now.patience) : now.patience;
    // What gets lost on a line that is too narrow is lost because it is.
    const why = bears > now.rung ? 'line' : trouble;
    const own = Math.max(now.rung + 1, bears);
    return { ...move(now, within(own, wish), why), own, patience };
  }
  if (now.free < FREE || now.here < now.patience) return now;
  const up = nextUp(now.rung, wish);
  const why = up === 0 ? '' : nextUp(up, wish) < 0 ? 'saver' : 'line';
  return { ...move(now, up, why), climbed: true };
}

/** What the reading adds to what is remembered. @returns {Stand} */
function count(
  /** @type {Stand} */ stand,
  /** @type {Reading} */ reading,
  /** @type {Wish} */ wish,
) {
  const trouble = troubleOf(stand, reading) !== '';
  const above = RUNGS[nextUp(stand.rung, wish)];
  const pace = stand.rung === STILLS ? paceAfter(stand, reading) : PACE.least;
  const bears = stand.rung === STILLS ? pace + 2 * SOUND : reading.available ?? 0;
  // Nothing tells what the line bears while little is sent: it is tried now and then.
  const idle = stand.rung < STILLS && reading.sent < USED * bears && stand.here >= 2 * stand.patience;
  const room = above !== undefined && (bears >= above.climbs || idle);
  const here = stand.here + 1;
  const lossy = (reading.loss ?? 0) > TELLING_LOSS ? LOSS_KEPT : Math.max(0, stand.lossy - 1);
  return {
    ...stand,
    here,
    lossy,
    twice: lossy > 0 && stand.rung < SMALL,
    patience: stand.climbed && here >= PROVEN ? PATIENCE : stand.patience,
    weak: trouble ? stand.weak + 1 : reading.loss === null ? stand.weak : 0,
    free: room && !trouble ? stand.free + 1 : 0,
    before: reading.available ?? stand.before,
    pace,
    shortest: Math.min(stand.shortest, reading.roundTrip ?? Infinity),
  };
}

/** @param {Stand} stand @param {Reading} reading @returns {Why} */
function troubleOf({ rung, before, shortest, here }, { available, sent, loss, roundTrip }) {
  const { holds } = /** @type {Rung} */ (RUNGS[rung]);
  const settled = available !== null && available < before * GROWS && sent > available * USED;
  if (settled && available < holds) return 'line';
  // What is told of the first seconds is still the work of the rung before.
  if (here < SETTLES) return '';
  if (loss !== null && loss > HIGH_LOSS) return 'loss';
  if (roundTrip !== null && roundTrip > shortest + QUEUED) return 'delay';
  return '';
}

/** @param {Stand} stand @param {Reading} reading */
function paceAfter({ pace, shortest }, { loss, roundTrip }) {
  const queue = roundTrip === null ? PACE_TELLS.free : roundTrip - shortest;
  const full = queue > PACE_TELLS.queued || (loss ?? 0) > PACE_TELLS.loss;
  const next = pace * (full ? PACE.down : queue < PACE_TELLS.free ? PACE.up : 1);
  return Math.min(PACE.most, Math.max(PACE.least, next));
}

/** @param {Stand} stand @param {number} rung @param {Why} why @returns {Stand} */
function move(stand, rung, why) {
  return { ...stand, rung, own: rung, why, here: 0, climbed: false, weak: 0, free: 0 };
}

/** Why one stands on a rung that was wished for. @returns {Why} */
function whyAt(/** @type {number} */ rung, /** @type {number} */ own) {
  if (rung > own) return 'saver';
  return rung > 0 ? 'line' : '';
}

/** The rung nearest to this one, or below it, that the other side's wish allows. */
function within(/** @type {number} */ rung, /** @type {Wish} */ wish) {
  const saved = wish.saver ? Math.max(rung, SAVED) : rung;
  return saved === SMALL && wish.saver && wish.stills ? STILLS : saved;
}

/** The next rung up that the wish allows; -1 if there is none. */
function nextUp(/** @type {number} */ rung, /** @type {Wish} */ wish) {
  for (let up = rung - 1; up >= 0; up--) {
    if (within(up, wish) === up) return up;
  }
  return -1;
}
