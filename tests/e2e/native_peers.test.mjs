// The native peers by themselves: every SRTP profile, one PeerConnection for all feeds or one for each, ICE restart,
// a keyframe at once for a late subscriber.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createRoom } from './lib/janus_ws.mjs';
import { complaintsAbout, NativePeers, runPeers, streamsOf, subscriptionsOf } from './lib/native.mjs';
import { startUnderTest } from './lib/under_test.mjs';

let gateway;
before(async () => { gateway = await startUnderTest(); });
after(() => gateway?.stop());

async function inRoom(run) {
  const room = await createRoom(gateway.url);
  await run(room.room);
  await room.close();
}

function assertComplete(report, streams) {
  assert.equal(report.totals.failed_connections, 0, JSON.stringify(report.peers.map(({ publisher }) => publisher?.problem)));
  assert.equal(streamsOf(report).length, streams);
  assert.deepEqual(complaintsAbout(report), []);
}

for (const profile of ['SRTP_AEAD_AES_256_GCM', 'SRTP_AEAD_AES_128_GCM', 'SRTP_AES128_CM_SHA1_80']) {
  test(`a peer that offers ${profile} alone gets it and loses nothing`, { timeout: 30000 }, () => inRoom(async (room) => {
    const report = await runPeers(gateway, { room, count: 2, publish: true, subscribe: true, seconds: 4, profile });
    assertComplete(report, 4);
    for (const connection of [...report.peers.map(({ publisher }) => publisher), ...subscriptionsOf(report)]) assert.equal(connection.profile, profile);
  }));
}

test('one PeerConnection for each feed', { timeout: 30000 }, () => inRoom(async (room) => {
  const report = await runPeers(gateway, { room, count: 4, publish: true, subscribe: true, seconds: 5, 'connection-per-feed': true });
  assert.equal(subscriptionsOf(report).length, 12);
  assertComplete(report, 24);
}));

test('one PeerConnection for all feeds, known before the first offer', { timeout: 30000 }, () => inRoom(async (room) => {
  const report = await runPeers(gateway, { room, count: 4, publish: true, subscribe: true, seconds: 6, 'subscribe-after': 1.5 });
  assert.equal(subscriptionsOf(report).length, 4);
  assertComplete(report, 24);
}));

test('a publisher without RTX', { timeout: 30000 }, () => inRoom(async (room) => {
  assertComplete(await runPeers(gateway, { room, count: 2, publish: true, subscribe: true, seconds: 4, 'no-rtx': true }), 4);
}));

test('an ICE restart of the publishers loses nothing', { timeout: 30000 }, () => inRoom(async (room) => {
  const report = await runPeers(gateway, { room, count: 2, publish: true, subscribe: true, seconds: 8, 'ice-restart-after': 3 });
  assertComplete(report, 4);
  for (const { longest_pause_ms: pause, stamps_expected: expected, kind } of streamsOf(report)) {
    assert.ok(pause < 500, `${kind} paused for ${pause} ms`);
    if (kind === 'audio') assert.ok(expected > 300, `${expected} audio packets`);
  }
}));

test('a late subscriber gets a keyframe at once', { timeout: 30000 }, () => inRoom(async (room) => {
  const publisher = new NativePeers(gateway, { room, publish: true, seconds: 9, name: 'publisher' });
  await new Promise((resolve) => { setTimeout(resolve, 3000); }); // well after the publisher's own first keyframe
  const report = await runPeers(gateway, { room, subscribe: true, seconds: 3, drain: 0.5 });
  const [video] = streamsOf(report).filter(({ kind }) => kind === 'video');
  assert.ok(video.first_keyframe_ms !== null && video.first_keyframe_ms - video.first_packet_ms < 300, JSON.stringify(video));
  assert.equal(video.plis_sent, 0);
  const { publisher: sent } = (await publisher.report()).peers[0];
  assert.ok(sent.tracks.find(({ kind }) => kind === 'video').keyframe_requests >= 1);
}));
