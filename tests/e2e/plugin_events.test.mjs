// What plugins tell event handlers (type 64), as Debian's janus tells it: the same call at both gateways, step by step.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { WebSocketServer } from 'ws';

import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { startOracle } from './lib/oracle.mjs';
import { eventually } from './lib/process.mjs';
import { RtpPeer, endRtpPeers, publish } from './lib/rtp_peer.mjs';

const kPlugin = 64;
const kRoom = 77;

// One gateway, and what its plugins have told since the last step.
class Side {
  told = [];
  steps = [];

  take(text) {
    for (const event of [JSON.parse(text)].flat()) if (event.type === kPlugin) this.told.push(event);
  }

  // Does something and waits until so many events have come of it, and a little for those that should not.
  async step(name, expected, act) {
    const result = await act();
    await eventually(() => this.told.length >= expected, { what: `${expected} events of "${name}", seen ${JSON.stringify(this.told)}` });
    await new Promise((resolve) => { setTimeout(resolve, 250); });
    this.steps.push({ name, events: this.told.splice(0) });
    return result;
  }

  // Janus posts, Cardea has the stream of the signaling server.
  async startJanus() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (data) => { text += data; });
      request.on('end', () => { response.end(); this.take(text); });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.gateway = await startOracle({ events: `http://127.0.0.1:${this.server.address().port}/` });
    return this;
  }

  async startCardea() {
    this.server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'janus-events' });
    await new Promise((resolve) => { this.server.once('listening', resolve); });
    this.server.on('connection', (socket) => socket.on('message', (data) => this.take(data)));
    this.gateway = await startGateway({
      set: { 'modules.enable': ['websocket', 'http', 'echotest', 'videoroom', 'wsevents'], 'remote.allow': ['127.0.0.0/8'] },
      modules: { 'wsevents.cfg': `endpoints = ( { url = "ws://127.0.0.1:${this.server.address().port}/"; events = [ "plugins" ]; opaque_id = true; } );\n` },
    });
    return this;
  }

  async stop() {
    await this.connection?.close();
    await this.gateway?.stop();
    this.server?.close();
  }
}

const peers = [];
async function publishAs(handle, fields) {
  const { peer } = await publish(handle, kRoom, fields);
  peers.push(peer);
}

async function call(side) {
  side.connection = await JanusConnection.connect(side.gateway.url);
  const session = await side.connection.createSession();
  const attach = (plugin, opaque) => session.attach(plugin, opaque ? { opaque_id: opaque } : {});
  const manager = await attach(kVideoRoom);
  const ask = (body) => manager.ask({ room: kRoom, ...body });
  await side.step('create', 1, () => ask({ request: 'create', publishers: 6 }));
  await side.step('what only asks', 0, () => ask({ request: 'exists' }));
  await side.step('edit', 1, () => ask({ request: 'edit', new_description: 'another' }));

  const [ann, ben, carl, dora, eve] = [await attach(kVideoRoom, 'ann'), await attach(kVideoRoom), await attach(kVideoRoom), await attach(kVideoRoom), await attach(kVideoRoom)];
  await side.step('ann publishes', 3, () => publishAs(ann, { id: 11, display: 'ann' }));
  await side.step('ben publishes', 3, () => publishAs(ben, { id: 12 }));
  await side.step('configure', 1, () => ann.ask({ request: 'configure', bitrate: 128000, display: 'anna' }));
  await side.step('moderate', 1, () => ask({ request: 'moderate', id: 11, mid: '0', mute: true }));
  await side.step('unmute', 1, () => ask({ request: 'moderate', id: 11, mid: '0', mute: false }));
  const { forwarders } = await side.step('rtp_forward', 2, () => ask({ request: 'rtp_forward', publisher_id: 11, host: '127.0.0.1',
    streams: [{ mid: '0', port: 45678 }, { mid: '1', port: 45680 }] }));
  await side.step('stop_rtp_forward', 1, () => ask({ request: 'stop_rtp_forward', publisher_id: 11, stream_id: forwarders[0].stream_id }));

  const watcher = await attach(kVideoRoom, 'watcher');
  const peer = new RtpPeer('watcher');
  peers.push(peer);
  const answer = async ({ jsep }) => { await watcher.ask({ request: 'start' }, await peer.answer(jsep)); };
  const attached = await side.step('subscribing', 1, () => watcher.ask({ request: 'join', ptype: 'subscriber', room: kRoom, streams: [{ feed: 11 }, { feed: 12, mid: '1' }] }));
  await side.step('subscribed', 1, async () => { await answer(attached); await watcher.event(({ janus }) => janus === 'webrtcup'); });
  await side.step('switch', 1, () => watcher.ask({ request: 'switch', streams: [{ feed: 12, mid: '1', sub_mid: '1' }] }));
  const fewer = await side.step('unsubscribe', 1, () => watcher.ask({ request: 'unsubscribe', streams: [{ sub_mid: '2' }] }));
  await side.step('an answer', 0, () => answer(fewer));
  const more = await side.step('subscribe', 1, () => watcher.ask({ request: 'subscribe', streams: [{ feed: 12, mid: '0' }] }));
  await side.step('another answer', 0, () => answer(more));
  await side.step('subscriber leaves', 1, () => watcher.ask({ request: 'leave' }));

  await side.step('unpublish', 1, () => ben.ask({ request: 'unpublish' }));
  await side.step('leave', 1, () => ben.ask({ request: 'leave' }));
  await side.step('carl publishes', 3, () => publishAs(carl, { id: 13 }));
  await side.step('kick', 1, () => ask({ request: 'kick', id: 13 }));
  await side.step('dora publishes', 3, () => publishAs(dora, { id: 14 }));
  await side.step('hangup', 1, () => dora.hangup());
  await side.step('detach', 1, () => dora.detach());
  await side.step('a publisher of another gateway', 1, () => ask({ request: 'add_remote_publisher', id: 55, display: 'far',
    streams: [{ mid: '0', mindex: 0, type: 'audio', codec: 'opus' }] }));
  await side.step('and gone', 1, () => ask({ request: 'remove_remote_publisher', id: 55 }));
  await side.step('who only listens', 1, () => eve.ask({ request: 'join', ptype: 'publisher', room: kRoom, id: 15 }));
  await side.step('destroy', 1, () => ask({ request: 'destroy' }));

  const echo = await attach(kEchoTest, 'echo');
  await side.step('echo', 1, async () => {
    const echoing = new RtpPeer('echo');
    peers.push(echoing);
    echoing.addMedia();
    const { jsep } = await echo.message({ audio: true, video: true }, await echoing.offer());
    echoing.accept(jsep);
    await echo.event(({ janus }) => janus === 'webrtcup');
  });
  await side.step('quieter', 1, () => echo.message({ audio: false, bitrate: 64000 }));
}

const sides = [new Side(), new Side()];
const [janus, cardea] = sides;

before(async () => {
  await janus.startJanus();
  await cardea.startCardea();
});
after(async () => {
  for (const peer of peers) peer.close();
  for (const side of sides) await side.stop();
  endRtpPeers();
});

// Drawn by lot, or the machine's.
const kDrawn = new Set(['private_id', 'stream_id', 'local_rtcp_port', 'ssrc']);

// Everything that janus tells stands in what Cardea tells, which may be more.
function isWithin(theirs, ours, key) {
  if (kDrawn.has(key)) return typeof theirs === typeof ours;
  if (Array.isArray(theirs)) return Array.isArray(ours) && theirs.length === ours.length && theirs.every((each, i) => isWithin(each, ours[i]));
  if (theirs !== null && typeof theirs === 'object') return typeof ours === 'object' && Object.entries(theirs).every(([name, value]) => isWithin(value, ours[name], name));
  return theirs === ours;
}

// Who is kicked or taken out publishes no more, and Cardea says so.
const kMore = { kick: ['unpublished'], 'and gone': ['unpublished'] };

// janus tells of a publisher that is gone twice, once for each way to find out, and of one line of a subscriber that left.
const distinct = (events) => events.filter(({ event }, i) => events.findIndex((other) => isDeepStrictEqual(other.event, event)) === i)
  .filter(({ event }, i, all) => event.data.event !== 'unsubscribed' || all.findIndex((other) => other.event.data.event === 'unsubscribed') === i);

test('plugins tell what those of janus tell', { timeout: 180000 }, async () => {
  for (const side of sides) await call(side);
  const gone = new Set(); // of whom "unpublished" has been told: janus says so again when the handle goes
  for (const [i, { name, events }] of janus.steps.entries()) {
    const theirs = distinct(events).filter(({ event: { data } }) => {
      if (data.event === 'published') gone.delete(data.id);
      const again = data.event === 'unpublished' && gone.has(data.id);
      if (data.event === 'unpublished') gone.add(data.id);
      return !again;
    });
    const ours = distinct(cardea.steps[i].events);
    const order = (list) => list.map(({ event: { data } }) => data.event ?? data.videoroom ?? 'echotest').sort();
    assert.deepEqual(order(ours), [...order(theirs), ...kMore[name] ?? []].sort(), `what is told of "${name}"`);
    for (const { event } of theirs)
      assert.ok(ours.some((each) => isWithin(event, each.event)), `"${name}": janus tells ${JSON.stringify(event)}, Cardea ${JSON.stringify(ours.map((each) => each.event))}`);
    for (const each of theirs.filter(({ handle_id: id }) => id)) {
      const same = ours.find(({ event }) => isWithin(each.event, event));
      assert.ok(same.session_id && same.handle_id, `"${name}" is of a handle`);
      assert.equal(same.opaque_id, each.opaque_id, name);
    }
  }
});

test('nothing is told twice, and a subscriber that leaves is told of line by line', () => {
  const all = cardea.steps.flatMap(({ events }) => events);
  assert.equal(all.filter(({ event: { data } }) => data.event === 'unpublished' && data.id === 14).length, 1);
  const [{ events }] = cardea.steps.filter(({ name }) => name === 'subscriber leaves');
  assert.deepEqual(events.map(({ event: { data } }) => [data.feed, data.mid]), [[11, '0'], [12, '1'], [12, '0']]);
});
