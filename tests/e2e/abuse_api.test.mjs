// Bad input through the API while a call runs: a clear error each, the process lives, the call does not notice.
import assert from 'node:assert/strict';
import { beforeEach, afterEach, test } from 'node:test';

import { abuseRig } from './lib/abuse_rig.mjs';
import { JanusConnection, JanusError, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { offer, sdpText } from './lib/offer.mjs';
import { eventually } from './lib/process.mjs';

const kMiB = 2 ** 20;
const kDepth = 64;
const kHandles = 20000;
const rig = abuseRig();

let connection;
beforeEach(async () => { connection = await JanusConnection.connect(rig.gateway.url); });
afterEach(() => connection.close());

// What comes for a message that has no transaction we would find again.
async function answerTo(bytes) {
  connection.socket.send(bytes, { binary: false });
  return connection.event(() => true);
}
async function assertNotJson(bytes, pattern, what) {
  const { janus, error, ...rest } = await answerTo(bytes);
  assert.deepEqual([janus, error?.code], ['error', 454], what);
  assert.match(error.reason, pattern, what);
  assert.deepEqual(rest, {}, 'whose request it was cannot be known');
}
const ping = (extra = '') => `{"janus":"ping","transaction":"t"${extra}}`;
const pongs = async (bytes) => assert.deepEqual(await answerTo(bytes), { janus: 'pong', transaction: 't' });

test('JSON nested deeper than 64 levels', async () => {
  const nested = (levels) => ping(`,"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}`);
  await pongs(nested(kDepth));
  await assertNotJson(nested(kDepth + 1), /nested deeper than 64 levels/);
  await assertNotJson(ping(`,"a":${'{"b":'.repeat(kDepth)}1${'}'.repeat(kDepth)}`), /nested deeper/);
  await assertNotJson('['.repeat(kMiB), /nested deeper/, 'a megabyte of open brackets');
  await assertNotJson('{"a":'.repeat(kMiB / 5 - 1), /nested deeper/);
  await pongs(ping(`,"a":"${'['.repeat(1000)}"`));
});

test('a message of 1 MiB is taken, one byte more closes the connection with the reason', async () => {
  const sized = (size) => ping(`,"a":"${'x'.repeat(size - ping(',"a":""').length)}"`);
  await pongs(sized(kMiB));
  for (const size of [kMiB + 1, 5 * kMiB]) {
    const other = await JanusConnection.connect(rig.gateway.url);
    const closed = new Promise((resolve) => { other.socket.once('close', (code, reason) => resolve([code, reason.toString()])); });
    other.sendText(sized(size));
    assert.deepEqual(await closed, [1009, 'message too large']);
  }
  await pongs(ping());
});

test('JSON cut off anywhere', async () => {
  const whole = JSON.stringify({ janus: 'message', transaction: 't', session_id: 1, handle_id: 2, body: { a: [true, null, -1.5e3, 'ä\n\u2028'] } });
  const bytes = Buffer.from(whole);
  for (let size = 0; size < bytes.length; ++size) await assertNotJson(bytes.subarray(0, size), /^JSON error: /, `cut at ${size}`);
  const long = Buffer.from(ping(`,"a":"${'x'.repeat(100_000)}"`));
  for (const size of [4095, 4096, 4097, 65535, 65536, 99_999]) await assertNotJson(long.subarray(0, size), /^JSON error: /, `cut at ${size}`);
});

test('what is not JSON at all', async () => {
  const bad = [
    'garbage', '\0', '{"janus":"ping","transaction":"t"', "{'janus':'ping'}", '{janus:"ping"}', ping(',"a":01'), ping(',"a":1e999'), ping(',"a":NaN'),
    ping(',"a":"\\u0000"'), ping(',"a":"\\ud800"'), ping(',"\\u0000":1'), ping(',"a":18446744073709551616'), ping(',"a":"\n"'), ping(',"a":"\\x"'), ping(','), '<janus/>',
  ];
  for (const text of bad) await assertNotJson(text, /^JSON error: /, text);
});

test('text that is not UTF-8', async () => {
  const bad = ['80', 'bf', 'c0af', 'c1bf', 'e28028', 'e2', 'e080af', 'eda080', 'f08080af', 'f4908080', 'f5808080', 'ff', 'fe', '61ff62'];
  for (const hex of bad) {
    const [head, tail] = ping(',"a":"|"').split('|');
    await assertNotJson(Buffer.concat([Buffer.from(head), Buffer.from(hex, 'hex'), Buffer.from(tail)]), /unable to decode byte/, hex);
  }
});

// ---- SDP ------------------------------------------------------------------------------------------------------------

const refusal = (handle, sdp, type = 'offer') => handle.message({ audio: true }, { type, sdp }).then(
  () => assert.fail(`accepted: ${sdp.slice(0, 500)}`), (error) => { if (!(error instanceof JanusError)) throw error; return error; });

test('SDP past its limits', async () => {
  const handle = await (await connection.createSession()).attach(kEchoTest);
  const lines = (count, text) => ({ extra: Array.from({ length: count }, () => text) });
  const cases = [
    [sdpText(lines(3000, `a=x:${'y'.repeat(100)}`)), /larger than 262144 bytes/], [sdpText(lines(4000, 'a=x')), /more than 4000 lines/],
    [`${sdpText()}${'\r\n'.repeat(4000)}`, /more than 4000 lines/], [sdpText(lines(1, `a=x:${'y'.repeat(262144)}`)), /larger than/],
    [sdpText({ kinds: Array.from({ length: 65 }, () => 'audio') }), /m-lines/],
  ];
  for (const [sdp, pattern] of cases) {
    const error = await refusal(handle, sdp);
    assert.equal(error.code, 465);
    assert.match(error.message, pattern);
  }
  const good = sdpText();
  const room = 3999 - good.split('\r\n').length;
  assert.equal((await handle.message({ audio: true }, { type: 'offer', sdp: sdpText(lines(room, 'a=x')) })).jsep.type, 'answer', 'close to the limit');
  await handle.detach();
});

test('SDP that is none', async () => {
  const handle = await (await connection.createSession()).attach(kEchoTest);
  const good = sdpText();
  const bad = [
    '', ' ', 'nonsense', 'v=0', 'v=1\r\n', '\r\n\r\n', good.replace('v=0\r\n', ''), good.replace('v=0', 'v=9'), good.replaceAll('=', ''),
    good.replace('m=audio 9 UDP/TLS/RTP/SAVPF 111', 'm=audio'), good.replace('m=audio 9', 'm=audio nine'), good.replace('m=audio 9', 'm=audio 99999999999'),
    good.replaceAll(/a=ice-ufrag:.*\r\n/g, ''), good.replaceAll(/a=ice-pwd:.*\r\n/g, ''), good.replaceAll(/a=fingerprint:.*\r\n/g, ''),
    good.replaceAll(/a=fingerprint:.*\r\n/g, 'a=fingerprint:sha-256 AB:CD\r\n'), good.replaceAll('sha-256', 'md5'),
    good.replaceAll(/a=ice-ufrag:.*\r\n/g, `a=ice-ufrag:${'u'.repeat(100_000)}\r\n`), Buffer.from(good).toString('utf16le'),
    `${good}m=${'x'.repeat(10_000)}\r\n`, good.replaceAll('\r\n', '\t'), good.split('\r\n').reverse().join('\r\n'),
  ];
  for (const sdp of bad) assert.equal((await refusal(handle, sdp)).code, 465, JSON.stringify(sdp.slice(0, 300)));
  await handle.detach();
});

test('an SDP cut off anywhere is refused or answered, never left without a reply', async () => {
  const session = await connection.createSession();
  const { sdp } = offer();
  let refused = 0;
  for (let size = 0; size < sdp.length; size += 13) {
    const handle = await session.attach(size % 2 ? kEchoTest : kVideoRoom);
    const body = size % 2 ? { audio: true } : { request: 'publish' };
    const reply = await handle.message(body, { type: 'offer', sdp: sdp.slice(0, size) }).catch((error) => error);
    if (reply instanceof JanusError) { assert.equal(reply.code, 465, `cut at ${size}`); ++refused; } else assert.equal(reply.janus, 'event', reply.stack);
    await handle.detach();
  }
  assert.ok(refused > 10, `${refused} refused`);
});

// ---- handles --------------------------------------------------------------------------------------------------------

async function attachMany(session, count) {
  const handles = [];
  while (handles.length < count) handles.push(...await Promise.all(Array.from({ length: Math.min(250, count - handles.length) }, () => session.attach(kEchoTest))));
  return handles;
}

test('5,000 handles cost under 4 KiB each and no thread or descriptor, 20,000 are the bound, and all comes back', async () => {
  const { process } = rig.gateway;
  const counted = async () => (await rig.gateway.counts()).handles;
  const session = await connection.createSession();
  await session.attach(kEchoTest);
  const before = { resident: process.residentKiB(), files: process.openFiles(), threads: process.threads(), handles: await counted() };
  await attachMany(session, 5000);
  const each = (process.residentKiB() - before.resident) / 5000;
  assert.ok(each < 4, `${each} KiB a handle`);
  assert.equal(process.threads(), before.threads);
  assert.ok(process.openFiles() <= before.files + 1, 'one more at most: that of the health check');
  const others = await connection.createSession();
  const [last] = await attachMany(others, kHandles - 5001);
  for (const full of [session, others]) await assert.rejects(full.attach(kEchoTest), { code: 461, message: /too many handles on this connection/ });
  await last.detach();
  const again = await eventually(() => others.attach(kEchoTest), { what: 'room for one more' });
  assert.ok(again.id);
  const most = process.residentKiB();
  await connection.close();
  await eventually(async () => await counted() === before.handles - 1, { what: 'the handles gone' });
  // Not all of it: the call's own stores of packets go on filling meanwhile.
  await eventually(() => process.residentKiB() < before.resident + (most - before.resident) / 3, { what: 'the memory back' });
  assert.equal(process.threads(), before.threads);
});
