// The core API on the wire: envelope, order of checks, codes, sessions and handles. The same file runs against Debian's
// janus (CARDEA_E2E_TARGET=janus), which proves the expectations; where Cardea differs on purpose the test says so.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { JanusConnection, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { answer, offer } from './lib/offer.mjs';
import { againstCardea, startTarget } from './lib/target.mjs';

let gateway;
let connection;
let session;
let handle;

before(async () => {
  gateway = await startTarget();
  connection = await JanusConnection.connect(gateway.url);
  session = await connection.createSession();
  handle = await session.attach(kEchoTest);
});
after(() => gateway?.stop());

// What a text gets back, whatever it carries as transaction.
async function rawReply(text) {
  const own = await JanusConnection.connect(gateway.url);
  own.sendText(text);
  const reply = await own.event(() => true);
  own.terminate();
  return reply;
}
const codeOf = async (request, on = connection) => (await on.exchange(request)).error?.code;
const inSession = (request) => codeOf({ session_id: session.id, ...request });
const onHandle = (request) => inSession({ handle_id: handle.id, ...request });

describe('the envelope', () => {
  test('what is not JSON is refused with 454 and no transaction', async () => {
    for (const text of ['not json', '{"janus":"ping","transaction":"t"', '{"a":}']) {
      const reply = await rawReply(text);
      assert.equal(reply.janus, 'error');
      assert.equal(reply.error.code, 454, text);
      assert.equal(typeof reply.error.reason, 'string');
      assert.equal('transaction' in reply, false);
    }
  });

  test('JSON that is not an object is refused with 455', againstCardea('janus 1.1.2 parses only objects and arrays'), async () => {
    for (const text of ['[1,2]', '"text"', '17', 'null']) assert.equal((await rawReply(text)).error.code, 455, text);
  });

  test('transaction comes before the verb, and both are strings', async () => {
    const cases = [
      [{ janus: 'ping' }, 456, /transaction/], [{ janus: 'ping', transaction: 5 }, 467, /transaction/],
      [{}, 456, /transaction/], [{ transaction: 't' }, 456, /janus/], [{ transaction: 't', janus: 1 }, 467, /janus/],
    ];
    for (const [request, code, reason] of cases) {
      const reply = await rawReply(JSON.stringify(request));
      assert.equal(reply.error.code, code, JSON.stringify(request));
      assert.match(reply.error.reason, reason);
    }
  });

  test('a transaction comes back byte for byte', async () => {
    for (const transaction of ['1', 'äöü € 😀', 'a"b\\c/d', ' ', 'x'.repeat(4000), '\u0001\u001f']) {
      const reply = await connection.exchange({ janus: 'ping', transaction });
      assert.deepEqual(reply, { janus: 'pong', transaction });
    }
  });

  test('an id that is no integer is no id, and a negative one is nobody\'s', async () => {
    assert.equal(await codeOf({ janus: 'keepalive', session_id: 'text' }), 457);
    assert.equal(await codeOf({ janus: 'keepalive', session_id: -1 }), 458);
    assert.equal(await codeOf({ janus: 'keepalive', session_id: 1.5 }), 457);
    assert.equal(await inSession({ janus: 'keepalive', handle_id: 'text' }), 459);
  });

  test('a wished session id that is no integer is 467', againstCardea('1.1.2 leaves the transaction out of this error'), async () => {
    assert.equal(await codeOf({ janus: 'create', id: 'text' }), 467);
  });

  test('an id of null is the same as absent', async () => {
    assert.equal((await connection.exchange({ janus: 'ping', session_id: null, handle_id: null })).janus, 'pong');
    assert.equal((await connection.exchange({ janus: 'keepalive', session_id: session.id, handle_id: null })).janus, 'ack');
  });

  test('verbs compare without regard to case, unknown fields are ignored', async () => {
    assert.equal((await connection.exchange({ janus: 'PiNg', more: { than: ['asked'] } })).janus, 'pong');
    assert.equal((await connection.exchange({ janus: 'KeepAlive', session_id: session.id })).janus, 'ack');
  });

  test('several documents in one frame are answered one by one', async () => {
    const own = await JanusConnection.connect(gateway.url);
    own.sendText('{"janus":"ping","transaction":"one"}{"janus":"ping","transaction":"two"}');
    await own.event(({ transaction }) => transaction === 'one');
    await own.event(({ transaction }) => transaction === 'two');
    await own.close();
  });
});

describe('without a session', () => {
  test('info tells what clients decide upon', async () => {
    const info = await connection.exchange({ janus: 'info' });
    assert.equal(info.janus, 'server_info');
    assert.ok(info.version >= 1000, 'below 1000 clients speak the old API');
    for (const name of ['name', 'version_string', 'author', 'server-name', 'local-ip']) assert.equal(typeof info[name], 'string', name);
    for (const name of ['session-timeout', 'reclaim-session-timeout', 'candidates-timeout']) assert.equal(typeof info[name], 'number', name);
    for (const name of ['accepting-new-sessions', 'ice-lite', 'full-trickle', 'api_secret', 'auth_token', 'data_channels', 'ipv6'])
      assert.equal(typeof info[name], 'boolean', name);
    for (const name of ['transports', 'plugins', 'events', 'loggers']) assert.equal(typeof info[name], 'object', name);
    for (const package_ of [kVideoRoom, kEchoTest]) {
      const about = info.plugins[package_];
      for (const name of ['name', 'author', 'description', 'version_string']) assert.equal(typeof about[name], 'string', name);
      assert.equal(typeof about.version, 'number');
    }
    assert.ok(info.transports['janus.transport.websockets'], 'the name clients know');
  });

  test('create has its id in data and no session_id on top', async () => {
    const reply = await connection.exchange({ janus: 'create', transaction: 'made' });
    assert.deepEqual(Object.keys(reply).sort(), ['data', 'janus', 'transaction']);
    assert.ok(Number.isSafeInteger(reply.data.id) && reply.data.id > 0);
  });

  test('create takes a wished id once', async () => {
    const id = 4_711_000_000_000 + Math.floor(Math.random() * 1e9);
    assert.equal((await connection.exchange({ janus: 'create', id })).data.id, id);
    assert.equal(await codeOf({ janus: 'create', id }), 468);
  });

  test('any other verb is at the wrong place: 457', async () => {
    for (const janus of ['attach', 'message', 'nonsense', 'destroy', 'keepalive']) assert.equal(await codeOf({ janus }), 457, janus);
  });

  test('a handle without a session is 458', async () => {
    assert.equal(await codeOf({ janus: 'message', handle_id: handle.id, body: {} }), 458);
  });
});

describe('a session', () => {
  test('one that does not exist is 458 for every verb, before the verb is looked at', async () => {
    for (const janus of ['keepalive', 'attach', 'nonsense', 'destroy', 'message']) {
      const reply = await connection.exchange({ janus, session_id: 1 });
      assert.equal(reply.error.code, 458, janus);
      assert.equal(reply.session_id, 1);
      assert.match(reply.error.reason, /No such session 1/);
    }
  });

  test('keepalive is acknowledged', async () => {
    assert.deepEqual(await connection.exchange({ janus: 'keepalive', session_id: session.id, transaction: 'k' }),
      { janus: 'ack', session_id: session.id, transaction: 'k' });
  });

  test('attach', async () => {
    const reply = await connection.exchange({ janus: 'attach', plugin: kEchoTest, session_id: session.id, transaction: 'a', opaque_id: 'mine' });
    assert.deepEqual(Object.keys(reply).sort(), ['data', 'janus', 'session_id', 'transaction']);
    assert.equal(reply.janus, 'success');
    assert.ok(Number.isSafeInteger(reply.data.id) && reply.data.id > 0);
    assert.equal(await inSession({ janus: 'attach' }), 456);
    assert.equal(await inSession({ janus: 'attach', plugin: 5 }), 467);
    assert.equal(await inSession({ janus: 'attach', plugin: 'janus.plugin.nonsense' }), 460);
    assert.equal(await inSession({ janus: 'attach', plugin: kEchoTest, opaque_id: 5 }), 467);
    assert.equal(await inSession({ janus: 'attach', plugin: kEchoTest, loop_index: 'x' }), 467);
    assert.equal(await onHandle({ janus: 'attach', plugin: kEchoTest }), 457);
  });

  test('verbs of a handle without one are at the wrong place', async () => {
    for (const janus of ['message', 'trickle', 'hangup', 'detach']) assert.equal(await inSession({ janus, body: {} }), 457, janus);
  });

  test('destroy ends it: success, then every handle is detached', async () => {
    const own = await connection.createSession();
    const inside = await own.attach(kEchoTest);
    assert.equal(await codeOf({ janus: 'destroy', session_id: own.id, handle_id: inside.id }), 457);
    const reply = await own.destroy();
    assert.equal(reply.janus, 'success');
    assert.equal(reply.session_id, own.id);
    assert.equal(await codeOf({ janus: 'keepalive', session_id: own.id }), 458);
  });

  test('claim moves it to the connection that asks', async () => {
    const first = await JanusConnection.connect(gateway.url);
    const second = await JanusConnection.connect(gateway.url);
    const moved = await first.createSession();
    const inside = await moved.attach(kEchoTest);
    assert.equal((await first.exchange({ janus: 'claim', session_id: moved.id })).janus, 'success', 'harmless for its owner');
    const reply = await second.exchange({ janus: 'claim', session_id: moved.id, transaction: 'c' });
    assert.deepEqual(reply, { janus: 'success', session_id: moved.id, transaction: 'c' });
    // The event of a request now goes to the new owner, and the old connection may end without harm.
    await first.close();
    const event = await second.exchange(
      { janus: 'message', session_id: moved.id, handle_id: inside.id, body: { audio: true } }, { skipAck: true });
    assert.equal(event.plugindata.data.result, 'ok');
    await second.close();
    assert.equal(await codeOf({ janus: 'claim', session_id: 1 }), 458);
  });

  test('dies with its connection', async () => {
    const own = await JanusConnection.connect(gateway.url);
    const { id } = await own.createSession();
    await own.close();
    await gateway.eventually(async () => (await codeOf({ janus: 'keepalive', session_id: id })) === 458);
  });
});

describe('a handle', () => {
  test('one that does not exist is 459, before the verb is looked at', async () => {
    for (const janus of ['message', 'nonsense', 'detach']) {
      const reply = await connection.exchange({ janus, session_id: session.id, handle_id: 7 });
      assert.equal(reply.error.code, 459, janus);
      assert.equal(reply.session_id, session.id);
      assert.match(reply.error.reason, new RegExp(`No such handle 7 in session ${session.id}`));
    }
  });

  test('one of another session is 459', async () => {
    const other = await connection.createSession();
    assert.equal(await codeOf({ janus: 'message', session_id: other.id, handle_id: handle.id, body: {} }), 459);
  });

  test('an unknown verb is 453', async () => {
    assert.equal(await onHandle({ janus: 'nonsense' }), 453);
  });

  test('message checks body and jsep in that order', async () => {
    assert.equal(await onHandle({ janus: 'message' }), 456);
    assert.equal(await onHandle({ janus: 'message', body: 'text' }), 467);
    assert.equal(await onHandle({ janus: 'message', jsep: { type: 'nonsense', sdp: '' } }), 456);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: { sdp: 'v=0' } }), 456);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: { type: 5, sdp: 'v=0' } }), 467);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: { type: 'nonsense', sdp: 'v=0' } }), 464);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: { type: 'offer' } }), 456);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: { type: 'offer', sdp: 'nonsense' } }), 465);
    assert.equal(await onHandle({ janus: 'message', body: {}, jsep: answer() }), 469, 'an answer to nothing');
  });

  test('a bad offer is an error in place of the ack', async () => {
    const seen = connection.events.length;
    const reply = await connection.exchange({
      janus: 'message', session_id: session.id, handle_id: handle.id, transaction: 'bad', body: { audio: true }, jsep: { type: 'offer', sdp: 'v=0\r\nnonsense' } });
    assert.equal(reply.janus, 'error');
    assert.equal(connection.events.slice(seen).some(({ transaction }) => transaction === 'bad'), false);
  });

  test('ack first, then the event, both with the transaction', async () => {
    const own = await JanusConnection.connect(gateway.url);
    const mine = await (await own.createSession()).attach(kEchoTest);
    own.sendText(JSON.stringify({ janus: 'message', session_id: mine.session.id, handle_id: mine.id, transaction: 'both', body: { video: false } }));
    const event = await own.event(({ janus }) => janus === 'event');
    const ack = await own.event(({ janus }) => janus === 'ack');
    assert.deepEqual(own.events, []);
    assert.deepEqual({ ...ack, hint: undefined }, { janus: 'ack', session_id: mine.session.id, transaction: 'both', hint: undefined });
    assert.equal(event.transaction, 'both');
    assert.equal(event.sender, mine.id);
    assert.equal(event.session_id, mine.session.id);
    assert.deepEqual(event.plugindata, { plugin: kEchoTest, data: { echotest: 'event', result: 'ok' } });
    await own.close();
  });

  test('the order of ack and event holds for a hundred requests in one breath', againstCardea('its ack may come after the event'), async () => {
    const own = await JanusConnection.connect(gateway.url);
    const seen = [];
    own.socket.on('message', (data) => { const { janus, transaction } = JSON.parse(data); if (transaction) seen.push(`${janus} ${transaction}`); });
    const mine = await (await own.createSession()).attach(kEchoTest);
    const numbers = Array.from({ length: 100 }, (_, i) => `n${i}`);
    await Promise.all(numbers.map((transaction) => own.exchange(
      { janus: 'message', session_id: mine.session.id, handle_id: mine.id, transaction, body: { audio: true } }, { skipAck: true })));
    for (const number of numbers) {
      const ack = seen.indexOf(`ack ${number}`);
      assert.ok(ack >= 0 && ack < seen.indexOf(`event ${number}`), number);
    }
    await own.close();
  });

  test('a sync answer is a success with sender and plugindata', async () => {
    const room = await session.attach(kVideoRoom);
    const reply = await connection.exchange(
      { janus: 'message', session_id: session.id, handle_id: room.id, transaction: 's', body: { request: 'exists', room: 987654 } });
    assert.deepEqual(reply, {
      janus: 'success', session_id: session.id, transaction: 's', sender: room.id,
      plugindata: { plugin: kVideoRoom, data: { videoroom: 'success', room: 987654, exists: false } } });
  });

  test('hangup succeeds with and without a peer connection', async () => {
    const reply = await connection.exchange({ janus: 'hangup', session_id: session.id, handle_id: handle.id, transaction: 'h' });
    assert.deepEqual(reply, { janus: 'success', session_id: session.id, transaction: 'h' });
  });

  test('detach: success and the event', async () => {
    const own = await session.attach(kEchoTest);
    const reply = await connection.exchange({ janus: 'detach', session_id: session.id, handle_id: own.id, transaction: 'd' });
    assert.deepEqual(reply, { janus: 'success', session_id: session.id, transaction: 'd' });
    const event = await own.event(({ janus }) => janus === 'detached');
    assert.deepEqual(event, { janus: 'detached', session_id: session.id, sender: own.id });
    assert.equal(await codeOf({ janus: 'detach', session_id: session.id, handle_id: own.id }), 459);
  });
});

describe('trickle', () => {
  const candidate = { candidate: 'candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host', sdpMid: '0', sdpMLineIndex: 0 };
  const trickle = (fields, on = handle) => connection.exchange({ janus: 'trickle', session_id: session.id, handle_id: on.id, ...fields });

  test('is acknowledged before any offer, after an answer and after the end', async () => {
    const own = await session.attach(kEchoTest);
    assert.equal((await trickle({ candidate }, own)).janus, 'ack');
    const { jsep } = await own.ask({ audio: true }, offer());
    assert.equal(jsep.type, 'answer');
    assert.equal((await trickle({ candidate }, own)).janus, 'ack');
    assert.equal((await trickle({ candidate: { completed: true } }, own)).janus, 'ack');
    assert.equal((await trickle({ candidate }, own)).janus, 'ack', 'late');
    await own.detach();
  });

  test('is acknowledged after the peer connection has gone', againstCardea('refuses it while it tears down'), async () => {
    const own = await session.attach(kEchoTest);
    await own.ask({ audio: true }, offer());
    await own.hangup();
    assert.equal((await trickle({ candidate }, own)).janus, 'ack');
    await own.detach();
  });

  test('takes one, several, null, and names that resolve nowhere', async () => {
    for (const fields of [
      { candidate }, { candidates: [candidate, { ...candidate, sdpMid: '1' }, { completed: true }] }, { candidate: null },
      { candidate: { completed: true } }, { candidates: [] }, { candidate: { ...candidate, candidate: '' } },
      { candidate: { ...candidate, candidate: 'candidate:1 1 udp 1 0f3bd9ad-6a33-4a3d-a6c9-9b1d6b0f3a1c.local 50000 typ host' } },
      { candidates: [{ nonsense: true }, candidate] },
    ]) assert.equal((await trickle(fields)).janus, 'ack', JSON.stringify(fields));
  });

  test('with both forms or none is refused', async () => {
    assert.equal((await trickle({})).error.code, 456);
    assert.equal((await trickle({ candidate, candidates: [candidate] })).error.code, 454);
  });
});
