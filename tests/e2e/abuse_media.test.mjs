// Bad input at the media port while a call runs: counted and dropped, nothing answered, the call goes on without a loss.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { clientHello, isHandshake } from './lib/dtls_hello.mjs';
import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, kEchoTest, kVideoRoom, createRoom } from './lib/janus_ws.mjs';
import { offer } from './lib/offer.mjs';
import { eventually } from './lib/process.mjs';
import { endRtpPeers, publish, subscribe } from './lib/rtp_peer.mjs';
import { RunningCall } from './lib/running_call.mjs';
import { bindingRequest, isSuccessFor } from './lib/stun.mjs';
import { UdpClient } from './lib/udp.mjs';

let gateway;
let call;
let session;
let clients = [];

before(async () => {
  gateway = await startGateway();
  call = await RunningCall.start(gateway.url);
  session = await (await JanusConnection.connect(gateway.url)).createSession();
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  assert.ok(gateway.process.isRunning, gateway.log());
  assert.equal((await gateway.counts()).status, 'ok');
  await call.assertUnharmed();
});
after(async () => {
  await call?.stop();
  await gateway?.stop();
  endRtpPeers();
});

async function client(port) {
  const made = await UdpClient.open(port);
  clients.push(made);
  return made;
}

// A peer connection that waits for its client: where it is, and how to prove to be that client.
async function waitingPeer() {
  const handle = await session.attach(kEchoTest);
  const { jsep } = await handle.ask({ audio: true }, offer());
  const value = (pattern) => jsep.sdp.match(pattern)[1];
  return {
    handle, ufrag: value(/a=ice-ufrag:(\S+)/), password: value(/a=ice-pwd:(\S+)/),
    port: Number(value(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/)),
  };
}

// The same on every run.
function* numbers(seed) {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    yield (t ^ (t >>> 14)) >>> 0;
  }
}
function garbage(count, largest, firstByte) {
  const random = numbers(count + largest);
  return Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.alloc(random.next().value % largest);
    for (let at = 0; at < bytes.length; ++at) bytes[at] = random.next().value;
    if (bytes.length > 0) bytes[0] = firstByte(i);
    return bytes;
  });
}

// Whatever was sent before a request on the same port has been looked at when the answer to that request is there.
async function checkedPath(socket, peer) {
  const request = bindingRequest(peer);
  await socket.send(request.bytes);
  await socket.answer((datagram) => isSuccessFor(datagram, request), 'an answer to a good STUN request');
}

test('garbage datagrams of every first byte and size', async () => {
  for (const port of gateway.mediaPorts) {
    const socket = await client(port);
    await socket.sendAll(garbage(3000, 1900, (i) => i & 0xff));
    await socket.sendAll([Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(4000), Buffer.alloc(65000, 0x80)]);
    assert.deepEqual(socket.received, [], 'nobody may be answered who has proved nothing');
  }
});

test('garbage that begins like STUN, DTLS, RTP or RTCP on a path that has been checked', async () => {
  const peer = await waitingPeer();
  const socket = await client(peer.port);
  await checkedPath(socket, peer);
  for (const first of [0x00, 0x16, 0x14, 0x80, 0xbf]) await socket.sendAll(garbage(500, 1400, () => first));
  await checkedPath(socket, peer);
  await peer.handle.detach();
});

test('STUN with wrong, short, long or no MESSAGE-INTEGRITY is not answered', async () => {
  const peer = await waitingPeer();
  const socket = await client(peer.port);
  const flipped = (good) => Buffer.from(good.map((byte, i) => (i === 19 ? byte ^ 1 : byte)));
  const bad = [
    { ...peer, integrity: flipped }, { ...peer, integrity: () => Buffer.alloc(20) }, { ...peer, integrity: () => null },
    { ...peer, password: 'another password altogether' }, { ...peer, ufrag: 'nobody' },
    ...[0, 1, 4, 8, 12, 16, 19].map((size) => ({ ...peer, integrity: (good) => good.subarray(0, size) })),
    ...[21, 24, 32, 64].map((size) => ({ ...peer, integrity: (good) => Buffer.concat([good, Buffer.alloc(size - 20)]) })),
  ].flatMap((options) => [bindingRequest(options), bindingRequest({ ...options, fingerprint: false })]);
  await socket.sendAll(bad.map(({ bytes }) => bytes));
  await checkedPath(socket, peer);
  assert.equal(socket.received.length, 1, 'only the good request is answered');
  await peer.handle.detach();
});

test('a good STUN request cut off anywhere is not answered', async () => {
  const peer = await waitingPeer();
  const socket = await client(peer.port);
  const { bytes } = bindingRequest(peer);
  await socket.sendAll(Array.from({ length: bytes.length }, (_, size) => bytes.subarray(0, size)));
  await checkedPath(socket, peer);
  assert.equal(socket.received.length, 1);
  await peer.handle.detach();
});

test('DTLS is answered on a checked path only', async () => {
  const peer = await waitingPeer();
  const checked = await client(peer.port);
  const stranger = await client(peer.port);
  await checkedPath(checked, peer);
  await stranger.sendAll(Array.from({ length: 50 }, clientHello));
  await checkedPath(checked, peer);
  assert.deepEqual(stranger.received, []);
  await checked.send(clientHello());
  await checked.answer(isHandshake, 'the server\'s side of the handshake');
  assert.deepEqual(stranger.received, []);
  await peer.handle.detach();
});

test('truncated RTP and RTCP on a checked path without keys', async () => {
  const peer = await waitingPeer();
  const socket = await client(peer.port);
  await checkedPath(socket, peer);
  const whole = Buffer.concat([Buffer.from('906f000100000001000003e9bede0001', 'hex'), Buffer.alloc(40, 1)]);
  const report = Buffer.concat([Buffer.from('81c9000700000001', 'hex'), Buffer.alloc(30, 1)]);
  for (const packet of [whole, report]) await socket.sendAll(Array.from({ length: packet.length }, (_, size) => packet.subarray(0, size)));
  await checkedPath(socket, peer);
  await peer.handle.detach();
});

test('truncated RTP and RTCP that authenticates: a participant turned bad', async (t) => {
  const room = await createRoom(gateway.url);
  const handle = await session.attach(kVideoRoom);
  const { peer, id } = await publish(handle, room.room);
  t.after(() => peer.close());
  const watcher = await session.attach(kVideoRoom);
  const { peer: watching } = await subscribe(watcher, room.room, id);
  t.after(() => watching.close());
  const seen = () => Math.min(...['0', '1'].map((mid) => watching.arrivals.get(mid)?.received ?? 0));
  await eventually(() => seen() > 10, { what: 'media before' });
  peer.stopMedia();
  const rtp = (first, rest) => Buffer.concat([Buffer.from([first, 0x60, 0x70, 0x00, 0, 0, 0, 9, 0, 0, 0x08, 0xae]), rest]);
  const bad = [
    rtp(0x80, Buffer.alloc(0)), rtp(0xa0, Buffer.from([255])), rtp(0xa0, Buffer.from([1, 2, 0])), rtp(0x80, Buffer.from([0x90])),
    rtp(0x80, Buffer.from([0x90, 0x80, 0x80])), rtp(0x90, Buffer.from('bede0001ffffffff', 'hex')), rtp(0x90, Buffer.from('100000010bffffff', 'hex')),
    ...['80c80006', '81c90007', '9fca00ff', '81cd0003', '8fcd0004', '81ce0002', '8fce0014', '80cf0001', '8fcd0001', '80c8ffff']
      .flatMap((head) => [4, 8, 12, 16, 20].map((size) => Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(size, 0xff)]))),
  ];
  const sent = bad.flatMap((bytes) => Array.from({ length: 10 }, () => peer.sendRaw(bytes))).filter(Boolean).length;
  assert.ok(sent > 100, `the library sent only ${sent} of the bad packets`);
  // It may still take part: what was wrong were packets, not the participant.
  const seenBefore = seen();
  peer.startMedia();
  await eventually(() => seen() > seenBefore + 20, { what: 'media afterwards' });
  for (const each of [handle, watcher]) await each.detach();
  await room.close();
});
