import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  QualityMeter, expectedFrom, looksPoor, readStats, sampleBetween,
} from '../../web/static/js/quality.js';

const report = (grown) => [
  { type: 'transport', selectedCandidatePairId: 'P' },
  {
    type: 'candidate-pair', id: 'P', localCandidateId: 'L', remoteCandidateId: 'R',
    bytesReceived: 1000 + grown * 125_000, bytesSent: grown * 12_500, currentRoundTripTime: 0.042,
  },
  { type: 'local-candidate', id: 'L', candidateType: 'host' },
  { type: 'remote-candidate', id: 'R', candidateType: 'relay' },
  {
    type: 'inbound-rtp', kind: 'video', packetsReceived: grown * 90, packetsLost: grown * 10,
    framesDecoded: grown * 30, freezeCount: grown, totalFreezesDuration: grown * 0.5,
    frameWidth: 1280, frameHeight: 720,
  },
  {
    type: 'inbound-rtp', kind: 'audio', packetsReceived: grown * 50, packetsLost: 0,
    totalSamplesReceived: grown * 48_000, concealedSamples: grown * 4800,
    silentConcealedSamples: grown * 2400,
  },
  { type: 'outbound-rtp', kind: 'video', qualityLimitationReason: 'bandwidth' },
];

test('a sample is the difference of two readings', () => {
  const sample = sampleBetween(readStats(report(1), 1000), readStats(report(6), 6000), 3);
  assert.deepEqual(sample, {
    link: 3, seconds: 5, bitrate_in: 1_000_000, bitrate_out: 100_000, loss: 50 / 750,
    round_trip_ms: 42, frames: 150, width: 1280, height: 720, freezes: 5, frozen_ms: 2500,
    concealed: 0.05, limitation: 'bandwidth', relayed: true, tcp: false,
  });
});

test('what goes over TCP or TLS says so, to a TURN server too', () => {
  const over = (way) =>
    readStats(
      report(1).map((one) => (one.id === 'L' ? { ...one, ...way } : one)),
      0,
    ).tcp;
  assert.equal(over({ protocol: 'udp' }), false);
  assert.equal(over({ protocol: 'tcp' }), true);
  assert.equal(over({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'udp' }), false);
  assert.equal(over({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' }), true);
  assert.equal(over({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }), true);
});

test('counters that begin anew never make a negative figure', () => {
  const sample = sampleBetween(readStats(report(6), 0), readStats(report(1), 5000), 1);
  for (const key of ['bitrate_in', 'bitrate_out', 'loss', 'frames', 'freezes', 'frozen_ms'])
    assert.equal(sample[key], 0);
});

test('a connection without statistics yet gives an empty sample and not an error', () => {
  const sample = sampleBetween(readStats([], 0), readStats([], 5000), 1);
  assert.equal(sample.round_trip_ms, null);
  assert.equal(sample.frames, 0);
});

test('no time makes no sample', () => {
  assert.equal(sampleBetween(readStats([], 5), readStats([], 5), 1), null);
});

test('loss, made-up sound, freezes and a long way each look poor', () => {
  const good = sampleBetween(readStats([], 0), readStats([], 5000), 1);
  assert.equal(looksPoor(good), false);
  for (const bad of [{ loss: 0.1 }, { concealed: 0.2 }, { frozen_ms: 1500 }, { round_trip_ms: 900 }])
    assert.equal(looksPoor({ ...good, ...bad }), true);
});

test('what is expected follows from the hold and from what the other side sends', () => {
  const sends = (camera, paused = false) => ({ camera, paused });
  assert.equal(expectedFrom(true, sends(true)), 'nothing');
  assert.equal(expectedFrom(false, sends(true)), 'all');
  for (const other of [sends(false), sends(true, true), null]) {
    assert.equal(expectedFrom(false, other), 'sound');
  }
  assert.equal(expectedFrom(false, { ...sends(true), rung: 'stills' }), 'sound');
});

test('a hold is in no sample, and a camera that is off is no frozen picture', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const samples = [];
  const meter = new QualityMeter((sample) => samples.push(sample), () => {});
  let grown = 0;
  const connection = { getStats: async () => new Map(report(grown++).entries()) };
  meter.follow({ health: 'up', number: 1, connection });
  const wait = async () => {
    context.mock.timers.tick(5000);
    await new Promise((done) => setImmediate(done));
  };
  await wait();
  await wait();
  assert.deepEqual(samples.map((one) => one.frames), [30]);
  meter.expect('nothing');
  await wait();
  meter.expect('all');
  await wait();
  assert.equal(samples.length, 1); // the first reading after the hold is where the next one starts
  meter.expect('sound');
  await wait();
  await wait();
  assert.deepEqual(
    samples.map(({ frames, width, freezes, frozen_ms: frozen }) => [frames, width, freezes, frozen]),
    [[30, 1280, 1, 500], [0, 0, 0, 0]],
  );
});
