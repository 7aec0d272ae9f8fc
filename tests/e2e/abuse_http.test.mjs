// Bad input on the TCP ports while a call runs: endless messages, clients that never read, upgrades nobody asked for, HTTP
// that is none, half requests. Each connection is ended, what it took comes back, the call does not notice.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, test } from 'node:test';

import { abuseRig } from './lib/abuse_rig.mjs';
import { clientHello } from './lib/dtls_hello.mjs';
import { JanusConnection } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { frame, kOpcode, RawConnection } from './lib/raw.mjs';

const kHandshake = 2; // seconds, as the rig sets them
const kMessageTime = 2;
const kStall = 2;
const kSlack = 2000; // milliseconds a limit may be overrun: the gateway looks twice a second, and the machine is busy
const rig = abuseRig({
  set: {
    'http.handshake_seconds': kHandshake, 'websocket.handshake_seconds': kHandshake, 'limits.message_time': kMessageTime,
    'limits.outbox_stall': kStall,
  },
});

let opened = [];
afterEach(() => {
  for (const connection of opened) connection.close();
  opened = [];
});
async function keep(opening) {
  const connection = await opening;
  opened.push(connection);
  return connection;
}
const tcp = (url) => keep(RawConnection.open(url));
const webSocket = (headers) => keep(RawConnection.webSocket(rig.gateway.url, headers));
const ports = () => [rig.gateway.httpUrl, rig.gateway.url];

async function assertServes() {
  assert.equal((await fetch(`${rig.gateway.httpUrl}/`)).status, 200);
  const connection = await JanusConnection.connect(rig.gateway.url);
  assert.equal((await connection.exchange({ janus: 'ping' })).janus, 'pong');
  await connection.close();
}

// ---- WebSocket ------------------------------------------------------------------------------------------------------

test('a fragmented message that never ends', async () => {
  const sizes = [[0, 'message of too many fragments'], [1, 'message of too many fragments'], [1000, 'message too large'], [60000, 'message too large']];
  for (const [size, reason] of sizes) {
    const connection = await webSocket();
    connection.write(frame('{', { last: false }));
    const some = Buffer.concat(Array.from({ length: 20 }, () => frame(Buffer.alloc(size, 0x20), { opcode: kOpcode.continuation, last: false })));
    const closed = connection.closeReason();
    while (!connection.ended) {
      await connection.writeAll(some);
      await sleep(0);
    }
    assert.deepEqual(await closed, { code: 1009, reason }, `fragments of ${size}`);
  }
});

test('a message whose end never comes, pings in between or not', async (t) => {
  const started = performance.now();
  const [silent, lively] = [await webSocket(), await webSocket()];
  for (const each of [silent, lively]) each.write(frame('{', { last: false }));
  t.after(() => clearInterval(pings));
  const pings = setInterval(() => {
    lively.write(frame('still here', { opcode: kOpcode.ping }));
    lively.write(frame(' ', { opcode: kOpcode.continuation, last: false }));
  }, 50);
  const reasons = await Promise.all([silent, lively].map((each) => each.closeReason()));
  const took = performance.now() - started;
  clearInterval(pings);
  for (const reason of reasons) assert.deepEqual(reason, { code: 1008, reason: 'message takes too long' });
  assert.ok(took > kMessageTime * 1000 - 100 && took < kMessageTime * 1000 + kSlack, `${took} ms`);
});

test('frames that break the protocol end the connection', async () => {
  const good = frame('{"janus":"ping","transaction":"t"}');
  const bad = {
    'reserved bits': Buffer.concat([Buffer.from([good[0] | 0x70]), good.subarray(1)]), 'reserved opcode': frame('x', { opcode: 3 }),
    'a continuation of nothing': frame('x', { opcode: kOpcode.continuation }), 'a fragmented ping': frame('x', { opcode: kOpcode.ping, last: false }),
    'a ping of 126 bytes': frame('x'.repeat(126), { opcode: kOpcode.ping }), 'a new message within another': Buffer.concat([frame('{', { last: false }), good]),
    'a length of 2^63': Buffer.from('81ffffffffffffffffff12345678', 'hex'), HTTP: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const connection = await webSocket();
    connection.write(bytes);
    for (let i = 0; i < 20 && !connection.ended; ++i) connection.write(frame(Buffer.alloc(65000)));
    const over = () => connection.ended || connection.frames().some(({ opcode }) => opcode === kOpcode.close);
    await eventually(over, { every: 10, within: 10000, what: `the end after ${what}` });
  }
  await assertServes();
});

test('clients that never read are closed, and the memory is back afterwards', async (t) => {
  const kClients = 12;
  const { gateway } = rig;
  // Stalled; or full, when more answers were under way than the hard limit holds.
  const closed = () => gateway.process.lines.filter((line) => /outbox (stalled|full)/.test(line)).length;
  const before = { resident: gateway.process.residentKiB(), files: gateway.process.openFiles(), closed: closed() };
  const request = frame(JSON.stringify({ janus: 'info', transaction: 'x'.repeat(1000) }));
  const requests = Buffer.concat(Array.from({ length: 200 }, () => request));
  let most = 0;
  const deaf = await Promise.all(Array.from({ length: kClients }, async () => {
    const connection = await webSocket(['Origin: http://localhost']);
    connection.socket.pause();
    return connection;
  }));
  const flood = setInterval(() => {
    for (const each of deaf) if (each.socket.writableLength < requests.length) each.write(requests);
    most = Math.max(most, gateway.process.residentKiB());
  }, 20);
  t.after(() => clearInterval(flood));
  await eventually(() => closed() - before.closed >= kClients, { within: 40000, what: 'every client closed' }).catch((error) => { throw new Error(gateway.log(), { cause: error }); });
  clearInterval(flood);
  assert.ok(most - before.resident > kClients * 1024, `nothing to give back: ${most - before.resident} KiB`);
  for (const each of deaf) { each.socket.resume(); await each.isEnded(5000); }
  // Not all of it: the call's own stores of packets go on filling meanwhile.
  const kept = () => gateway.process.residentKiB() - before.resident;
  await eventually(() => kept() < (most - before.resident) / 4, { what: 'the memory back' })
    .catch((error) => { throw new Error(`${kept()} KiB of ${most - before.resident} are kept`, { cause: error }); });
  await eventually(() => gateway.process.openFiles() <= before.files + 1, { what: 'the descriptors back' });
});

// ---- HTTP -----------------------------------------------------------------------------------------------------------

test('Upgrade: h2c is refused, and HTTP/2 is not spoken without asking', async () => {
  for (const url of ports()) {
    const connection = await tcp(url);
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n');
    assert.match(await connection.head(), /^HTTP\/1\.[01] 403 /);
    await connection.isEnded(kSlack);
    const prior = await tcp(url);
    prior.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    await prior.isEnded(kHandshake * 1000 + kSlack);
    assert.ok(prior.text === '' || /^HTTP\/1\.[01] 4/.test(prior.text), prior.text);
  }
});

const get = (headers) => `GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;
const nonsense = {
  'nothing but line ends': '\r\n'.repeat(50_000), 'a line that does not end': 'x'.repeat(200_000), 'a very long path': `GET /${'a'.repeat(200_000)} HTTP/1.1\r\n\r\n`,
  'a very long header': get(`X-Long: ${'a'.repeat(200_000)}`), 'a very long known header': get(`Cookie: ${'a'.repeat(200_000)}`),
  'very many headers': get(Array.from({ length: 20_000 }, (_, i) => `X-${i}: y`).join('\r\n')), 'a header name that does not end': `GET / HTTP/1.1\r\n${'n'.repeat(200_000)}`,
  'a negative length': get('Content-Length: -5'), 'a length of 2^64': get('Content-Length: 18446744073709551616'), 'chunks': get('Transfer-Encoding: chunked'),
  'a body': `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'b'.repeat(100_000)}`, 'no method': ' / HTTP/1.1\r\n\r\n', 'another protocol': 'SSH-2.0-x\r\n',
  'no path': 'GET\r\n\r\n', 'CONNECT': 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n', 'an absolute path': 'GET http://example.org/ HTTP/1.1\r\nHost: x\r\n\r\n',
  'percents': 'GET /%00%2e%2e%2f%ff%zz% HTTP/1.1\r\nHost: x\r\n\r\n', 'zeroes': Buffer.alloc(100_000), 'TLS': Buffer.from('16030100c8010000c40303', 'hex'),
  'DTLS': clientHello(), 'every byte': Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 167 + (i >> 8)) & 0xff)),
};

test('what is not HTTP, or too much of it, ends the connection with an error or nothing', async () => {
  for (const url of ports()) {
    await Promise.all(Object.entries(nonsense).map(async ([what, bytes]) => {
      const connection = await tcp(url);
      await connection.writeAll(bytes);
      await eventually(() => connection.ended || /^HTTP\/1\.[01] 4\d\d /.test(connection.text), { within: kHandshake * 1000 + kSlack, every: 20, what })
        .catch((error) => { throw new Error(`${what} at ${url}: ${connection.text.slice(0, 200)}`, { cause: error }); });
      assert.ok(connection.text === '' || /^HTTP\/1\.[01] 4\d\d /.test(connection.text), `${what}: ${connection.text.slice(0, 200)}`);
    }));
    await assertServes();
  }
});

test('half a request is closed after the stated time, however it drips', async (t) => {
  const start = 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ';
  const files = rig.gateway.process.openFiles();
  const slow = [];
  for (const url of ports()) {
    for (const first of ['', 'G', 'GET / HTTP/1.1\r\n', start, `${start}x\r\n`]) {
      for (const drips of [false, true]) {
        const connection = await tcp(url);
        connection.write(first);
        slow.push({ connection, drips, first });
      }
    }
  }
  t.after(() => clearInterval(drip));
  const drip = setInterval(() => { for (const { connection, drips } of slow) if (drips) connection.write('x'); }, 100);
  for (const { connection, drips, first } of slow) {
    await connection.isEnded(kHandshake * 1000 + kSlack);
    const what = `${JSON.stringify(first)} ${drips ? 'dripping' : 'silent'} ended after ${connection.lifetime} ms`;
    assert.ok(connection.lifetime < kHandshake * 1000 + kSlack, what);
    if (first === start) assert.ok(connection.lifetime > kHandshake * 1000 - 100, what);
  }
  clearInterval(drip);
  await eventually(() => rig.gateway.process.openFiles() <= files + 1, { what: 'the descriptors back' });
});

test('five hundred connections that say nothing keep nobody out', async () => {
  const files = rig.gateway.process.openFiles();
  for (const url of ports()) await Promise.all(Array.from({ length: 250 }, async () => (await tcp(url)).write('GET / HT')));
  await assertServes();
  await Promise.all(opened.map((connection) => connection.isEnded(kHandshake * 1000 + 2 * kSlack)));
  await eventually(() => rig.gateway.process.openFiles() <= files + 1, { what: 'the descriptors back' });
});
