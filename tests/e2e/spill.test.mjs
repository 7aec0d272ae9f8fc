// A room that outgrows its worker: peers that come later live on another one, and see and hear the first as well as each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, createRoom, kVideoRoom } from './lib/janus_ws.mjs';
import { complaintsAbout, kWithinConsent, missedByDecoder, runPeers, streamsOf } from './lib/native.mjs';
import { eventually } from './lib/process.mjs';
import { endRtpPeers, publish, subscribe } from './lib/rtp_peer.mjs';

let gateway;

// 70 % of it: a publisher with audio and video and two who watch, until they are measured.
before(async () => { gateway = await startGateway({ link: { seed: 11 }, set: { 'media.worker_capacity': 500 } }); });
after(async () => {
  await gateway?.stop();
  endRtpPeers();
});

const portOf = ({ sdp }) => Number(sdp.match(/a=candidate:\S+ 1 udp \d+ \S+ (\d+) typ host/i)[1]);

test('who comes later is on another worker and misses nothing', { timeout: 60000 }, async () => {
  const room = await createRoom(gateway.url);
  const connection = await JanusConnection.connect(gateway.url);
  const session = await connection.createSession();
  const attach = () => session.attach(kVideoRoom);
  const sender = await attach();
  const { peer, id } = await publish(sender, room.room);
  const watchers = [];
  for (let i = 0; i < 6; ++i) {
    const handle = await attach();
    watchers.push({ handle, ...await subscribe(handle, room.room, id) });
  }
  const ports = watchers.map(({ attached }) => portOf(attached.jsep));
  assert.equal(new Set(ports).size, 2, `both workers serve the room: ${ports}`);
  const received = ({ peer: { arrivals } }, mid) => arrivals.get(mid)?.received ?? 0;
  await eventually(() => watchers.every((watcher) => received(watcher, '0') > 100 && received(watcher, '1') > 100), { what: 'audio and video at everybody' });
  for (const [i, watcher] of watchers.entries())
    for (const [mid, arrivals] of watcher.peer.arrivals) assert.equal(arrivals.missing, 0, `watcher ${i} on port ${ports[i]}, m-line ${mid}`);

  // Away and back again: the other worker's source ends with its last leg, and a new one begins.
  const far = watchers.filter((_, i) => ports[i] !== ports[0]);
  for (const { handle, peer: gone } of far) {
    gone.close();
    await handle.detach();
  }
  await sleep(3000);
  const again = await attach();
  const late = await subscribe(again, room.room, id);
  await eventually(() => received(late, '0') > 50 && received(late, '1') > 50, { what: 'audio and video once more' });
  assert.equal(late.peer.arrivals.get('1').missing, 0);

  // The publisher ends on its own worker: the last of its pictures have been seen on both.
  await sender.ask({ request: 'unpublish' });
  await again.event(({ plugindata }) => plugindata?.data.videoroom === 'updated');
  peer.close();
  for (const each of [...watchers, late]) each.peer.close();
  await session.destroy();
  await connection.close();
  await room.close();
});

test('everybody publishes on two workers: every packet is accounted for', { timeout: 60000 }, async () => {
  const room = await createRoom(gateway.url);
  const report = await runPeers(gateway, { room: room.room, count: 6, publish: true, subscribe: true, seconds: 6 });
  assert.deepEqual(complaintsAbout(report), []);
  assert.equal(streamsOf(report).length, 6 * 5 * 2);
  await room.close();
});

test('2 % loss both ways: what is asked for again comes, on both workers', { timeout: 60000 }, async () => {
  const room = await createRoom(gateway.url);
  await gateway.link.set('both', { loss: 0.02, delay: 5 });
  const report = await runPeers(gateway, { room: room.room, count: 4, publish: true, subscribe: true, ...kWithinConsent });
  await gateway.link.set('both', { loss: 0 });
  assert.equal(report.totals.failed_connections, 0, JSON.stringify(report));
  const video = streamsOf(report).filter(({ kind }) => kind === 'video');
  assert.equal(video.length, 4 * 3);
  for (const stream of video) {
    assert.equal(stream.damaged, 0);
    assert.deepEqual(missedByDecoder(stream), [], JSON.stringify(stream));
    assert.ok(stream.recovered > 5, `${stream.recovered} packets recovered`);
  }
  await room.close();
});
