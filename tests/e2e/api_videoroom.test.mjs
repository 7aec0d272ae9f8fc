// VideoRoom on the wire with peers that really connect: publishing, subscribing, and what everybody hears of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { JanusConnection, kVideoRoom } from './lib/janus_ws.mjs';
import { answer } from './lib/offer.mjs';
import { RtpPeer, endRtpPeers, publish, subscribe } from './lib/rtp_peer.mjs';
import { againstCardea, startTarget } from './lib/target.mjs';

let gateway;
let session;
let manager;
let peers = [];

before(async () => {
  gateway = await startTarget();
  session = await (await JanusConnection.connect(gateway.url)).createSession();
  manager = await session.attach(kVideoRoom);
});
after(async () => {
  await gateway?.stop();
  endRtpPeers();
});
afterEach(() => {
  for (const peer of peers) peer.close();
  peers = [];
});

const newRoom = async (fields = {}) => (await manager.ask({ request: 'create', ...fields })).room;
const newHandle = () => session.attach(kVideoRoom);
const dataOf = async (handle, body, jsep) => (await handle.message(body, jsep)).plugindata.data;
const tells = async (handle, matches) =>
  (await handle.event(({ janus, transaction, plugindata }) => janus === 'event' && !transaction && matches(plugindata.data))).plugindata.data;

async function publisher(room, fields) {
  const handle = await newHandle();
  const made = await publish(handle, room, fields);
  peers.push(made.peer);
  return { handle, ...made };
}
async function subscriber(room, feed, fields) {
  const handle = await newHandle();
  const made = await subscribe(handle, room, feed, fields);
  peers.push(made.peer);
  return { handle, ...made };
}
async function bystander(room, fields = {}) {
  const handle = await newHandle();
  return { handle, joined: await handle.ask({ request: 'join', ptype: 'publisher', room, ...fields }) };
}
const receives = (peer, count = 10) =>
  gateway.eventually(() => peer.arrivals.size === 2 && [...peer.arrivals.values()].every(({ received }) => received >= count), { what: 'media' });

const kStreams = [{ type: 'audio', mindex: 0, mid: '0', codec: 'opus' }, { type: 'video', mindex: 1, mid: '1', codec: 'vp8' }];
const brief = (streams) => streams.map(({ type, mindex, mid, codec }) => ({ type, mindex, mid, codec }));

test('who publishes is told to everybody inside and to who comes later', async () => {
  const room = await newRoom();
  const early = await bystander(room);
  const ada = await publisher(room, { display: 'Ada' });
  const news = await tells(early.handle, (data) => data.publishers);
  assert.equal(news.videoroom, 'event');
  assert.equal(news.room, room);
  for (const list of [news.publishers, (await bystander(room)).joined.publishers]) {
    assert.equal(list.length, 1);
    const [{ id, display, audio_codec, video_codec, streams }] = list;
    assert.deepEqual({ id, display, audio_codec, video_codec }, { id: ada.id, display: 'Ada', audio_codec: 'opus', video_codec: 'vp8' });
    assert.deepEqual(brief(streams), kStreams);
  }
  const { participants } = await manager.ask({ request: 'listparticipants', room });
  assert.equal(participants.find(({ id }) => id === ada.id).publisher, true);
});

test('a subscriber gets an offer, answers with start, and receives', async () => {
  const room = await newRoom();
  const ada = await publisher(room, { display: 'Ada' });
  const eve = await subscriber(room, ada.id);
  assert.equal(eve.attached.videoroom, 'attached');
  assert.equal(eve.attached.room, room);
  assert.equal(eve.attached.jsep.type, 'offer');
  assert.deepEqual(brief(eve.attached.streams), kStreams);
  for (const [index, stream] of eve.attached.streams.entries()) {
    assert.equal(stream.active, true);
    assert.equal(stream.send, true);
    assert.equal(stream.feed_id, ada.id);
    assert.equal(stream.feed_display, 'Ada');
    assert.equal(stream.feed_mid, String(index));
  }
  const { jsep, ...started } = eve.started;
  assert.deepEqual(started, { videoroom: 'event', room, started: 'ok' });
  assert.equal(jsep, undefined);
  await receives(eve.peer);
});

test('the old form of subscribing, by feed, still works', async () => {
  const room = await newRoom();
  const ada = await publisher(room, { display: 'Ada' });
  const handle = await newHandle();
  const attached = await handle.ask({ request: 'join', ptype: 'subscriber', room, feed: ada.id, offer_audio: false });
  assert.equal(attached.id, ada.id);
  assert.equal(attached.display, 'Ada');
  assert.equal(attached.warning, 'deprecated_api');
  assert.deepEqual(attached.streams.map(({ type }) => type), ['video']);
});

test('one stream of a feed, by its mid', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const handle = await newHandle();
  const join = { request: 'join', ptype: 'subscriber', room };
  assert.equal((await dataOf(handle, { ...join, streams: [{ feed: ada.id, mid: 'nonsense' }] })).error_code, 428);
  const { streams } = await handle.ask({ ...join, streams: [{ feed: ada.id, mid: '1', crossrefid: 'mine' }] });
  assert.equal(streams.length, 1);
  assert.equal(streams[0].feed_mid, '1');
  assert.equal(streams[0].crossrefid, 'mine');
  assert.equal((await dataOf(handle, { ...join, streams: [{ feed: ada.id }] })).error_code, 425, 'twice on one handle');
});

test('a room may want the private id of somebody inside', async () => {
  const room = await newRoom({ require_pvtid: true });
  const ada = await publisher(room);
  const join = { request: 'join', ptype: 'subscriber', room, streams: [{ feed: ada.id }] };
  const code = async (fields) => (await dataOf(await newHandle(), { ...join, ...fields })).error_code;
  assert.equal(await code({}), 433);
  assert.equal(await code({ private_id: (ada.joined.private_id + 1) % 0xffffffff }), 433);
  assert.equal(await code({ private_id: ada.joined.private_id }), undefined);
});

test('pause stops the media, start resumes it', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const eve = await subscriber(room, ada.id);
  await receives(eve.peer);
  assert.deepEqual(await dataOf(eve.handle, { request: 'pause' }), { videoroom: 'event', room, paused: 'ok' });
  const count = () => [...eve.peer.arrivals.values()].reduce((sum, { received }) => sum + received, 0);
  let before_ = -1;
  await gateway.eventually(() => { const same = count() === before_; before_ = count(); return same; }, { every: 400, what: 'silence' });
  assert.deepEqual(await dataOf(eve.handle, { request: 'start' }), { videoroom: 'event', room, started: 'ok' });
  await gateway.eventually(() => count() > before_ + 20, { what: 'media again' });
});

test('a subscriber\'s configure', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const { handle } = await subscriber(room, ada.id);
  const code = async (fields) => (await dataOf(handle, { request: 'configure', ...fields })).error_code;
  assert.deepEqual(await dataOf(handle, { request: 'configure', video: false }), { videoroom: 'event', room, configured: 'ok' });
  assert.equal(await code({ streams: [{ mid: '0', send: false }, { mid: '1', send: true }] }), undefined);
  assert.equal(await code({ streams: [{ mid: '1', substream: 2, temporal: 2 }] }), undefined);
  assert.equal(await code({ streams: [{ mid: '1', substream: 3 }] }), 430);
  assert.equal(await code({ streams: [{ mid: '1', temporal: -1 }] }), 430);
  assert.equal(await code({ substream: 3 }), 430);
  assert.equal(await code({ audio: 'x' }), 430);
});

test('a subscriber\'s configure names a mid that is there, or is for all', againstCardea('passes over one that is not'), async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const { handle } = await subscriber(room, ada.id);
  const code = async (stream) => (await dataOf(handle, { request: 'configure', streams: [stream] })).error_code;
  assert.equal(await code({ send: false }), undefined);
  assert.equal(await code({ mid: 'nonsense', send: false }), 428);
});

test('restart brings a new offer with new credentials', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const eve = await subscriber(room, ada.id);
  const again = await eve.handle.ask({ request: 'configure', restart: true });
  assert.equal(again.configured, 'ok');
  assert.equal(again.jsep.type, 'offer');
  const ufrag = (sdp) => sdp.match(/a=ice-ufrag:(\S+)/)[1];
  assert.notEqual(ufrag(again.jsep.sdp), ufrag(eve.attached.jsep.sdp));
});

test('an offer asked for while one is unanswered replaces it at once; the late answer gets 469', againstCardea('says nothing at all'), async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const handle = await newHandle();
  const first = await handle.ask({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: ada.id }] });
  const second = await handle.ask({ request: 'configure', update: true });
  assert.equal(second.configured, 'ok');
  assert.equal(second.jsep.type, 'offer');
  assert.equal(first.jsep.sdp.match(/^m=audio .*/m)[0], 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'what this late answer repeats');
  const late = () => handle.request({ janus: 'message', body: { request: 'start' }, jsep: answer() }).catch((error) => error);
  assert.equal((await late()).code, 469);
  const eve = new RtpPeer('eve');
  peers.push(eve);
  assert.equal((await handle.ask({ request: 'start' }, await eve.answer(second.jsep))).started, 'ok');
  await receives(eve);
  assert.equal((await late()).code, 469, 'nor when it comes later still');
});

test('a restart replaces an unanswered offer too', againstCardea('says nothing at all'), async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const handle = await newHandle();
  const first = await handle.ask({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: ada.id }] });
  const second = await handle.ask({ request: 'configure', restart: true });
  const ufrag = (sdp) => sdp.match(/a=ice-ufrag:(\S+)/)[1];
  assert.notEqual(ufrag(second.jsep.sdp), ufrag(first.jsep.sdp));
  const eve = new RtpPeer('eve');
  peers.push(eve);
  assert.equal((await handle.ask({ request: 'start' }, await eve.answer(second.jsep))).started, 'ok');
  await receives(eve);
});

test('audio and video of a join are honoured', againstCardea('checks and ignores them'), async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const { streams } = await (await newHandle()).ask({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: ada.id }], video: false });
  assert.deepEqual(streams.map(({ send }) => send), [true, false]);
});

test('requests of a publisher are unknown to a subscriber: 423', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const eve = await subscriber(room, ada.id);
  for (const request of ['publish', 'unpublish']) assert.equal((await dataOf(eve.handle, { request })).error_code, 423, request);
});

test('leave of a subscriber answers and hangs up', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const eve = await subscriber(room, ada.id);
  assert.deepEqual(await dataOf(eve.handle, { request: 'leave' }), { videoroom: 'event', room, left: 'ok' });
  const hangup = await eve.handle.event(({ janus }) => janus === 'hangup');
  assert.equal(typeof hangup.reason, 'string');
});

test('publishing twice is 434, over the room\'s number 432, and after unpublish there is room again', async () => {
  const room = await newRoom({ publishers: 1 });
  const ada = await publisher(room);
  assert.equal((await dataOf(ada.handle, { request: 'publish' })).error_code, 434);
  const bob = await bystander(room);
  const waiting = new RtpPeer('waiting');
  peers.push(waiting);
  waiting.addMedia();
  const wish = await waiting.offer();
  assert.equal((await dataOf(bob.handle, { request: 'publish' }, wish)).error_code, 432);
  assert.deepEqual(await dataOf(ada.handle, { request: 'unpublish' }), { videoroom: 'event', room, unpublished: 'ok' });
  assert.deepEqual(await tells(bob.handle, (data) => data.unpublished), { videoroom: 'event', room, unpublished: ada.id });
  await ada.handle.event(({ janus }) => janus === 'hangup');
  const carl = await bystander(room); // a janus has no second try on bob's handle
  assert.equal((await dataOf(carl.handle, { request: 'publish' }, wish)).configured, 'ok');
});

test('unpublish and publish again on one handle', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  await dataOf(ada.handle, { request: 'unpublish' });
  await ada.handle.event(({ janus }) => janus === 'hangup');
  const peer = new RtpPeer('again');
  peers.push(peer);
  peer.addMedia();
  const { jsep } = await ada.handle.ask({ request: 'publish' }, await peer.offer());
  peer.accept(jsep);
  await ada.handle.event(({ janus }) => janus === 'webrtcup');
  await gateway.eventually(() => peer.state === 'connected', { what: 'a connection' });
});

test('leaving, hanging up, detaching: the others hear of each', async () => {
  const room = await newRoom();
  const watcher = await bystander(room);
  const ways = {
    leave: (handle) => handle.ask({ request: 'leave' }), hangup: (handle) => handle.hangup(), detach: (handle) => handle.detach() };
  for (const [way, end] of Object.entries(ways)) {
    const ada = await publisher(room);
    await end(ada.handle);
    const news = way === 'hangup' ? 'unpublished' : 'leaving';
    await tells(watcher.handle, (data) => data[news] === ada.id);
  }
});

test('hangup comes with its reason and no transaction', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  await ada.handle.hangup();
  const event = await ada.handle.event(({ janus }) => janus === 'hangup');
  assert.deepEqual(event, { janus: 'hangup', session_id: session.id, sender: ada.handle.id, reason: 'Janus API' });
});

test('media events tell what arrives', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  for (const [mid, type] of [['0', 'audio'], ['1', 'video']]) {
    const event = await ada.handle.event(({ janus, mid: of }) => janus === 'media' && of === mid);
    assert.equal(event.type, type);
    assert.equal(event.receiving, true);
  }
  ada.peer.stopMedia();
  const silent = await ada.handle.event(({ janus, receiving }) => janus === 'media' && receiving === false);
  assert.equal(silent.sender, ada.handle.id);
});

test('destroying the room tells who publishes', async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  await manager.ask({ request: 'destroy', room });
  assert.deepEqual(await tells(ada.handle, (data) => data.videoroom === 'destroyed'), { videoroom: 'destroyed', room });
});

test('destroying the room tells subscribers too and hangs everybody up', againstCardea('leaves subscribers alone'), async () => {
  const room = await newRoom();
  const ada = await publisher(room);
  const eve = await subscriber(room, ada.id);
  await manager.ask({ request: 'destroy', room });
  assert.deepEqual(await tells(eve.handle, (data) => data.videoroom === 'destroyed'), { videoroom: 'destroyed', room });
  for (const { handle } of [ada, eve]) await handle.event(({ janus }) => janus === 'hangup');
});
