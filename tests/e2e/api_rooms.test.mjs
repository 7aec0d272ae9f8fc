// VideoRoom on the wire, what needs no media: management, joining, and every error code on the way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { JanusConnection, kVideoRoom } from './lib/janus_ws.mjs';
import { answer, offer } from './lib/offer.mjs';
import { isJanus, startTarget } from './lib/target.mjs';

let gateway;
let session;
let manager;

before(async () => {
  gateway = await startTarget();
  session = await (await JanusConnection.connect(gateway.url)).createSession();
  manager = await session.attach(kVideoRoom);
});
after(() => gateway?.stop());

const dataOf = async (handle, body, jsep) => (await handle.message(body, jsep)).plugindata.data;
const ask = (body, jsep) => dataOf(manager, body, jsep);
const codeOf = async (body, jsep) => (await ask(body, jsep)).error_code;
const newRoom = async (fields = {}) => (await ask({ request: 'create', ...fields })).room;
const newHandle = () => session.attach(kVideoRoom);
const join = async (room, fields = {}) => {
  const handle = await newHandle();
  const joined = await dataOf(handle, { request: 'join', ptype: 'publisher', room, ...fields });
  return { handle, joined };
};
const tells = (handle, matches) => handle.event(({ janus, plugindata }) => janus === 'event' && matches(plugindata.data));

describe('requests', () => {
  test('management is answered by success, the rest by ack and event', async () => {
    const kind = async (body) => (await manager.request({ janus: 'message', body })).janus;
    const kAsync = isJanus ? ['ack', 'event'] : ['ack']; // its ack may come second
    const room = await newRoom();
    for (const request of ['exists', 'listparticipants', 'destroy']) assert.equal(await kind({ request, room }), 'success', request);
    for (const body of [{ request: 'list' }, { request: 'create' }]) assert.equal(await kind(body), 'success', body.request);
    for (const request of ['join', 'joinandconfigure', 'publish', 'configure', 'unpublish', 'start', 'pause', 'leave'])
      assert.ok(kAsync.includes(await kind({ request, room })), request);
  });

  test('errors are data, not core errors', async () => {
    const reply = await manager.message({ request: 'destroy', room: 99 });
    assert.equal(reply.janus, 'success');
    assert.deepEqual(Object.keys(reply.plugindata.data).sort(), ['error', 'error_code', 'videoroom']);
    assert.equal(reply.plugindata.data.videoroom, 'event');
  });

  test('one without a name, of the wrong type, or unknown', async () => {
    assert.equal(await codeOf({}), 429);
    assert.equal(await codeOf({ request: 5 }), 430);
    assert.equal(await codeOf({ request: 'nonsense' }), 423, 'unknown, or meant for somebody who joined');
  });
});

describe('create and destroy', () => {
  test('with a number of its own, a wished one, and one taken', async () => {
    const made = await ask({ request: 'create' });
    assert.deepEqual(Object.keys(made).sort(), ['permanent', 'room', 'videoroom']);
    assert.equal(made.videoroom, 'created');
    assert.equal(made.permanent, false);
    assert.ok(Number.isSafeInteger(made.room) && made.room > 0);
    const wished = made.room + 1;
    assert.equal(await newRoom({ room: wished }), wished);
    assert.equal(await codeOf({ request: 'create', room: wished }), 427);
  });

  test('wrong types are 430', async () => {
    for (const fields of [
      { room: 'text' }, { room: -1 }, { publishers: 'many' }, { publishers: -1 }, { bitrate: 'x' }, { is_private: 1 }, { description: 5 },
      { allowed: 'x' }, { secret: 5 }, { pin: 5 }, { fir_freq: 'x' }, { audiocodec: 1 }, { videocodec: 'nonsense' }, { audiocodec: 'nonsense' },
      { notify_joining: 'x' }, { opus_fec: 'x' }, { require_pvtid: 3 }, { transport_wide_cc_ext: 'x' },
    ]) assert.equal(await codeOf({ request: 'create', ...fields }), 430, JSON.stringify(fields));
  });

  test('destroy wants the room and its secret, and tells everybody inside', async () => {
    const room = await newRoom({ secret: 'mine' });
    const { handle } = await join(room);
    assert.equal(await codeOf({ request: 'destroy' }), 429);
    assert.equal(await codeOf({ request: 'destroy', room: 'x' }), 430);
    assert.equal(await codeOf({ request: 'destroy', room: 1 }), 426);
    assert.equal(await codeOf({ request: 'destroy', room, secret: 'other' }), 433);
    assert.deepEqual(await ask({ request: 'destroy', room, secret: 'mine' }), { videoroom: 'destroyed', room, permanent: false });
    assert.deepEqual((await tells(handle, (data) => data.videoroom === 'destroyed')).plugindata.data, { videoroom: 'destroyed', room });
    assert.equal((await ask({ request: 'exists', room })).exists, false);
  });

  test('destroy without the secret of the room is 429', async () => {
    const room = await newRoom({ secret: 'mine' });
    assert.equal(await codeOf({ request: 'destroy', room }), 429);
  });
});

describe('exists, list, listparticipants', () => {
  test('exists', async () => {
    const room = await newRoom();
    assert.deepEqual(await ask({ request: 'exists', room }), { videoroom: 'success', room, exists: true });
    assert.equal(await codeOf({ request: 'exists' }), 429);
    assert.equal(await codeOf({ request: 'exists', room: 'x' }), 430);
  });

  test('list shows public rooms with their settings', async () => {
    const room = await newRoom({ description: 'seen', publishers: 7, bitrate: 128000, pin: 'x', fir_freq: 10, videocodec: 'vp8,h264', notify_joining: true });
    const hidden = await newRoom({ is_private: true });
    const { videoroom, list } = await ask({ request: 'list' });
    assert.equal(videoroom, 'success');
    assert.equal(list.some((each) => each.room === hidden), false);
    const entry = list.find((each) => each.room === room);
    const expected = {
      description: 'seen', max_publishers: 7, bitrate: 128000, pin_required: true, is_private: false, fir_freq: 10, audiocodec: 'opus',
      videocodec: 'vp8,h264', num_participants: 0, notify_joining: true, require_pvtid: false, record: false, lock_record: false,
      audiolevel_ext: true, audiolevel_event: false, videoorient_ext: true, playoutdelay_ext: true, transport_wide_cc_ext: true,
    };
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(entry[name], value, name);
  });

  test('a bitrate below 64000 is lifted to it', async () => {
    const room = await newRoom({ bitrate: 1000 });
    assert.equal((await ask({ request: 'list' })).list.find((each) => each.room === room).bitrate, 64000);
  });

  test('listparticipants', async () => {
    const room = await newRoom();
    assert.deepEqual(await ask({ request: 'listparticipants', room }), { videoroom: 'participants', room, participants: [] });
    const { joined } = await join(room, { display: 'Ada' });
    const { participants } = await ask({ request: 'listparticipants', room });
    assert.deepEqual(participants, [{ id: joined.id, display: 'Ada', publisher: false }]);
    assert.equal(await codeOf({ request: 'listparticipants' }), 429);
    assert.equal(await codeOf({ request: 'listparticipants', room: 1 }), 426);
  });
});

describe('join as publisher', () => {
  test('joined says who one is and who is there', async () => {
    const room = await newRoom({ description: 'the room' });
    const { joined } = await join(room, { id: 42, display: 'Ada' });
    assert.equal(joined.videoroom, 'joined');
    assert.equal(joined.room, room);
    assert.equal(joined.description, 'the room');
    assert.equal(joined.id, 42);
    assert.ok(Number.isSafeInteger(joined.private_id));
    assert.deepEqual(joined.publishers, []);
    assert.equal('attendees' in joined, false, 'only with notify_joining');
    const other = await join(room);
    assert.ok(other.joined.id > 0 && other.joined.id !== 42);
    assert.deepEqual(other.joined.publishers, [], 'Ada does not publish yet');
  });

  test('checks: what is missing, wrong, taken, not there, or locked', async () => {
    const room = await newRoom({ pin: 'door' });
    const handle = await newHandle();
    const code = async (fields) => (await dataOf(handle, { request: 'join', ...fields })).error_code;
    const ptype = 'publisher';
    assert.equal(await code({ ptype }), 429);
    assert.equal(await code({ room }), 429);
    assert.equal(await code({ room: 'x', ptype }), 430);
    assert.equal(await code({ room, ptype: 'spectator', pin: 'door' }), 430);
    assert.equal(await code({ room: 1, ptype }), 426);
    assert.equal(await code({ room, ptype, pin: 'window' }), 433);
    assert.equal(await code({ room, ptype, pin: 'door', display: 5 }), 430);
    assert.equal(await code({ room, ptype, pin: 'door', id: 'x' }), 430);
    await join(room, { pin: 'door', id: 7 });
    assert.equal(await code({ room, ptype, pin: 'door', id: 7 }), 436);
    assert.equal(await code({ room, ptype, pin: 'door', id: 8 }), undefined);
    assert.equal(await code({ room, ptype, pin: 'door', id: 9 }), 425, 'twice on one handle');
  });

  test('without its pin a locked room is 429', async () => {
    const room = await newRoom({ pin: 'door' });
    const { joined } = await join(room);
    assert.equal(joined.error_code, 429);
  });

  test('notify_joining tells the others, and the newcomer who listens already', async () => {
    const room = await newRoom({ notify_joining: true });
    const first = await join(room, { display: 'Ada' });
    const second = await join(room, { display: 'Bob' });
    const { plugindata, transaction } = await tells(first.handle, (data) => data.joining);
    assert.deepEqual(plugindata.data, { videoroom: 'event', room, joining: { id: second.joined.id, display: 'Bob' } });
    assert.equal(transaction, undefined);
    assert.deepEqual(second.joined.attendees, [{ id: first.joined.id, display: 'Ada' }]);
  });

  test('leave answers, and tells the others', async () => {
    const room = await newRoom();
    const first = await join(room, { display: 'Ada' });
    const second = await join(room);
    assert.deepEqual(await dataOf(first.handle, { request: 'leave' }), { videoroom: 'event', room, leaving: 'ok' });
    const { data } = (await tells(second.handle, (each) => each.leaving)).plugindata;
    assert.equal(data.leaving, first.joined.id);
    assert.equal((await ask({ request: 'listparticipants', room })).participants.length, 1);
    await second.handle.detach();
    await gateway.eventually(async () => (await ask({ request: 'listparticipants', room })).participants.length === 0);
  });

  test('a new display is told to the others', async () => {
    const room = await newRoom();
    const first = await join(room, { display: 'Ada' });
    const second = await join(room);
    const configured = await dataOf(first.handle, { request: 'configure', display: 'Countess' });
    assert.deepEqual(configured, { videoroom: 'event', room, configured: 'ok' });
    const { data } = (await tells(second.handle, (each) => each.display)).plugindata;
    assert.equal(data.id, first.joined.id);
    assert.equal(data.display, 'Countess');
  });
});

describe('publish and configure', () => {
  test('before joining they are 424', async () => {
    for (const request of ['publish', 'configure', 'unpublish', 'start', 'pause', 'leave']) {
      const handle = await newHandle();
      assert.equal((await dataOf(handle, { request })).error_code, 424, request);
    }
  });

  test('the answer receives what the room allows', async () => {
    const room = await newRoom();
    const { handle } = await join(room);
    const reply = await handle.message({ request: 'publish', descriptions: [{ mid: '1', description: 'camera' }] }, offer());
    const { data } = reply.plugindata;
    assert.equal(data.configured, 'ok');
    assert.equal(data.audio_codec, 'opus');
    assert.equal(data.video_codec, 'vp8');
    assert.deepEqual(data.streams.map(({ type, mindex, mid, codec }) => ({ type, mindex, mid, codec })),
      [{ type: 'audio', mindex: 0, mid: '0', codec: 'opus' }, { type: 'video', mindex: 1, mid: '1', codec: 'vp8' }]);
    assert.equal(data.streams[1].description, 'camera');
    assert.equal(reply.jsep.type, 'answer');
    assert.equal(reply.jsep.sdp.match(/a=recvonly/g).length, 2);
  });

  test('a section the room has no codec for is disabled, its port is 0', async () => {
    const room = await newRoom({ videocodec: 'h264' });
    const { handle } = await join(room);
    const { jsep, plugindata } = await handle.message({ request: 'publish' }, offer());
    assert.match(jsep.sdp, /^m=video 0 /m);
    assert.equal(plugindata.data.streams[1].disabled, true);
  });

  test('wrong types are 430', async () => {
    const { handle } = await join(await newRoom());
    for (const fields of [
      { bitrate: 'x' }, { bitrate: -1 }, { audio: 1 }, { video: 'x' }, { display: 5 }, { keyframe: 'x' }, { record: 1 }, { filename: 5 },
      { audiocodec: 5 }, { descriptions: 'x' },
    ]) assert.equal((await dataOf(handle, { request: 'configure', ...fields })).error_code, 430, JSON.stringify(fields));
  });

  test('an answer is not what a publisher sends', async () => {
    const { handle } = await join(await newRoom());
    const reply = await handle.request({ janus: 'message', body: { request: 'publish' }, jsep: answer() }).catch((error) => error);
    assert.equal(reply.code, 469);
  });

  test('unpublish before publishing is 435', async () => {
    const { handle } = await join(await newRoom());
    assert.equal((await dataOf(handle, { request: 'unpublish' })).error_code, 435);
  });

  test('requests of a subscriber are unknown to a publisher: 423', async () => {
    const { handle } = await join(await newRoom());
    for (const request of ['start', 'pause']) assert.equal((await dataOf(handle, { request })).error_code, 423, request);
  });

  test('joinandconfigure joins and answers in one', async () => {
    const room = await newRoom();
    const handle = await newHandle();
    const reply = await handle.message({ request: 'joinandconfigure', ptype: 'publisher', room, display: 'Ada' }, offer());
    assert.equal(reply.plugindata.data.videoroom, 'joined');
    assert.equal(reply.jsep.type, 'answer');
    assert.equal((await dataOf(handle, { request: 'joinandconfigure', ptype: 'publisher', room })).error_code, 425);
  });
});

describe('join as subscriber', () => {
  const subscribe = async (room, fields) => dataOf(await newHandle(), { request: 'join', ptype: 'subscriber', room, ...fields });

  test('to nothing, to nobody, and to somebody who does not publish', async () => {
    const room = await newRoom();
    const { joined } = await join(room);
    assert.ok([429, 437].includes((await subscribe(room, { streams: [] })).error_code));
    assert.equal((await subscribe(room, {})).error_code, 429);
    assert.equal((await subscribe(room, { streams: [{}] })).error_code, 429);
    assert.equal((await subscribe(room, { streams: 'x' })).error_code, 430);
    assert.equal((await subscribe(room, { streams: [{ feed: 12345 }] })).error_code, 428);
    assert.equal((await subscribe(room, { streams: [{ feed: joined.id }] })).error_code, 428);
    assert.equal((await subscribe(room, { feed: 12345 })).error_code, 428);
    assert.equal((await subscribe(1, { streams: [{ feed: 1 }] })).error_code, 426);
  });
});

describe('rooms and feeds named by strings', () => {
  let strings;
  let room;
  before(async () => {
    strings = await startTarget({ stringIds: true, adminKey: 'keeper' });
    room = await (await (await JanusConnection.connect(strings.url)).createSession()).attach(kVideoRoom);
  });
  after(() => strings?.stop());

  test('create wants the key of the configuration', async () => {
    assert.equal((await dataOf(room, { request: 'create', room: 'lobby' })).error_code, 429);
    assert.equal((await dataOf(room, { request: 'create', room: 'lobby', admin_key: 'thief' })).error_code, 433);
    assert.deepEqual(await dataOf(room, { request: 'create', room: 'lobby', admin_key: 'keeper', is_private: true }),
      { videoroom: 'created', room: 'lobby', permanent: false });
  });

  test('the key shows private rooms', async () => {
    const names = async (fields) => (await dataOf(room, { request: 'list', ...fields })).list.map((each) => each.room);
    assert.equal((await names({})).includes('lobby'), false);
    assert.equal((await names({ admin_key: 'keeper' })).includes('lobby'), true);
  });

  test('ids are texts everywhere, and numbers are 430', async () => {
    assert.deepEqual(await dataOf(room, { request: 'exists', room: 'lobby' }), { videoroom: 'success', room: 'lobby', exists: true });
    assert.equal((await dataOf(room, { request: 'exists', room: 1234 })).error_code, 430);
    const joined = await dataOf(room, { request: 'join', ptype: 'publisher', room: 'lobby', id: 'ada' });
    assert.equal(joined.room, 'lobby');
    assert.equal(joined.id, 'ada');
    const { participants } = await dataOf(room, { request: 'listparticipants', room: 'lobby' });
    assert.deepEqual(participants, [{ id: 'ada', publisher: false }]);
    const drawn = await dataOf(room, { request: 'create', admin_key: 'keeper' });
    assert.equal(typeof drawn.room, 'string');
    assert.ok(drawn.room.length > 0);
  });
});
