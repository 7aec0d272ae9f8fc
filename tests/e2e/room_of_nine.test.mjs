// Nine participants, everybody publishes, everybody sees everybody: 72 subscriptions. Two are browsers that show all
// tiles, seven are native peers that account for every single packet. Each has one PeerConnection for all it receives.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { createRoom } from './lib/janus_ws.mjs';
import { complaintsAbout, NativePeers, streamsOf, subscriptionsOf } from './lib/native.mjs';
import { root } from './lib/paths.mjs';
import { eventually } from './lib/process.mjs';
import { audioOf, joinRoom, videoOf } from './lib/room_page.mjs';
import { startUnderTest } from './lib/under_test.mjs';

const kNative = 7;
const kOthers = 8;
const kSeconds = 30;
const kStart = 15; // until everybody has joined
const kWatched = 15; // seconds in which each tile must go on moving

let gateway;
let browser;

before(async () => { [gateway, browser] = await Promise.all([startUnderTest(), Browser.start()]); });
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const allTilesMove = (stats) => videoOf(stats).length === kOthers && videoOf(stats).every(({ framesDecoded }) => framesDecoded > 10)
  && stats.tiles.length === kOthers && stats.tiles.every(({ width, frames }) => width > 0 && frames > 0);

test('nine participants, 72 subscriptions, nothing lost', { timeout: 180000 }, async () => {
  const room = await createRoom(gateway.url);
  const pages = [];
  for (const name of ['alice', 'bob']) pages.push(await joinRoom(browser, gateway, room.room, name, { subscribe: false }));
  const native = new NativePeers(gateway, {
    room: room.room, count: kNative, publish: true, subscribe: true, 'subscribe-after': 3, seconds: kSeconds + kStart, 'video-kbps': 1000,
    name: 'native ',
  });
  await eventually(async () => (await room.participants()).filter(({ publisher }) => publisher).length === kOthers + 1, { what: 'nine publishers' });
  for (const page of pages) await page.subscribeToAll();
  for (const { stats } of pages) await eventually(async () => allTilesMove(await stats()), { within: 30000, every: 1000, what: 'eight moving tiles' });
  mkdirSync(join(root, 'build', 'screenshots'), { recursive: true });
  await pages[0].page.screenshot({ path: join(root, 'build', 'screenshots', 'room_of_nine.png') });
  const early = await Promise.all(pages.map(({ stats }) => stats()));
  await sleep(kWatched * 1000);
  const late = await Promise.all(pages.map(({ stats }) => stats()));
  const report = await native.report();

  assert.equal(report.totals.failed_connections, 0);
  assert.equal(subscriptionsOf(report).length, kNative);
  assert.equal(report.totals.subscriptions + pages.length * kOthers, 72);
  assert.equal(streamsOf(report).length, kNative * kOthers * 2);
  assert.deepEqual(complaintsAbout(report), []);
  for (const stream of streamsOf(report).filter(({ stamped, kind }) => stamped > 0 && kind === 'audio'))
    assert.ok(stream.stamps_expected >= 50 * kSeconds, `${stream.stamps_expected} audio packets in ${kSeconds} s`);
  late.forEach((stats, i) => {
    assert.ok(stats.transports.every(({ connection }) => connection === 'connected'));
    assert.equal(audioOf(stats).length, kOthers);
    videoOf(stats).forEach((stream) => {
      const before = videoOf(early[i]).find(({ mid }) => mid === stream.mid);
      assert.ok(stream.framesDecoded > before.framesDecoded + 100, `tile ${stream.mid}: ${before.framesDecoded} -> ${stream.framesDecoded} frames`);
    });
    assert.deepEqual(pages[i].page.complaints, []);
  });
  await Promise.all(pages.map(({ close }) => close()));
  await eventually(async () => (await room.participants()).length === 0, { what: 'an empty room' });
  await room.close();
});
