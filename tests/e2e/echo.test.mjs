// EchoTest with foreign stacks: aiortc, which knows AES128_CM_SHA1_80 alone, and libdatachannel.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import datachannel from 'node-datachannel';

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

const kAudioType = 111;
const kPackets = 200;

// One Opus packet every 20 ms whose payload is its number; the echo must bring each of them back.
class EchoClient {
  heard = new Set();
  sent = 0;

  constructor() {
    this.peer = new datachannel.PeerConnection('echo', { iceServers: [], disableAutoNegotiation: true });
    this.peer.onStateChange((state) => { this.state = state; });
    const audio = new datachannel.Audio('0', 'SendRecv');
    audio.addOpusCodec(kAudioType);
    audio.addSSRC(4711, 'echo', 'stream', 'audio');
    this.track = this.peer.addTrack(audio);
    this.track.onMessage((packet) => this.#receive(packet));
  }

  offer() {
    return new Promise((resolve) => {
      this.peer.onGatheringStateChange((state) => { if (state === 'complete') resolve(this.peer.localDescription()); });
      this.peer.setLocalDescription('offer');
    });
  }

  #receive(packet) {
    if ((packet[1] & 0x7f) !== kAudioType) return; // RTCP
    const header = 12 + 4 * (packet[0] & 0x0f);
    const extension = packet[0] & 0x10 ? 4 + 4 * packet.readUInt16BE(header + 2) : 0;
    this.heard.add(packet.readUInt32BE(header + extension + 3));
  }

  start() {
    this.timer = setInterval(() => {
      if (this.sent === kPackets || !this.track.isOpen()) return;
      const packet = Buffer.alloc(12 + 3 + 4);
      packet.writeUInt16BE(0x8000 | kAudioType, 0);
      packet.writeUInt16BE(1000 + this.sent, 2);
      packet.writeUInt32BE(960 * this.sent, 4);
      packet.writeUInt32BE(4711, 8);
      packet.set([0xf8, 0xff, 0xfe], 12); // a frame of silence
      packet.writeUInt32BE(this.sent++, 15);
      this.track.sendMessageBinary(packet);
    }, 20);
  }

  close() {
    clearInterval(this.timer);
    this.peer.close();
  }
}

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
