// The same small call under settings that other tests do not use: IPv6, an announced address, libsrtp2, TLS, string ids.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, kVideoRoom } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { endRtpPeers, publish, subscribe } from './lib/rtp_peer.mjs';

after(endRtpPeers);

const candidates = (sdp) => [...sdp.matchAll(/a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/g)].map(([, address, port]) => ({ address, port: Number(port) }));

// A publisher and a subscriber; resolves to the SDP that the gateway offered once media has arrived.
async function call(url, { room = 1234, feed, options = {} } = {}) {
  const connection = await JanusConnection.connect(url, options);
  const session = await connection.createSession();
  const handle = await session.attach(kVideoRoom);
  await handle.ask({ request: 'create', room });
  const { peer, id } = await publish(handle, room, feed === undefined ? {} : { id: feed });
  const watcher = await session.attach(kVideoRoom);
  const { peer: watching, attached } = await subscribe(watcher, room, id);
  await eventually(() => ['0', '1'].every((mid) => (watching.arrivals.get(mid)?.received ?? 0) > 25), { what: 'audio and video' });
  for (const mid of ['0', '1']) assert.equal(watching.arrivals.get(mid).missing, 0);
  peer.close();
  watching.close();
  await session.destroy();
  connection.socket.close();
  return { sdp: attached.jsep.sdp, id };
}

async function withGateway(options, run) {
  const gateway = await startGateway(options);
  try {
    return await run(gateway);
  } finally {
    await gateway.stop();
  }
}

describe('a call', () => {
  test('over IPv6 alone', { timeout: 60000 }, () => withGateway({ set: { 'media.addresses': ['::1'] } }, async (gateway) => {
    const { sdp } = await call(gateway.url);
    const found = candidates(sdp);
    assert.ok(found.length > 0 && found.every(({ address }) => address === '::1'), sdp);
  }));

  test('over IPv4 and IPv6, every address in every SDP', { timeout: 60000 }, () => withGateway({ set: { 'media.addresses': ['127.0.0.1', '::1'] } }, async (gateway) => {
    const { sdp } = await call(gateway.url);
    assert.deepEqual(new Set(candidates(sdp).map(({ address }) => address)), new Set(['127.0.0.1', '::1']));
    assert.match(sdp, /a=end-of-candidates/);
  }));

  test('through a mapped port, and the announced address stands in the SDP', { timeout: 60000 }, () => withGateway({ link: true }, async (gateway) => {
    const { sdp } = await call(gateway.url);
    const found = candidates(sdp);
    assert.ok(found.length > 0 && found.every(({ port }) => !gateway.mediaPorts.includes(port)), 'only the port in front is told');
  }));

  test('encrypted by libsrtp2', { timeout: 60000 }, () => withGateway({ set: { 'media.srtp': 'libsrtp2' } }, (gateway) => call(gateway.url)));

  test('encrypted by libipsec-mb, or by OpenSSL where it is missing, which the log tells', { timeout: 60000 }, () => withGateway(
    { set: { 'media.srtp': 'ipsec-mb' } },
    async (gateway) => {
      await gateway.process.line(/media is encrypted by libipsec-mb|libipsec-mb not usable/, 10000);
      await call(gateway.url);
    },
  ));

  test('with the API over TLS and the certificate made at the first start', { timeout: 60000 }, () => withGateway(
    { set: { 'websocket.secure_port': 0 } },
    async (gateway) => {
      const [, port] = await gateway.process.line(/listening module=websocket name=secure .*port=(\d+)/, 10000);
      await assert.rejects(JanusConnection.connect(`wss://127.0.0.1:${port}/`), /self-signed/);
      await call(`wss://127.0.0.1:${port}/`, { options: { rejectUnauthorized: false } });
    },
  ));

  test('with string ids', { timeout: 60000 }, () => withGateway({ set: { 'videoroom.string_ids': true } }, async (gateway) => {
    const { id } = await call(gateway.url, { room: 'the room', feed: 'a feed' });
    assert.equal(id, 'a feed');
    const { id: drawn } = await call(gateway.url, { room: 'another' });
    assert.equal(typeof drawn, 'string');
  }));

  test('with the only SRTP profile allowed', { timeout: 60000 }, () => withGateway({ set: { 'media.srtp_require': 'AEAD_AES_128_GCM' } }, (gateway) => call(gateway.url)));
});
