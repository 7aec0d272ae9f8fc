// Sessions in time and who may use them: timeout, reclaim, the API's secret, signed tokens, opaque ids.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { JanusConnection, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { againstCardea, startTarget } from './lib/target.mjs';

async function withTarget(settings, body) {
  const gateway = await startTarget(settings);
  try {
    await body(gateway, await JanusConnection.connect(gateway.url));
  } finally {
    await gateway.stop();
  }
}
const codeOf = async (connection, request) => (await connection.exchange(request)).error?.code;

test('a silent session ends with the event timeout, one that is kept alive does not', async () => {
  await withTarget({ sessionTimeout: 3 }, async (_, connection) => {
    const silent = await connection.createSession();
    await silent.attach(kEchoTest);
    const active = await connection.createSession();
    const beat = setInterval(() => connection.exchange({ janus: 'keepalive', session_id: active.id }), 500);
    const event = await connection.event(({ janus }) => janus === 'timeout', 15000);
    clearInterval(beat);
    assert.deepEqual(event, { janus: 'timeout', session_id: silent.id });
    assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: silent.id }), 458);
    assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: active.id }), undefined);
  });
});

test('a session waits for a claim when its connection is lost, and no longer than agreed', async () => {
  await withTarget({ reclaimTimeout: 4 }, async (gateway, connection) => {
    const first = await JanusConnection.connect(gateway.url);
    const kept = await first.createSession();
    const handle = await kept.attach(kEchoTest);
    const lost = await first.createSession();
    first.terminate();
    await gateway.eventually(() => first.closed);
    assert.equal((await connection.exchange({ janus: 'claim', session_id: kept.id })).janus, 'success');
    const event = await connection.exchange(
      { janus: 'message', session_id: kept.id, handle_id: handle.id, body: { audio: true } }, { skipAck: true });
    assert.equal(event.plugindata.data.result, 'ok');
    // A request would count as activity of the lost one, so it is asked for at the end only.
    await new Promise((resolve) => { setTimeout(resolve, 9000); });
    assert.equal(await codeOf(connection, { janus: 'claim', session_id: lost.id }), 458);
    assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: kept.id }), undefined);
  });
});

test('the secret is asked for before anything of a session is looked at', async () => {
  await withTarget({ secret: 'open sesame' }, async (_, connection) => {
    const apisecret = 'open sesame';
    for (const wrong of [{}, { apisecret: 'wrong' }, { apisecret: '' }, { apisecret: 5 }, { apisecret: 'open sesam' }]) {
      assert.equal(await codeOf(connection, { janus: 'create', ...wrong }), 403, JSON.stringify(wrong));
      assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: 1, ...wrong }), 403, 'not 458');
    }
    assert.equal((await connection.exchange({ janus: 'info' })).api_secret, true);
    assert.equal((await connection.exchange({ janus: 'ping' })).janus, 'pong');
    const { data } = await connection.exchange({ janus: 'create', apisecret });
    assert.equal(await codeOf(connection, { janus: 'attach', session_id: data.id, plugin: kEchoTest }), 403);
    assert.equal((await connection.exchange({ janus: 'attach', session_id: data.id, plugin: kEchoTest, apisecret })).janus, 'success');
    assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: 1, apisecret }), 458);
  });
});

function signed(secret, { expires = 300, realm = 'janus', plugins = [kEchoTest] } = {}) {
  const text = [Math.floor(Date.now() / 1000) + expires, realm, ...plugins].join(',');
  return `${text}:${createHmac('sha1', secret).update(text).digest('base64')}`;
}

test('signed tokens open what they name until they expire', async () => {
  await withTarget({ tokenAuth: true, tokenSecret: 'signing key' }, async (_, connection) => {
    const good = signed('signing key');
    const bad = {
      none: undefined, empty: '', 'other key': signed('another key'), expired: signed('signing key', { expires: -5 }),
      'other realm': signed('signing key', { realm: 'janus.plugin.videoroom' }), changed: good.replace(kEchoTest, kVideoRoom), nonsense: 'a,b,c:d',
    };
    for (const [name, token] of Object.entries(bad)) assert.equal(await codeOf(connection, { janus: 'create', token }), 403, name);
    assert.equal((await connection.exchange({ janus: 'info' })).auth_token, true);
    const { data: { id } } = await connection.exchange({ janus: 'create', token: good });
    const attach = (plugin) => connection.exchange({ janus: 'attach', session_id: id, plugin, token: good });
    assert.equal((await attach(kEchoTest)).janus, 'success');
    assert.equal((await attach(kVideoRoom)).error.code, 405);
    assert.equal(await codeOf(connection, { janus: 'keepalive', session_id: id }), 403);
  });
});

test('with a secret and tokens either is enough', async () => {
  await withTarget({ secret: 's3cret', tokenAuth: true, tokenSecret: 'key' }, async (_, connection) => {
    assert.equal(await codeOf(connection, { janus: 'create' }), 403);
    assert.equal((await connection.exchange({ janus: 'create', apisecret: 's3cret' })).janus, 'success');
    assert.equal((await connection.exchange({ janus: 'create', token: signed('key') })).janus, 'success');
    assert.equal((await connection.exchange({ janus: 'create', apisecret: 's3cret', token: 'nonsense' })).janus, 'success');
  });
});

test('opaque ids come back only where they are wished', async () => {
  const roundTrip = async (connection) => {
    const session = await connection.createSession();
    const handle = await session.attach(kEchoTest, { opaque_id: 'my-own-id' });
    const event = await handle.message({ audio: true });
    const room = await session.attach(kVideoRoom, { opaque_id: 'room-id' });
    const reply = await room.message({ request: 'exists', room: 1 });
    await handle.detach();
    const detached = await handle.event(({ janus }) => janus === 'detached');
    return [event.opaque_id, reply.opaque_id, detached.opaque_id];
  };
  await withTarget({ opaqueIds: true }, async (_, connection) => {
    assert.deepEqual(await roundTrip(connection), ['my-own-id', 'room-id', 'my-own-id']);
  });
  await withTarget({}, async (_, connection) => assert.deepEqual(await roundTrip(connection), [undefined, undefined, undefined]));
});
