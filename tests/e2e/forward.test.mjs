// RTP outside of peer connections: a publisher's streams forwarded, plain and SRTP, and decoded by ffmpeg; publishers of another
// gateway, Cardea to Cardea, Cardea to Debian's janus and back.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { Receiver } from './lib/ffmpeg.mjs';
import { startGateway } from './lib/gateway.mjs';
import { createRoom } from './lib/janus_ws.mjs';
import { complaintsOf, probe } from './lib/media_files.mjs';
import { NativePeers } from './lib/native.mjs';
import { startOracle } from './lib/oracle.mjs';
import { eventually } from './lib/process.mjs';
import { joinRoom } from './lib/room_page.mjs';
import { needsCardea } from './lib/under_test.mjs';

const kLoopback = '127.0.0.1';
const kCamera = { width: 960, height: 540, frameRate: 15 };
const kWidths = [kCamera.width / 4, kCamera.width / 2, kCamera.width];

const srtpKey = (suite) => ({ suite, key: randomBytes(30).toString('base64') });
const srtpFields = (srtp) => (srtp ? { srtp_suite: srtp.suite, srtp_crypto: srtp.key } : {});
const codeOf = async (promise) => promise.then(() => 0, (error) => error.code ?? Promise.reject(error));

// A socket that keeps the RTP and the RTCP that come.
class Port {
  packets = [];
  static open(address = kLoopback) {
    const self = new Port();
    self.socket = createSocket('udp4');
    self.socket.on('message', (packet) => self.packets.push(packet));
    return new Promise((resolve) => { self.socket.bind(0, address, () => { self.port = self.socket.address().port; resolve(self); }); });
  }
  send(bytes, port, address = kLoopback) { return new Promise((resolve) => { this.socket.send(bytes, port, address, resolve); }); }
  of(type) { return this.packets.filter((packet) => packet[1] === type); }
  close() { this.socket.close(); }
}

const pictureLoss = (media) => {
  const packet = Buffer.alloc(12);
  packet.set([0x81, 206, 0, 2]);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(media, 8);
  return packet;
};

// Media of a publisher by mid; native peers and janus.js have audio first.
async function publisherOf(room, name) {
  return eventually(async () => (await room.participants()).find(({ display, publisher }) => publisher && display?.startsWith(name)), { what: `${name} publishes` });
}

describe('streams forwarded', needsCardea, () => {
  let gateway;
  let browser;
  before(async () => {
    [gateway, browser] = await Promise.all([startGateway({ set: { 'remote.forwarders': 8, 'videoroom.admin_key': 'key of the admin' } }), Browser.start()]);
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });
  async function makeRoom() {
    const made = await createRoom(gateway.url, { admin_key: 'key of the admin', secret: 'secret of the room' });
    const close = async () => {
      await ask(made, 'destroy');
      await made.handle.session.destroy();
      await made.handle.session.connection.close();
    };
    return { ...made, close };
  }
  const ask = (room, request, body) => room.handle.ask({ request, room: room.room, secret: 'secret of the room', ...body });

  // One rtp_forward for the receiver's streams.
  function forward(room, id, receiver, { srtp, substream } = {}) {
    const streams = receiver.streams.map(({ kind, port, pt }) => {
      const mid = kind === 'audio' ? '0' : '1';
      return substream ? { mid, [`port_${substream + 1}`]: port, [`pt_${substream + 1}`]: pt, port: 9 } : { mid, port, pt };
    });
    return ask(room, 'rtp_forward', { publisher_id: id, host: kLoopback, streams, ...srtpFields(srtp) });
  }

  test('of Chromium, plain and with both SRTP suites, are decoded by ffmpeg', { timeout: 60000 }, async () => {
    const room = await makeRoom();
    const alice = await joinRoom(browser, gateway, room.room, 'alice', { subscribe: false });
    const { id } = await publisherOf(room, 'alice');
    const ways = [null, srtpKey(80), srtpKey(32)];
    const receivers = await Promise.all(ways.map((srtp) => Receiver.start(['opus', 'vp8'], { srtp })));
    for (const [i, receiver] of receivers.entries()) {
      const { forwarders } = await forward(room, id, receiver, { srtp: ways[i] });
      assert.deepEqual(forwarders.map(({ type, host, srtp }) => [type, host, srtp]), ['audio', 'video'].map((type) => [type, kLoopback, ways[i] ? true : undefined]));
    }
    for (const receiver of receivers) {
      const { audio, video } = await receiver.decoded();
      assert.deepEqual([video.width, video.height], [320, 240]);
      assert.ok(video.frames >= 25 && video.pictures > 10, `video: ${JSON.stringify(video)}`);
      assert.ok(audio.frames >= 100, `audio: ${JSON.stringify(audio)}`);
    }
    await alice.close();
    await room.close();
  });

  test('of a native peer are numbered without a gap, listed, asked for keyframes and stopped', { timeout: 60000 }, async () => {
    const room = await makeRoom();
    const peers = new NativePeers(gateway, { room: room.room, publish: true, seconds: 9, name: 'native' });
    const { id } = await publisherOf(room, 'native');
    const srtp = srtpKey(80);
    const [receiver, plain, audio, rtp, rtcp] = await Promise.all([
      Receiver.start(['vp8'], { srtp }), Receiver.start(['vp8']), Port.open(), Port.open(), Port.open()]);
    await forward(room, id, receiver, { srtp });
    await forward(room, id, plain);
    const { forwarders } = await ask(room, 'rtp_forward', { publisher_id: id, host: 'localhost', host_family: 'ipv4', streams: [
      { mid: '0', port: audio.port, pt: 97, ssrc: 4242 }, { mid: '1', port: rtp.port, rtcp_port: rtcp.port, pt: 98, ssrc: 4294967295 }] });
    assert.deepEqual(forwarders.map(({ pt, ssrc, remote_rtcp_port: port }) => [pt, ssrc, port]), [[97, 4242, undefined], [98, 4294967295, rtcp.port]]);
    const local = forwarders[1].local_rtcp_port;
    assert.ok(gateway.mediaPorts.includes(local));
    await eventually(() => rtp.packets.length > 100 && audio.packets.length > 100 && rtcp.of(200).length > 0, { what: 'media and a sender report' });
    await rtcp.send(pictureLoss(4294967295), local);
    for (const [port, pt, ssrc] of [[audio, 97, 4242], [rtp, 98, 4294967295]]) {
      const numbers = port.packets.map((packet) => packet.readUInt16BE(2));
      assert.deepEqual(numbers, numbers.map((_, i) => (numbers[0] + i) & 0xffff));
      assert.ok(port.packets.every((packet) => (packet[1] & 0x7f) === pt && packet.readUInt32BE(8) === ssrc));
    }
    const { publishers } = await ask(room, 'listforwarders');
    assert.equal(publishers.length, 1);
    assert.equal(publishers[0].publisher_id, id);
    assert.equal(publishers[0].forwarders.length, 4);
    assert.deepEqual(publishers[0].forwarders.slice(2), forwarders);
    for (const { stream_id: stream } of forwarders) await ask(room, 'stop_rtp_forward', { publisher_id: id, stream_id: stream });
    assert.equal(await codeOf(ask(room, 'stop_rtp_forward', { publisher_id: id, stream_id: forwarders[0].stream_id })), 428);
    await sleep(100); // what is on its way
    const before = rtp.packets.length;
    await sleep(300);
    assert.equal(rtp.packets.length, before, 'stopped');
    for (const { video } of [await receiver.decoded(), await plain.decoded()]) {
      assert.deepEqual([video.width, video.height], [320, 180]);
      assert.ok(video.frames >= 50, `video: ${JSON.stringify(video)}`);
    }
    const report = await peers.report();
    const { keyframe_requests: asked } = report.peers[0].publisher.tracks.find(({ kind }) => kind === 'video');
    assert.ok(asked >= 2, `keyframes were asked for ${asked} times`);
    assert.deepEqual((await ask(room, 'listforwarders')).publishers, [], 'the publisher has gone, and they with it');
    for (const port of [audio, rtp, rtcp]) port.close();
    await room.close();
  });

  test('leave for allowed addresses only, by whoever has the secret, and no more of them than allowed', { timeout: 60000 }, async () => {
    const room = await makeRoom();
    const peers = new NativePeers(gateway, { room: room.room, publish: true, seconds: 4, name: 'native' });
    const { id } = await publisherOf(room, 'native');
    const stream = [{ mid: '1', port: 9 }];
    const wish = (fields) => codeOf(ask(room, 'rtp_forward', { publisher_id: id, host: kLoopback, streams: stream, ...fields }));
    for (const host of ['192.0.2.1', '8.8.8.8', '2001:db8::1', '255.255.255.255', '224.0.0.1']) assert.equal(await wish({ host }), 430, host);
    assert.equal(await wish({ secret: 'wrong' }), 433);
    assert.equal(await wish({ secret: undefined }), 429);
    assert.equal(await wish({ publisher_id: 4711 }), 428);
    assert.equal(await wish({ room: 4711 }), 426);
    assert.equal(await wish({ host_family: 'ipx' }), 430);
    assert.equal(await wish({ srtp_suite: 81, srtp_crypto: 'AAAA' }), 430);
    assert.equal(await wish({ srtp_suite: 80, srtp_crypto: 'not a key' }), 430);
    assert.equal(await wish({ streams: [{ mid: '1', port: 65536 }] }), 430);
    assert.equal(await wish({ streams: [{ mid: '1', port: 0 }] }), 430);
    assert.equal(await wish({ streams: [{ mid: '1' }] }), 429);
    assert.equal(await wish({ host: undefined }), 429);
    assert.equal(await wish({ host: undefined, streams: undefined, audio_port: 9 }), 429);
    const taken = [];
    for (let i = 0; i < 9; ++i) taken.push(await wish({}));
    assert.deepEqual(taken, [0, 0, 0, 0, 0, 0, 0, 0, 499]);
    assert.equal(await codeOf(ask(room, 'publish_remotely', { publisher_id: id, remote_id: 'x', host: '192.0.2.1', port: 9 })), 430);
    await peers.report();
    await room.close();
  });

  test('of simulcast: each encoding on a port of its own, or the best on one', { timeout: 60000 }, async () => {
    const room = await makeRoom();
    const alice = await joinRoom(browser, gateway, room.room, 'alice', { subscribe: false, camera: kCamera, simulcast: true });
    const { id } = await publisherOf(room, 'alice');
    const receivers = [];
    for (let i = 0; i < 4; ++i) receivers.push(await Receiver.start(['vp8'], { seconds: 2 }));
    const [low, middle, high, best] = receivers.map((receiver) => receiver.portOf('video'));
    const { forwarders } = await ask(room, 'rtp_forward', { publisher_id: id, host: kLoopback, streams: [
      { mid: '1', port: low, port_2: middle, port_3: high, pt: 100, pt_2: 100, pt_3: 100 }, { mid: '1', port: best, pt: 100, simulcast: true }] });
    assert.deepEqual(forwarders.map(({ substream }) => substream), [undefined, 1, 2, undefined]);
    const sizes = [];
    for (const receiver of receivers) sizes.push((await receiver.decoded(40000)).video.width);
    assert.deepEqual(sizes.slice(0, 3), kWidths);
    assert.ok(kWidths.includes(sizes[3]));
    await alice.close();
    await room.close();
  });
});

describe('publishers of another gateway', needsCardea, () => {
  let here;
  let there;
  let janus;
  let browser;
  before(async () => {
    [here, there, janus, browser] = await Promise.all([startGateway(), startGateway(), startOracle(), Browser.start()]);
  });
  after(async () => {
    await browser?.close();
    await Promise.all([here?.stop(), there?.stop(), janus?.stop()]);
  });

  const kStreams = [{ type: 'audio', mindex: 0, mid: '0', codec: 'opus', fec: true }, { type: 'video', mindex: 1, mid: '1', codec: 'VP8', simulcast: true }];

  // A publisher with simulcast in a room of `from`, shown in a room of `to`, and a viewer there.
  async function cascade({ from, to, srtp = null }) {
    const [source, target] = await Promise.all([createRoom(from.url), createRoom(to.url)]);
    const alice = await joinRoom(browser, from, source.room, 'alice', { subscribe: false, camera: kCamera, simulcast: true });
    const viewer = await joinRoom(browser, to, target.room, 'viewer', { publish: false });
    const added = await target.handle.ask({ request: 'add_remote_publisher', room: target.room, id: 77, display: 'alice from elsewhere', streams: kStreams, ...srtpFields(srtp) });
    assert.equal(added.id, 77);
    await source.handle.ask({ request: 'publish_remotely', room: source.room, publisher_id: alice.id, remote_id: 'the other room', host: kLoopback,
      port: added.port, rtcp_port: added.rtcp_port, ...srtpFields(srtp) });
    return { source, target, alice, viewer, added };
  }
  async function end({ source, target, alice, viewer }) {
    await Promise.all([alice.close(), viewer.close()]);
    await Promise.all([source.close(), target.close()]);
  }

  const width = (viewer, wanted) => eventually(async () => (await viewer.stats()).tiles.some((tile) => tile.width === wanted && tile.frames > 0),
    { within: 30000, what: `a picture of width ${wanted}` });
  const choose = (viewer, substream) => viewer.page.evaluate((layer) => {
    window.participant.subscribers[0].handle.send({ message: { request: 'configure', substream: layer } });
  }, substream);

  async function expectWatched(call) {
    await width(call.viewer, kWidths[2]);
    await choose(call.viewer, 0);
    await width(call.viewer, kWidths[0]);
    await choose(call.viewer, 2); // a keyframe has to be asked for, through both gateways
    await width(call.viewer, kWidths[2]);
    await eventually(async () => (await call.viewer.stats()).received.some(({ kind, totalAudioEnergy }) => kind === 'audio' && totalAudioEnergy > 0),
      { what: 'sound' });
    const { received } = await call.viewer.stats();
    assert.deepEqual(received.map(({ packetsLost }) => packetsLost), received.map(() => 0));
  }

  test('Cardea to Cardea, SRTP: sound, simulcast, keyframes; its sender alone is heard', { timeout: 90000 }, async () => {
    const call = await cascade({ from: here, to: there, srtp: srtpKey(80) });
    const { source, target, added, alice } = call;
    assert.equal(added.ip, kLoopback);
    const stranger = await Port.open('127.0.0.3');
    const foreign = Buffer.alloc(200);
    foreign[0] = 0x80;
    foreign.writeUInt32BE(1012, 8);
    await eventually(async () => (await call.viewer.stats()).tiles.some(({ frames }) => frames > 0), { what: 'a picture' });
    await target.handle.ask({ request: 'enable_recording', room: target.room, record: true });
    for (let i = 0; i < 5; ++i) await stranger.send(foreign, added.port);
    for (let i = 0; i < 2; ++i) await stranger.send(foreign, added.rtcp_port);
    await expectWatched(call);
    await sleep(1500); // of the recording
    assert.deepEqual((await target.participants()).find(({ id }) => id === 77), { id: 77, display: 'alice from elsewhere', publisher: true, remote: true });
    const remotes = { request: 'listremotes', room: source.room, publisher_id: alice.id };
    const { list } = await source.handle.ask(remotes);
    assert.deepEqual(list, [{ remote_id: 'the other room', host: kLoopback, port: added.port, rtcp_port: added.rtcp_port }]);
    assert.deepEqual((await source.handle.ask({ ...remotes, request: 'list_remotes' })).list, list);
    const again = { request: 'publish_remotely', room: source.room, publisher_id: alice.id, remote_id: 'the other room', host: kLoopback, port: added.port };
    assert.equal(await codeOf(source.handle.ask(again)), 436);
    assert.equal(await codeOf(target.handle.ask({ request: 'add_remote_publisher', room: target.room, id: 77, streams: kStreams })), 436);
    await source.handle.ask({ request: 'unpublish_remotely', room: source.room, publisher_id: alice.id, remote_id: 'the other room' });
    assert.equal(await codeOf(source.handle.ask({ ...again, request: 'unpublish_remotely' })), 428);
    await target.handle.ask({ request: 'remove_remote_publisher', room: target.room, id: 77 });
    await call.viewer.page.waitForFunction(() => window.participant.events.some((event) => event.leaving === 77));
    const [, refused] = await there.process.line(/remote publisher over.*refused=(\d+)/);
    assert.equal(Number(refused), 7);
    assert.equal(stranger.packets.length, 0);
    stranger.close();
    const folder = join(there.stateDirectory, 'recordings');
    const [file] = readdirSync(folder).filter((name) => name.includes('user-77'));
    await eventually(async () => {
      const recorded = await probe(join(folder, file));
      return recorded.duration > 1 && recorded.of('audio').length === 1 && recorded.of('video').length === 1;
    }, { what: 'a complete recording' });
    assert.equal(await complaintsOf(join(folder, file)), '');
    await end(call);
  });

  // Debian's 1.1.2 has no SRTP between gateways yet (Janus 1.3.0 brought it).
  test('Cardea to janus: sound, simulcast, keyframes', { timeout: 90000 }, async () => {
    const call = await cascade({ from: here, to: janus });
    await expectWatched(call);
    await end(call);
  });

  test('janus to Cardea: sound, simulcast, keyframes', { timeout: 90000 }, async () => {
    const call = await cascade({ from: janus, to: here });
    await expectWatched(call);
    await end(call);
  });

  test('streams come and go: update_remote_publisher', { timeout: 60000 }, async () => {
    const target = await createRoom(there.url);
    const [audio, video] = kStreams;
    await target.handle.ask({ request: 'add_remote_publisher', room: target.room, id: 5, streams: [audio] });
    const viewer = await joinRoom(browser, there, target.room, 'viewer', { publish: false });
    await eventually(async () => (await viewer.stats()).transports.some(({ connection }) => connection === 'connected'), { what: 'the viewer is connected' });
    await target.handle.ask({ request: 'update_remote_publisher', room: target.room, id: 5, display: 'with video', streams: [video] });
    await viewer.page.waitForFunction(() => window.participant.events.some(({ publishers }) => publishers?.some(({ display, streams }) => display === 'with video' && streams.length === 2)));
    for (const bad of [{ type: 'smell' }, { mindex: -1 }, { mindex: 256 }, { mid: 7 }, { simulcast: 'yes' }])
      assert.equal(await codeOf(target.handle.ask({ request: 'update_remote_publisher', room: target.room, id: 5, streams: [{ ...video, ...bad }] })), 430, JSON.stringify(bad));
    assert.equal(await codeOf(target.handle.ask({ request: 'add_remote_publisher', room: target.room, streams: [] })), 430);
    assert.equal(await codeOf(target.handle.ask({ request: 'add_remote_publisher', room: target.room, streams: kStreams, port: 80 })), 430, 'not of remote.ports');
    assert.equal(await codeOf(target.handle.ask({ request: 'remove_remote_publisher', room: target.room, id: 6 })), 428);
    await viewer.close();
    await target.close();
  });
});
