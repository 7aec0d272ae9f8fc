// The event stream, as an endpoint of ours takes it: what is told of a call, and what becomes of an endpoint that is away or slow.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { WebSocketServer } from 'ws';

import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, kVideoRoom, createRoom } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { endRtpPeers, publish, subscribe } from './lib/rtp_peer.mjs';

const kWebrtc = 16;
const kMedia = 32;
const kCore = 256;

// Takes events; listens again on the same port after a pause.
class Endpoint {
  events = [];
  frames = [];
  connections = 0;

  async listen(port = 0) {
    this.server = new WebSocketServer({ host: '127.0.0.1', port, handleProtocols: (offered) => (offered.has('janus-events') ? 'janus-events' : false) });
    await new Promise((resolve) => { this.server.once('listening', resolve); });
    this.port = this.server.address().port;
    this.server.on('connection', (socket) => {
      this.connections += 1;
      this.protocol = socket.protocol;
      socket.on('close', (code) => { this.closedWith = code; });
      if (this.deaf) socket.pause();
      socket.on('message', (data) => {
        const frame = JSON.parse(data);
        this.frames.push(frame);
        this.events.push(...(Array.isArray(frame) ? frame : [frame]));
      });
    });
    return this;
  }

  of(type, subtype) {
    return this.events.filter((event) => event.type === type && (subtype === undefined || event.subtype === subtype));
  }

  until(what, found) { return eventually(() => found(this.events), { what }); }

  async away() {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

const withEvents = (endpoints) => ({
  set: { 'modules.enable': ['websocket', 'http', 'echotest', 'videoroom', 'wsevents'] },
  modules: { 'wsevents.cfg': `endpoints = ( ${endpoints.map((fields) => `{ ${fields} }`).join(', ')} );\n` },
});

let everything;
let signaling;
let gateway;

before(async () => {
  everything = await new Endpoint().listen();
  signaling = await new Endpoint().listen();
  gateway = await startGateway(withEvents([
    `url = "ws://127.0.0.1:${everything.port}/all"; events = [ "all" ]; opaque_id = true; grouping = false;`,
    `url = "ws://127.0.0.1:${signaling.port}/spreed";`,
  ]));
});
after(async () => {
  endRtpPeers();
  await gateway?.stop();
  await Promise.all([everything?.away(), signaling?.away()]);
});

test('a call, from its session to its end', { timeout: 60000 }, async () => {
  const room = await createRoom(gateway.url);
  const connection = await JanusConnection.connect(gateway.url);
  const session = await connection.createSession();
  const handle = await session.attach(kVideoRoom, { opaque_id: 'somebody' });
  const { peer, id } = await publish(handle, room.room);
  const watcher = await session.attach(kVideoRoom);
  const { peer: watching } = await subscribe(watcher, room.room, id);
  const statistics = (at, mid) => at.of(kMedia, 3).filter((event) => event.handle_id === handle.id && event.event.mid === mid);
  await eventually(() => statistics(everything, '0').length >= 3 && statistics(signaling, '1').length >= 3, { what: 'statistics of the publisher' });
  peer.close();
  await handle.detach();
  watching.close();
  await session.destroy();
  await room.close();
  const mine = (list) => list.filter((event) => event.session_id === session.id);
  await everything.until('the end of the session', (events) => mine(events).some(({ type, event }) => type === 1 && event.name === 'destroyed'));

  assert.equal(signaling.protocol, 'janus-events');
  const told = mine(everything.events);
  assert.deepEqual(told.filter(({ type }) => type === 1).map(({ event }) => event.name), ['created', 'destroyed']);
  assert.equal(told[0].event.transport.transport, 'janus.transport.websockets');
  const ofHandle = told.filter((event) => event.handle_id === handle.id);
  assert.deepEqual(ofHandle.filter(({ type }) => type === 2).map(({ event }) => [event.name, event.plugin]),
    [['attached', kVideoRoom], ['detached', kVideoRoom]]);
  assert.ok(ofHandle.every((event) => event.opaque_id === 'somebody'));
  assert.deepEqual(ofHandle.filter(({ type }) => type === 8).map(({ event }) => [event.owner, event.jsep.type]), [['remote', 'offer'], ['local', 'answer']]);
  for (const { event } of ofHandle.filter(({ type }) => type === 8)) assert.match(event.jsep.sdp, /a=ice-pwd:\.\.\.\r\n/, 'no password leaves the gateway');
  const states = ofHandle.filter(({ type }) => type === kWebrtc).map(({ subtype, event }) => [subtype, event.ice ?? event.dtls ?? event.connection ?? 'pair']);
  assert.deepEqual(states.map(([, state]) => state), ['connecting', 'connected', 'pair', 'trying', 'connected', 'webrtcup', 'hangup']);
  assert.deepEqual(states.map(([subtype]) => subtype), [1, 1, 4, 5, 5, 6, 6]);
  const pair = ofHandle.find(({ type, subtype }) => type === kWebrtc && subtype === 4).event;
  assert.equal(pair.candidates.local.port, gateway.mediaPorts.find((port) => port === pair.candidates.local.port));
  assert.equal(pair.candidates.remote.address, '127.0.0.1');
  assert.deepEqual(new Set(ofHandle.filter(({ type, subtype }) => type === kMedia && subtype === 1).map(({ event }) => event.media)), new Set(['audio', 'video']));

  const [audio] = statistics(everything, '0').slice(-1);
  assert.equal(audio.event.media, 'audio');
  assert.equal(audio.event.codec, 'opus');
  assert.ok(audio.event['packets-received'] > 50, JSON.stringify(audio));
  const [earlier, later] = statistics(everything, '1').slice(-2).map(({ event }) => event);
  assert.equal(later['bytes-received'] - earlier['bytes-received'], later['bytes-received-lastsec']);
  assert.equal(later.lost, 0);
  assert.equal(later['in-link-quality'], 100);
  const sent = everything.of(kMedia, 3).findLast((event) => event.handle_id === watcher.id && event.event.media === 'video');
  assert.ok(sent.event['packets-sent'] > 20, JSON.stringify(sent));
});

test('a gateway that stops says so to its endpoints', { timeout: 30000 }, async () => {
  const endpoint = await new Endpoint().listen();
  const brief = await startGateway(withEvents([`url = "ws://127.0.0.1:${endpoint.port}/";`]));
  await eventually(() => endpoint.connections === 1, { what: 'the endpoint being connected' });
  await brief.stop();
  await eventually(() => endpoint.closedWith !== undefined, { what: 'the end of the connection' });
  assert.equal(endpoint.closedWith, 1001);
  assert.equal(endpoint.of(kCore, 2).length, 1, 'behind the last event');
  await endpoint.away();
});

test('the form that the signaling server takes', () => {
  assert.ok(signaling.events.length > 20);
  assert.ok(signaling.frames.every(Array.isArray), 'grouped');
  assert.ok(signaling.events.every((event) => !('opaque_id' in event)), 'no opaque_id at the top level');
  assert.ok(signaling.events.some(({ event }) => event.opaque_id === 'somebody'), 'and inside it stays');
  assert.deepEqual(new Set(signaling.events.map(({ type }) => type)), new Set([2, kWebrtc, kMedia, kCore]));
  const [started] = signaling.of(kCore, 1);
  assert.equal(started.event.status, 'started');
  assert.ok(started.event.info.events['janus.eventhandler.wsevh']);
  assert.equal(started.event.info.event_handlers, true);
  assert.ok(signaling.of(kCore, 1).some(({ event }) => event.status === 'update' && event.info.peerconnections >= 1));
  assert.ok(everything.frames.every((frame) => !Array.isArray(frame)), 'not grouped where it was not asked for');
});

const rss = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);

test('an endpoint that is away: memory is bounded, one line says so, what is left arrives', { timeout: 60000 }, async () => {
  const endpoint = await new Endpoint().listen();
  const busy = await startGateway(withEvents([`url = "ws://127.0.0.1:${endpoint.port}/"; events = [ "handles" ]; queue_events = 100;`]));
  const session = await (await JanusConnection.connect(busy.url)).createSession();
  await eventually(() => endpoint.connections === 1, { what: 'the endpoint being connected' });
  const { port } = endpoint;
  await endpoint.away();
  await busy.process.line(/event endpoint not connected/, 10000);
  const before = rss(busy.process.pid);
  let last;
  for (let i = 0; i < 2000; ++i) {
    last = await session.attach(kVideoRoom);
    await last.detach();
  }
  assert.ok(rss(busy.process.pid) - before < 8192, `${rss(busy.process.pid) - before} KiB more`);
  endpoint.events = [];
  await endpoint.listen(port);
  await endpoint.until('what had waited', (events) => events.some(({ handle_id: id, event }) => id === last.id && event.name === 'detached'));
  assert.equal(endpoint.events.length, 100, 'the newest hundred');
  assert.match(await busy.process.line(/event endpoint connected again.*/, 10000).then(([line]) => line), /events_dropped=39\d\d\b/);
  const lines = busy.log(10000).split('\n').filter((line) => line.includes('event endpoint'));
  assert.equal(lines.length, 3, lines.join('\n')); // connected, lost, connected again
  await busy.stop();
  await endpoint.away();
});

test('an endpoint that takes nothing, and one that is no URL', { timeout: 60000 }, async () => {
  const deaf = new Endpoint();
  deaf.deaf = true;
  await deaf.listen();
  const busy = await startGateway({
    ...withEvents([`url = "ws://127.0.0.1:${deaf.port}/"; events = [ "all" ]; queue_bytes = 65536;`]),
  });
  const session = await (await JanusConnection.connect(busy.url)).createSession();
  await eventually(() => deaf.connections === 1, { what: 'the endpoint being connected' });
  for (let i = 0; i < 500; ++i) await (await session.attach(kVideoRoom)).detach();
  await busy.stop(); // in less than five seconds, whatever waits
  await deaf.away();

  const wrong = await startGateway(withEvents(['url = "http://127.0.0.1/";']));
  assert.match(wrong.log(), /module refused module=wsevents/);
  assert.match(wrong.log(), /is not a ws:\/\/ or wss:\/\/ URL/);
  await wrong.stop();
});
