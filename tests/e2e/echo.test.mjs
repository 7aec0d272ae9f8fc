// EchoTest with foreign stacks: aiortc, which knows AES128_CM_SHA1_80 alone, and libdatachannel.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import datachannel from 'node-datachannel';

import { EchoClient, kPackets } from './lib/echo_client.mjs';
import { JanusConnection, kEchoTest } from './lib/janus_ws.mjs';
import { e2e } from './lib/paths.mjs';
import { eventually, Process } from './lib/process.mjs';
import { startUnderTest } from './lib/under_test.mjs';

let gateway;
before(async () => { gateway = await startUnderTest(); });
after(async () => {
  datachannel.cleanup();
  await gateway?.stop();
});

test('aiortc hears and sees itself over AES128_CM_SHA1_80', { timeout: 60000 }, async () => {
  // Debian's Python, for Debian's modules.
  const client = new Process('/usr/bin/python3', [join(e2e, 'aiortc_echo.py'), gateway.url, '6']);
  const { code } = await client.exited;
  assert.equal(code, 0, client.log());
  const { state, frames } = JSON.parse(client.stdout);
  assert.equal(state, 'connected');
  assert.ok(frames.video > 50, `${frames.video} video frames`);
  assert.ok(frames.audio > 100, `${frames.audio} audio frames`);
});

test('libdatachannel gets every packet back, unchanged', { timeout: 60000 }, async () => {
  const connection = await JanusConnection.connect(gateway.url);
  const session = await connection.createSession();
  const handle = await session.attach(kEchoTest);
  const client = new EchoClient();
  const { jsep } = await handle.ask({ audio: true }, await client.offer());
  client.peer.setRemoteDescription(jsep.sdp, jsep.type);
  await handle.event(({ janus }) => janus === 'webrtcup');
  client.start();
  await eventually(() => client.heard.size === kPackets, { within: 15000, what: `${kPackets} packets back` });
  assert.deepEqual([...client.heard].sort((a, b) => a - b), Array.from({ length: kPackets }, (_, i) => i));
  await handle.hangup();
  await handle.event(({ janus }) => janus === 'hangup');
  client.close();
  await session.destroy();
  await connection.close();
});
