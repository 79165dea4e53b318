import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetOf, paceOf, pieceOf, restAfter } from '../../web/static/js/photo/pace.js';
import { Upload } from '../../web/static/js/photo/upload.js';

/** A line of so many bit/s with a server behind it, in a time of its own. */
class Line {
  now = 0;
  received = new Uint8Array(0);
  sent = 0;
  /** @type {((start: number) => any)[]} */
  trouble = [];

  constructor(bits) {
    this.bits = bits;
  }

  async post(start, piece) {
    const bytes = new Uint8Array(await piece.arrayBuffer());
    this.sent += bytes.length;
    this.now += (bytes.length * 8000) / this.bits + 20;
    const trouble = this.trouble.shift();
    if (trouble) return trouble(start);
    if (start > this.received.length) return { ok: false, code: 'conflict', received: this.received.length };
    const whole = new Uint8Array(Math.max(this.received.length, start + bytes.length));
    whole.set(this.received);
    whole.set(bytes, start);
    this.received = whole;
    return { ok: true, received: whole.length };
  }

  ways(more = {}) {
    return {
      post: (start, piece) => this.post(start, piece),
      estimate: async () => null,
      progress: () => {},
      waits: () => {},
      rest: async (ms) => void (this.now += ms),
      now: () => this.now,
      ...more,
    };
  }
}

const photo = (size) => new Blob([Uint8Array.from({ length: size }, (_, i) => i % 251)]);
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

for (const kbits of [56, 200, 1000, 20_000]) {
  test(`on ${kbits} kbit/s a photo leaves the line to the picture`, async () => {
    const line = new Line(kbits * 1000);
    const pace = paceOf({ estimate: kbits * 1000, measured: null });
    const blob = photo(budgetOf(pace));
    const upload = new Upload(blob, line.ways({ estimate: async () => kbits * 1000 }));
    assert.equal(await upload.run(), null);
    assert.deepEqual(line.received, await bytesOf(blob));
    const share = (line.sent * 8000) / line.now / (kbits * 1000);
    // The slowest lines get a floor, or a photo would never come.
    assert.ok(share <= (kbits < 100 ? 0.45 : 0.27), `took ${share} of the line`);
    assert.ok(share > 0.15, `took ${share} of the line`);
    assert.ok(line.now < 60_000, `took ${line.now} ms`);
  });
}

test('a good line is found out by how fast pieces go, where the estimate ends early', async () => {
  const line = new Line(50_000_000);
  const upload = new Upload(photo(3_000_000), line.ways({ estimate: async () => 1_500_000 }));
  await upload.run();
  assert.ok(line.now < 15_000, `took ${line.now} ms`);
});

test('a line that breaks is waited for, and nothing is lost or doubled', async () => {
  const line = new Line(1_000_000);
  const lost = () => ({ ok: false, received: 0, code: 'no_answer' });
  let waits = 0;
  const blob = photo(120_000);
  line.trouble = [undefined, lost, lost, undefined, lost];
  const upload = new Upload(blob, line.ways({ waits: () => waits++ }));
  assert.equal(await upload.run(), null);
  assert.equal(waits, 3);
  assert.deepEqual(line.received, await bytesOf(blob));
});

test('a server that lost its pieces says where to go on', async () => {
  const line = new Line(1_000_000);
  const blob = photo(120_000);
  line.trouble = [undefined, undefined, () => {
    line.received = line.received.slice(0, 5000);
    return { ok: false, code: 'conflict', received: 5000 };
  }];
  assert.equal(await new Upload(blob, line.ways()).run(), null);
  assert.deepEqual(line.received, await bytesOf(blob));
});

test('what is refused for good is not sent on', async () => {
  const line = new Line(1_000_000);
  line.trouble = [() => ({ ok: false, received: 0, code: 'storage_full' })];
  const answer = await new Upload(photo(120_000), line.ways()).run();
  assert.equal(answer.code, 'storage_full');
  assert.equal(line.received.length, 0);
});

test('a photo that is called off stops at once', async () => {
  const line = new Line(1_000_000);
  const upload = new Upload(photo(1_000_000), line.ways({ progress: () => upload.stop() }));
  assert.equal(await upload.run(), null);
  assert.ok(line.received.length < 200_000);
});

test('the share is of what is known of the line, within bounds', () => {
  assert.equal(paceOf({ estimate: 800_000, measured: null }), 25_000);
  assert.equal(paceOf({ estimate: 800_000, measured: 8_000_000 }), 250_000);
  assert.equal(paceOf({ estimate: null, measured: null }), 40_000);
  assert.equal(paceOf({ estimate: 1, measured: 0 }), 3000);
  assert.equal(paceOf({ estimate: 1e12, measured: null }), 2_000_000);
  assert.ok(pieceOf(3000) >= 4096 && pieceOf(2_000_000) <= 192_000);
  assert.equal(restAfter(1000, 1000, 400), 600);
  assert.equal(restAfter(1000, 1000, 4000), 0);
  assert.deepEqual([budgetOf(3000), budgetOf(2_000_000)], [150_000, 4_000_000]);
});
