// The unmodified Nextcloud signaling server between Chromium and the gateway: what an admin gets who changes one URL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './lib/browser.mjs';
import { FakeNextcloud, kEverything, kInCall } from './lib/fake_nextcloud.mjs';
import { startGateway } from './lib/gateway.mjs';
import { kCaps, startHpb } from './lib/hpb.mjs';
import { findServer } from './lib/hpb_packages.mjs';
import { freeTcpPort } from './lib/ports.mjs';
import { eventually } from './lib/process.mjs';
import { Participant } from './lib/talk_page.mjs';

const { version, server, reasons } = await findServer();
if (server) console.log(`# nextcloud-spreed-signaling ${version}`);
else if (process.env.ALLOW_NO_HPB !== '1') {
  console.log('# no nextcloud-spreed-signaling: the run fails; ALLOW_NO_HPB=1 lets it go on without');
  process.exitCode = 1;
}
const withHpb = server ? {} : { skip: `no nextcloud-spreed-signaling: ${reasons.join('; ')}` };

const kRoom = 'abcdefgh';
// Pictures that Chromium can send at any rate between the caps.
const kNoise = { width: 320, height: 240, rate: 20 };
const kRamp = 30000; // milliseconds that "within seconds" may take, on a busy machine
const kHeld = 5000;
let gatewayPort;
let gateway;
let nextcloud;
let elsewhere;
let hpb;
let browser;
const participants = new Map();

const startGatewayAgain = () => startGateway({ set: { 'websocket.port': gatewayPort } });
const person = (name) => participants.get(name);
async function open(name, options = {}) {
  const participant = await Participant.open(browser, { hpb, nextcloud, room: kRoom, name, ...options });
  participants.set(name, participant);
  return participant;
}

before(async () => {
  if (!server) return;
  gatewayPort = await freeTcpPort();
  [gateway, nextcloud, elsewhere, browser] = await Promise.all([startGatewayAgain(), FakeNextcloud.start(), FakeNextcloud.start({ algorithm: 'ES256' }), Browser.start()]);
  hpb = await startHpb({ server, gatewayUrl: gateway.url, nextclouds: [nextcloud, elsewhere] });
});
after(async () => {
  await browser?.close();
  await hpb?.stop();
  await gateway?.stop();
  await Promise.all([nextcloud?.stop(), elsewhere?.stop()]);
});

test('the server takes the gateway for a Janus with all it needs', withHpb, async () => {
  const { mcu } = await hpb.stats();
  assert.equal(mcu.connected, true);
  for (const expected of [/Connected to Cardea WebRTC Server/, /Data channels are supported/, /Full-Trickle is enabled/])
    assert.equal(hpb.count(expected), 1, String(expected));
});

test('clients say hello in both versions, and not with what others signed', withHpb, async () => {
  await open('alice', { version: '2.0' });
  await open('bob', { version: '1.0' });
  await open('carol', { version: '2.0' });
  const { welcome } = await person('alice').call('look');
  for (const feature of ['mcu', 'simulcast', 'update-sdp']) assert.ok(welcome.features.includes(feature), feature);
  const other = await Participant.open(browser, { hpb, nextcloud: elsewhere, room: kRoom, name: 'eve' });
  assert.ok(other.id);
  const forged = elsewhere.hello('2.0', 'mallory');
  forged.auth.url = nextcloud.hello('2.0', 'mallory').auth.url;
  await assert.rejects(other.call('connect', hpb.socketUrl, forged), /invalid_token/);
  const old = nextcloud.hello('2.0', 'mallory');
  old.auth.params.token = nextcloud.token('mallory', { age: 3600 });
  await assert.rejects(other.call('connect', hpb.socketUrl, old), /token_expired/);
  await other.close();
});

// Before the others come: Chromium sends smaller pictures on a machine that is busy.
test('a viewer chooses among three sizes of a picture without negotiating', withHpb, async () => {
  const [sender, viewer] = [await open('fred', { room: 'layers' }), await open('gina', { room: 'layers' })];
  for (const each of [sender, viewer]) await each.join();
  await sender.publish({ simulcast: true, camera: { width: 960, height: 540, frameRate: 15 } });
  await viewer.watch(sender);
  const shows = (width) => eventually(async () => (await viewer.received(sender)).width === width, { within: 25000, what: `${width} pixels` });
  await shows(960); // the largest that Chromium sends within the server's limit of 1 Mbit/s
  for (const [substream, width] of [[0, 240], [1, 480], [2, 960]]) {
    await viewer.call('selectStream', sender.id, { substream });
    await shows(width);
    await viewer.seesFrames(sender);
  }
  assert.equal((await viewer.received(sender)).offers, 1);
  for (const each of [sender, viewer]) await each.call('leaveRoom');
  for (const each of [sender, viewer]) await each.close();
});

test('three enter a room, publish, and see and hear each other', withHpb, async () => {
  const all = ['alice', 'bob', 'carol'].map(person);
  for (const each of all) await each.join();
  await eventually(async () => (await person('alice').call('look')).members.length === 3, { what: 'everybody in the room' });
  for (const each of all) await each.publish();
  await Promise.all(all.flatMap((each) => all.filter((other) => other !== each).map((other) => each.watch(other))));
  for (const each of all) {
    for (const other of all.filter((candidate) => candidate !== each)) {
      const seen = await each.seesFrames(other);
      assert.ok(seen.audioPackets > 0 && seen.energy > 0, `${each.name} hears ${other.name}: ${JSON.stringify(seen)}`);
    }
  }
  assert.equal((await hpb.stats()).mcu.publishers, 3);
});

test('who watches is offered one channel, labelled status as the publisher did, and gets what is said on it', withHpb, async () => {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(person);
  const said = [JSON.stringify({ type: 'speaking' }), JSON.stringify({ type: 'nickChanged', payload: 'Ā😀' }), JSON.stringify({ type: 'stoppedSpeaking' })];
  const channels = [alice, carol].map((each) => () => each.call('channelsOf', bob.id));
  for (const look of channels) await eventually(async () => (await look()).channels.length > 0, { what: 'a channel' });
  for (const text of said) await bob.call('tellChannel', text);
  for (const look of channels) {
    await eventually(async () => (await look()).messages.length >= said.length, { what: 'what was said' });
    assert.deepEqual(await look(), { channels: ['status'], messages: said, unheard: [] });
  }
  // It is nobody else's.
  assert.deepEqual(await carol.call('channelsOf', alice.id), { channels: ['status'], messages: [], unheard: [] });
});

test('a viewer switches video off and on without negotiating', withHpb, async () => {
  const [alice, bob] = [person('alice'), person('bob')];
  await alice.call('selectStream', bob.id, { video: false });
  await eventually(async () => {
    const first = await alice.received(bob);
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    const second = await alice.received(bob);
    return second.packets === first.packets && second.audioPackets > first.audioPackets + 20;
  }, { what: 'sound without pictures' });
  await alice.call('selectStream', bob.id, { video: true });
  await alice.seesFrames(bob);
  assert.equal((await alice.received(bob)).offers, 1);
});

test('a viewer asks for another offer on the connection it has', withHpb, async () => {
  const [alice, bob] = [person('alice'), person('bob')];
  await alice.call('renegotiate', bob.id);
  await alice.seesFrames(bob);
  assert.equal((await alice.received(bob)).offers, 2);
});

test('a moderator mutes somebody', withHpb, async () => {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(person);
  await alice.call('forceMute', bob.id);
  const silent = async () => {
    const first = await carol.received(bob);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    const second = await carol.received(bob);
    return second.energy === first.energy && second.audioPackets > first.audioPackets;
  };
  await eventually(silent, { what: 'silence of the one who was muted' });
  const { controls } = await bob.call('look');
  assert.deepEqual(controls.map(({ from }) => from), [alice.id]);
});

test('a client whose connection broke resumes its session, and no picture is lost', withHpb, async () => {
  const [alice, bob] = [person('alice'), person('bob')];
  assert.equal(await alice.call('resume'), alice.id);
  await Promise.all([alice.seesFrames(bob), bob.seesFrames(alice)]);
  await bob.call('say', alice.id, { type: 'raiseHand', roomType: 'video', payload: { state: true } });
  await eventually(async () => (await alice.call('look')).events.some(({ type }) => type === 'raiseHand'), { what: 'a message after the resumption' });
  assert.equal((await alice.received(bob)).offers, 2, 'the peer connections are the same');
});

test('who leaves is gone for the others, and comes back', withHpb, async () => {
  const [alice, carol] = [person('alice'), person('carol')];
  await carol.setInCall(kInCall.left);
  await carol.call('leaveRoom');
  await eventually(async () => !(await alice.call('look')).members.includes(carol.id), { what: 'the departure' });
  await eventually(async () => (await hpb.stats()).mcu.publishers === 2, { what: 'one publisher less' });
  await carol.join();
  await carol.publish();
  await alice.watch(carol);
  await carol.watch(alice);
  await Promise.all([alice.seesFrames(carol), carol.seesFrames(alice)]);
});

test('who loses the permission to publish is cut off', withHpb, async () => {
  const [alice, carol] = [person('alice'), person('carol')];
  await nextcloud.setPermissions(kRoom, carol.nextcloudSession, ['control']);
  await eventually(async () => (await hpb.stats()).mcu.publishers === 2, { what: 'the publisher closed' });
  await assert.rejects(carol.call('publish'), /not_allowed/);
  await nextcloud.setPermissions(kRoom, carol.nextcloudSession, kEverything);
  await carol.publish();
  await alice.watch(carol);
  await alice.seesFrames(carol);
});

async function assertHeldAt(cap, from, roomType) {
  const near = (rate) => Math.abs(rate - cap) < cap / 10;
  const rate = (a, b) => ((b.bytes - a.bytes) * 8000) / (b.at - a.at);
  let last = await from.call('sent', roomType);
  await eventually(async () => {
    const now = await from.call('sent', roomType);
    const reached = now.available === cap && near(rate(last, now));
    last = now;
    return reached;
  }, { within: kRamp, every: 1000, what: `${cap} bit/s of ${roomType}` });
  // The limit is the gateway's, kept all the time; that Chromium's encoder fills it takes a machine that lets it.
  for (let windows = 4; ; --windows) {
    const before = await from.call('sent', roomType);
    await new Promise((resolve) => { setTimeout(resolve, kHeld); });
    const after = await from.call('sent', roomType);
    assert.ok(near(after.available), `estimate ${after.available}`);
    assert.ok(rate(before, after) < cap * 1.1, `${rate(before, after)} bit/s of ${roomType}`);
    if (near(rate(before, after))) return;
    assert.ok(windows > 1, `${rate(before, after)} bit/s of ${roomType}`);
  }
}

test('a camera fills one megabit a second, a screen two, and neither more', withHpb, async () => {
  const [sender, viewer] = [await open('dan', { room: 'rates' }), await open('erin', { room: 'rates' })];
  for (const each of [sender, viewer]) await each.join();
  await sender.publish({ noise: kNoise });
  await sender.publish({ roomType: 'screen', noise: kNoise });
  await viewer.watch(sender);
  await sender.call('say', viewer.id, { type: 'sendoffer', roomType: 'screen' }); // a screen is offered, not asked for
  await viewer.seesFrames(sender, { roomType: 'screen' });
  await Promise.all([assertHeldAt(kCaps.stream, sender, 'video'), assertHeldAt(kCaps.screen, sender, 'screen')]);
  for (const each of [sender, viewer]) await each.close();
});

test('the gateway is killed and started in mid-call: calls work at the first retry of the server', withHpb, async () => {
  await gateway.kill();
  gateway = await startGatewayAgain();
  const killed = Date.now();
  await hpb.process.line(/Reconnection to Janus gateway successful/);
  assert.equal(hpb.count(/Reconnect to Janus gateway failed/), 0);
  // What Talk's clients do once their connections have failed.
  const [alice, bob] = [person('alice'), person('bob')];
  for (const each of [alice, bob]) await each.startOver();
  for (const each of [alice, bob]) await each.publish();
  await Promise.all([alice.watch(bob), bob.watch(alice)]);
  await Promise.all([alice.seesFrames(bob), bob.seesFrames(alice)]);
  assert.ok(Date.now() - killed < 10000, `${Date.now() - killed} ms`);
});
