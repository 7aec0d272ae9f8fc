// Data channels. EchoTest: whatever goes in comes back on the channel it came on. VideoRoom: what a publisher sends reaches who
// subscribes to it. Chromium and libdatachannel.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import datachannel from 'node-datachannel';

import { Browser } from './lib/browser.mjs';
import { startGateway } from './lib/gateway.mjs';
import { createRoom, JanusConnection, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { external, needsCardea, startUnderTest } from './lib/under_test.mjs';

const kLargest = 256 * 1024;
const kept = []; // the library crashes when the collector takes a peer of it before cleanup()
let gateway;
let browser;
let connection;
let session;
before(async () => {
  gateway = await startUnderTest();
  browser = await Browser.start();
  connection = await JanusConnection.connect(gateway.url);
  session = await connection.createSession();
});
after(async () => {
  datachannel.cleanup();
  await connection?.close();
  await browser?.close();
  await gateway?.stop();
});

// A page whose channels are open, and the calls it understands.
class Tab {
  // channels: { label: options of createDataChannel }
  static async connect(channels, { audio = false } = {}) {
    const tab = new Tab();
    tab.page = await browser.tab('data.html');
    tab.handle = await session.attach(kEchoTest);
    if (audio) await tab.call('addAudio');
    for (const [label, options] of Object.entries(channels)) await tab.call('open', label, options);
    await tab.negotiate();
    for (const label of Object.keys(channels)) await tab.call('opened', label);
    return tab;
  }
  call(name, ...given) { return this.page.evaluate(([method, values]) => window.data[method](...values), [name, given]); }
  async negotiate() {
    const { jsep } = await this.handle.ask({ audio: true, video: true }, await this.call('offer'));
    await this.call('accept', jsep);
    return jsep;
  }
  async echo(label, send, ...given) {
    const before = (await this.call('messages', label)).length;
    await this.call(send, label, ...given);
    return (await this.call('received', label, before + 1))[before];
  }
  async close() {
    assert.deepEqual(this.page.complaints, []);
    await this.call('hangup');
    await this.handle.detach();
    await this.page.context().close();
  }
}

test('text, binary, empty and the largest message come back to Chromium', { timeout: 60000 }, async () => {
  const tab = await Tab.connect({ echo: {} });
  assert.deepEqual(await tab.echo('echo', 'sendText', 'hello'), { text: 'hello' });
  assert.deepEqual(await tab.echo('echo', 'sendText', 'Grüße, 你好, 🚀'), { text: 'Grüße, 你好, 🚀' });
  assert.deepEqual(await tab.echo('echo', 'sendPattern', 1000), { bytes: 1000, intact: true });
  assert.deepEqual(await tab.echo('echo', 'sendText', ''), { text: '' });
  assert.deepEqual(await tab.echo('echo', 'sendPattern', 0), { bytes: 0, intact: true });
  assert.deepEqual(await tab.echo('echo', 'sendPattern', 65536), { bytes: 65536, intact: true });
  assert.deepEqual(await tab.echo('echo', 'sendPattern', kLargest), { bytes: kLargest, intact: true });
  assert.deepEqual(await tab.echo('echo', 'sendText', 'x'.repeat(kLargest)), { text: 'x'.repeat(kLargest) });
  await tab.close();
});

test('the answer names the largest message, and Chromium keeps to it', { timeout: 60000 }, async () => {
  const tab = await Tab.connect({ echo: {} });
  const jsep = await tab.negotiate();
  assert.match(jsep.sdp, /^m=application 9 UDP\/DTLS\/SCTP webrtc-datachannel\r$/m);
  assert.match(jsep.sdp, /^a=sctp-port:5000\r$/m);
  assert.match(jsep.sdp, /^a=max-message-size:262144\r$/m);
  await assert.rejects(tab.call('sendPattern', 'echo', kLargest + 1), /TypeError|exceeds|size/);
  assert.deepEqual(await tab.echo('echo', 'sendText', 'still open'), { text: 'still open' });
  await tab.close();
});

test('channels of every kind come back as they are', { timeout: 60000 }, async () => {
  const kinds = {
    ordered: {}, unordered: { ordered: false }, once: { ordered: false, maxRetransmits: 0 }, thrice: { maxRetransmits: 3 },
    brief: { maxPacketLifeTime: 500 }, named: { protocol: 'talk' },
  };
  const tab = await Tab.connect(kinds);
  for (const [label, options] of Object.entries(kinds)) {
    for (let i = 0; i < 20; i++) await tab.call('sendText', label, `${label} ${i}`);
    const texts = (await tab.call('received', label, 20)).map(({ text }) => text);
    const sent = Array.from({ length: 20 }, (_, i) => `${label} ${i}`);
    assert.deepEqual(options.ordered === false ? texts.sort() : texts, options.ordered === false ? sent.sort() : sent);
  }
  await tab.close();
});

test('many channels at once keep their messages apart', { timeout: 60000 }, async () => {
  const labels = Array.from({ length: 60 }, (_, i) => `channel ${i}`);
  const tab = await Tab.connect(Object.fromEntries(labels.map((label) => [label, {}])));
  for (const label of labels) await tab.call('sendText', label, `for ${label}`);
  for (const label of labels) assert.deepEqual(await tab.call('received', label, 1), [{ text: `for ${label}` }]);
  await tab.close();
});

test('a channel that the client closes is closed on both sides, and its number serves again', { timeout: 60000 }, async () => {
  const tab = await Tab.connect({ first: {}, second: {} });
  const { id } = await tab.call('look', 'first');
  await tab.call('close', 'first');
  await tab.call('closed', 'first');
  assert.deepEqual(await tab.echo('second', 'sendText', 'not disturbed'), { text: 'not disturbed' });
  await tab.call('open', 'third', {});
  await tab.call('opened', 'third');
  assert.equal((await tab.call('look', 'third')).id, id);
  assert.deepEqual(await tab.echo('third', 'sendText', 'works'), { text: 'works' });
  await tab.close();
});

test('data channels join a call later, and media goes on beside them', { timeout: 60000 }, async () => {
  const tab = await Tab.connect({}, { audio: true });
  await eventually(async () => await tab.call('state') === 'connected', { what: 'audio alone' });
  await tab.call('open', 'late', {});
  await tab.negotiate();
  await tab.call('opened', 'late');
  assert.deepEqual(await tab.echo('late', 'sendText', 'joined'), { text: 'joined' });
  const heard = await tab.call('packetsHeard');
  await eventually(async () => await tab.call('packetsHeard') > heard + 20, { what: 'audio goes on' });
  await tab.close();
});

test('when the peer goes, nothing of it stays', { timeout: 60000, ...(external ? { skip: 'counts are of our own daemon' } : {}) }, async () => {
  const tab = await Tab.connect({ echo: {} });
  await tab.echo('echo', 'sendText', 'hello');
  await tab.close();
  if (gateway.kind === 'cardea') await eventually(async () => (await gateway.counts()).peers === 0, { what: 'no peers' });
});

test('libdatachannel gets text and binary back', { timeout: 60000 }, async () => {
  const handle = await session.attach(kEchoTest);
  const peer = new datachannel.PeerConnection('echo', { iceServers: [] });
  const messages = [];
  // Creating the channel begins the negotiation.
  const offered = new Promise((resolve) => {
    peer.onGatheringStateChange((state) => { if (state === 'complete') resolve(peer.localDescription()); });
  });
  const channel = peer.createDataChannel('libdatachannel');
  kept.push(peer, channel);
  channel.onMessage((message) => messages.push(message));
  const offer = await offered;
  const { jsep } = await handle.ask({ audio: true }, offer);
  peer.setRemoteDescription(jsep.sdp, jsep.type);
  await eventually(() => channel.isOpen(), { what: 'the channel is open' });
  const binary = Buffer.from(Array.from({ length: 100000 }, (_, i) => (i * 31) & 0xff));
  channel.sendMessage('hello');
  channel.sendMessageBinary(binary);
  await eventually(() => messages.length === 2, { what: 'two messages back' });
  assert.equal(messages[0], 'hello');
  assert.ok(Buffer.from(messages[1]).equals(binary));
  channel.close();
  peer.close();
  await handle.detach();
});

// ---- VideoRoom ---------------------------------------------------------------------------------------------------------

async function publisher(on, room, id, label, options = {}) {
  const tab = { page: await browser.tab('data.html'), handle: await on.attach(kVideoRoom), call: Tab.prototype.call, close: Tab.prototype.close };
  await tab.handle.ask({ request: 'join', ptype: 'publisher', room, id });
  await tab.call('open', label, options);
  const { jsep, streams } = await tab.handle.ask({ request: 'publish' }, await tab.call('offer'));
  assert.deepEqual(streams.map(({ type }) => type), ['data']);
  await tab.call('accept', jsep);
  await tab.call('opened', label);
  return tab;
}
async function subscriber(on, room, ...feeds) {
  const tab = { page: await browser.tab('data.html'), handle: await on.attach(kVideoRoom), call: Tab.prototype.call, close: Tab.prototype.close };
  // A feed is there once its publisher's WebRTC is up.
  const { jsep, streams } = await eventually(() => tab.handle.ask({ request: 'join', ptype: 'subscriber', room, streams: feeds.map((feed) => ({ feed })) }));
  await tab.handle.ask({ request: 'start' }, await tab.call('answerTo', jsep));
  return Object.assign(tab, { streams });
}
async function heard(tab, label, count = 1) {
  await tab.call('opened', label);
  return tab.call('received', label, count);
}

test('two feeds on one connection are told apart by the id of their publisher', { timeout: 60000, ...needsCardea }, async () => {
  const { room, close } = await createRoom(gateway.url, { publishers: 6 });
  const ada = await publisher(session, room, 1, 'status', { ordered: false, maxRetransmits: 2 });
  const bob = await publisher(session, room, 2, 'status');
  const eve = await subscriber(session, room, 1, 2);
  assert.deepEqual(eve.streams.map(({ type, sources, source_ids: ids }) => ({ type, sources, ids })), [{ type: 'data', sources: 2, ids: [1, 2] }]);
  for (const label of ['1', '2']) await eve.call('opened', label);
  await ada.call('sendText', 'status', 'from Ada');
  await bob.call('sendPattern', 'status', 100000);
  assert.deepEqual(await heard(eve, '1'), [{ text: 'from Ada' }]);
  assert.deepEqual(await heard(eve, '2'), [{ bytes: 100000, intact: true }]);
  const { ordered, maxRetransmits } = await eve.call('look', '1');
  assert.deepEqual({ ordered, maxRetransmits }, { ordered: false, maxRetransmits: 2 });
  await ada.close();
  await eve.call('closed', '1');
  await bob.call('sendText', 'status', 'still here');
  assert.deepEqual((await heard(eve, '2', 2))[1], { text: 'still here' });
  await bob.close();
  await eve.close();
  await close();
});

test('where there is one publisher its own label and protocol reach who watches', { timeout: 60000, ...needsCardea }, async () => {
  const { room, close } = await createRoom(gateway.url, { publishers: 1 });
  const ada = await publisher(session, room, 1, 'status', { protocol: 'talk' });
  const eve = await subscriber(session, room, 1);
  await eve.call('opened', 'status');
  assert.equal((await eve.call('look', 'status')).protocol, 'talk');
  await ada.call('sendText', 'status', 'speaking');
  assert.deepEqual(await heard(eve, 'status'), [{ text: 'speaking' }]);
  // Held back while the subscriber pauses, while the publisher mutes its data, and while a moderator does.
  const silent = async (stop, go) => {
    await stop();
    await ada.call('sendText', 'status', 'lost');
    await sleep(500); // requests take another way than messages, and could overtake it
    await go();
    const before = (await eve.call('messages', 'status')).length;
    await ada.call('sendText', 'status', 'heard');
    assert.deepEqual((await heard(eve, 'status', before + 1)).slice(before), [{ text: 'heard' }]);
  };
  await silent(() => eve.handle.ask({ request: 'pause' }), () => eve.handle.ask({ request: 'start' }));
  await silent(() => ada.handle.ask({ request: 'configure', data: false }), () => ada.handle.ask({ request: 'configure', data: true }));
  const moderate = (mute) => session.attach(kVideoRoom).then((handle) => handle.ask({ request: 'moderate', room, id: 1, mid: '0', mute }));
  await silent(() => moderate(true), () => moderate(false));
  await ada.close();
  await eve.close();
  await close();
});

test('subscribe and unsubscribe open and close the channels of a feed', { timeout: 60000, ...needsCardea }, async () => {
  const { room, close } = await createRoom(gateway.url, { publishers: 6 });
  const ada = await publisher(session, room, 1, 'a');
  const bob = await publisher(session, room, 2, 'b');
  const eve = await subscriber(session, room, 1);
  await eve.call('opened', '1');
  const again = async (body) => {
    const { jsep } = await eve.handle.ask(body);
    await eve.handle.ask({ request: 'start' }, await eve.call('answerTo', jsep));
  };
  await again({ request: 'subscribe', streams: [{ feed: 2 }] });
  await bob.call('sendText', 'b', 'hello');
  assert.deepEqual(await heard(eve, '2'), [{ text: 'hello' }]);
  await again({ request: 'unsubscribe', streams: [{ feed: 1 }] });
  await eve.call('ending', '1');
  await ada.call('sendText', 'a', 'to nobody');
  await bob.call('sendText', 'b', 'and again');
  assert.deepEqual((await heard(eve, '2', 2))[1], { text: 'and again' });
  assert.deepEqual(await eve.call('messages', '1'), []);
  for (const tab of [ada, bob, eve]) await tab.close();
  await close();
});

for (const [setting, label] of [['id', '1'], ['publisher', 'status']])
  test(`data_label = ${setting}`, { timeout: 60000, ...needsCardea }, async () => {
    const own = await startGateway({ modules: { 'videoroom.cfg': `data_label = "${setting}";\n` } });
    const line = await JanusConnection.connect(own.url);
    const on = await line.createSession();
    for (const publishers of [1, 6]) {
      const { room, close } = await createRoom(own.url, { publishers });
      const ada = await publisher(on, room, 1, 'status');
      const eve = await subscriber(on, room, 1);
      await eve.call('opened', label);
      assert.deepEqual(await eve.call('labels'), [label]);
      await ada.close();
      await eve.close();
      await close();
    }
    await line.close();
    await own.stop();
  });
