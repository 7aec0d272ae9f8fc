// The unmodified janus.js in Chromium: what its VideoRoom demos do, and a session that outlives its connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './lib/browser.mjs';
import { eventually } from './lib/process.mjs';
import { startTarget } from './lib/target.mjs';

const kReclaim = 20; // seconds
const kCamera = [{ type: 'audio', capture: true, recv: false }, { type: 'video', capture: { width: 320, height: 240, frameRate: 15 }, recv: false }];
const kRoom = { request: 'create', publishers: 6, audiocodec: 'opus', videocodec: 'vp8', bitrate: 512000 };

let gateway;
let browser;
before(async () => { [gateway, browser] = await Promise.all([startTarget({ reclaimTimeout: kReclaim }), Browser.start()]); });
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

// A page, with its client's methods as its own.
async function person(...handles) {
  const page = await browser.tab('demo.html');
  await page.waitForFunction(() => window.demo !== undefined);
  const call = (method, ...given) => page.evaluate(([name, values]) => window.demo[name](...values), [method, given]);
  await call('connect', gateway.url);
  for (const name of handles) await call('attach', name);
  return { page, call, close: () => page.context().close() };
}

async function publisher(room, display, tracks = kCamera) {
  const each = await person('room');
  const joined = await each.call('tell', 'room', { request: 'join', ptype: 'publisher', room, display });
  if (tracks) await each.call('publish', 'room', tracks);
  return Object.assign(each, { id: joined.id, privateId: joined.private_id, joined });
}
const videosOf = async (viewer, handle = 'viewer') => (await viewer.call('received', handle)).filter(({ kind }) => kind === 'video');

// Resolves when pictures of exactly these feeds come in, and go on coming.
async function seesPictures(viewer, feeds, handle = 'viewer') {
  const before = await videosOf(viewer, handle);
  const grown = (now) => now.filter(({ mid, frames }) => frames >= (before.find((each) => each.mid === mid)?.frames ?? 0) + 8);
  return eventually(async () => {
    const seen = grown(await videosOf(viewer, handle)).map(({ feed }) => feed).sort();
    return JSON.stringify(seen) === JSON.stringify([...feeds].sort());
  }, { every: 200, what: `pictures of ${feeds}` });
}
const hears = (listener, matches, what) => eventually(async () => (await listener.call('look')).events.find(([, message]) => matches(message))?.[1], { what });

async function viewerOf(room, feeds, more = {}) {
  const viewer = await person('viewer');
  await viewer.call('tell', 'viewer', { request: 'join', ptype: 'subscriber', room, use_msid: true, streams: feeds.map((feed) => ({ feed })), ...more });
  return viewer;
}
async function newRoom(settings = {}) {
  const owner = await person('owner');
  const { room } = await owner.call('ask', 'owner', { ...kRoom, ...settings });
  return { owner, room, ask: (message) => owner.call('ask', 'owner', { room, ...message }), close: async () => { await owner.call('ask', 'owner', { request: 'destroy', room }); await owner.close(); } };
}

test('the room of many: publish, watch, unpublish, publish again, leave', async () => {
  const room = await newRoom({ notify_joining: true });
  const ada = await publisher(room.room, 'Ada');
  const bob = await publisher(room.room, 'Bob', null);
  assert.deepEqual(bob.joined.publishers.map(({ id, display }) => [id, display]), [[ada.id, 'Ada']]);
  assert.equal((await hears(ada, ({ joining }) => joining, 'who joins')).joining.display, 'Bob');
  await bob.call('attach', 'viewer');
  const { streams } = bob.joined.publishers[0];
  await bob.call('tell', 'viewer', { request: 'join', ptype: 'subscriber', room: room.room, private_id: bob.privateId, use_msid: true, streams: streams.map(({ mid }) => ({ feed: ada.id, mid })) });
  await seesPictures(bob, [ada.id]);

  await ada.call('tell', 'room', { request: 'unpublish' });
  assert.equal((await hears(bob, ({ unpublished }) => unpublished, 'that Ada is not shown')).unpublished, ada.id);
  await eventually(async () => (await ada.call('look')).down.length === 1, { what: 'the end of the peer connection' });
  await ada.call('publish', 'room', kCamera, { request: 'configure', audio: true, video: true });
  await hears(bob, ({ publishers }) => publishers?.[0]?.id === ada.id, 'that Ada is back');
  await bob.call('attach', 'again');
  await bob.call('tell', 'again', { request: 'join', ptype: 'subscriber', room: room.room, streams: [{ feed: ada.id }] });
  await seesPictures(bob, [ada.id], 'again');

  await ada.call('tell', 'room', { request: 'leave' });
  await hears(bob, ({ leaving }) => leaving === ada.id, 'that Ada leaves');
  for (const each of [ada, bob, room]) await each.close();
});

test('what a publisher changes while it is watched: source, picture off and on, bitrate', async () => {
  const room = await newRoom();
  const ada = await publisher(room.room, 'Ada');
  const viewer = await viewerOf(room.room, [ada.id]);
  await seesPictures(viewer, [ada.id]);
  await ada.call('replaceTracks', 'room', [{ type: 'video', mid: '1', capture: { width: 160, height: 120, frameRate: 15 } }]);
  await eventually(async () => (await videosOf(viewer))[0].width === 160, { what: 'the new source' });
  await ada.call('mute', 'room', true);
  await ada.call('mute', 'room', false);
  await seesPictures(viewer, [ada.id]);
  await ada.call('tell', 'room', { request: 'configure', bitrate: 128000 });
  await eventually(async () => /^\d+ kbits\/sec$/.test(await viewer.call('bitrate', 'viewer', '1')), { what: 'a bitrate' });
  for (const each of [ada, viewer, room]) await each.close();
});

test('sharing a screen: a room for one who publishes', async () => {
  const room = await newRoom({ description: 'screen', bitrate: 500000, publishers: 1 });
  const ada = await publisher(room.room, 'Ada', [{ type: 'screen', capture: true, recv: false }]);
  const viewer = await viewerOf(room.room, [ada.id]);
  await seesPictures(viewer, [ada.id]);
  const late = await publisher(room.room, 'Bob', null);
  await assert.rejects(late.call('publish', 'room', kCamera), /432/);
  for (const each of [ada, viewer, late, room]) await each.close();
});

test('the room on one connection: more and fewer feeds', async () => {
  const room = await newRoom();
  const ada = await publisher(room.room, 'Ada');
  const bob = await publisher(room.room, 'Bob');
  const viewer = await viewerOf(room.room, [ada.id]);
  await seesPictures(viewer, [ada.id]);
  await viewer.call('tell', 'viewer', { request: 'subscribe', streams: [{ feed: bob.id }] });
  await seesPictures(viewer, [ada.id, bob.id]);
  await viewer.call('tell', 'viewer', { request: 'unsubscribe', streams: [{ feed: ada.id }] });
  await seesPictures(viewer, [bob.id]);
  await viewer.call('tell', 'viewer', { request: 'update', subscribe: [{ feed: ada.id }], unsubscribe: [{ feed: bob.id, mid: '0' }] });
  await seesPictures(viewer, [ada.id, bob.id]);
  await viewer.call('tell', 'viewer', { request: 'pause' });
  await viewer.call('tell', 'viewer', { request: 'start' });
  await seesPictures(viewer, [ada.id, bob.id]);
  for (const each of [ada, bob, viewer, room]) await each.close();
});

test('a session that lost its connection is claimed with every peer connection up', async () => {
  const room = await newRoom();
  const ada = await publisher(room.room, 'Ada');
  const viewer = await viewerOf(room.room, [ada.id]);
  await seesPictures(viewer, [ada.id]);
  const before = [await ada.call('connections', 'room'), await viewer.call('connections', 'viewer')];
  await ada.call('reconnect');
  await viewer.call('reconnect');
  await seesPictures(viewer, [ada.id]);
  assert.deepEqual([await ada.call('connections', 'room'), await viewer.call('connections', 'viewer')], before);
  // The handles are usable, and hear what happens.
  await viewer.call('tell', 'viewer', { request: 'configure', restart: true });
  await ada.call('tell', 'room', { request: 'configure', display: 'Ada Lovelace' });
  await seesPictures(viewer, [ada.id]);
  assert.deepEqual((await room.ask({ request: 'listparticipants' })).participants.map(({ display }) => display), ['Ada Lovelace']);
  for (const each of [ada, viewer, room]) await each.close();
});
