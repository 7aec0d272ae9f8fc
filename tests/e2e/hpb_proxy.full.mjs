// Two gateways behind two proxies of the unmodified Nextcloud signaling server, one in each of two countries. Who watches is served
// by the gateway of the own country; what is published in the other one is sent over once, however many watch.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './lib/browser.mjs';
import { FakeNextcloud, kInCall } from './lib/fake_nextcloud.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startHpb } from './lib/hpb.mjs';
import { findServerAndProxy } from './lib/hpb_packages.mjs';
import { startProxies } from './lib/hpb_proxy.mjs';
import { JanusConnection, kVideoRoom } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { Participant } from './lib/talk_page.mjs';
import { TcpProxy } from './lib/tcp_proxy.mjs';

const { version, server, proxy, reasons } = await findServerAndProxy();
if (server) console.log(`# nextcloud-spreed-signaling and nextcloud-spreed-signaling-proxy ${version}`);
else if (process.env.ALLOW_NO_HPB !== '1') {
  console.log('# no nextcloud-spreed-signaling-proxy: the run fails; ALLOW_NO_HPB=1 lets it go on without');
  process.exitCode = 1;
}
const withProxies = server ? {} : { skip: `no nextcloud-spreed-signaling-proxy: ${reasons.join('; ')}` };

const kRoom = 'abroad';
const kHome = 'DE';
const kAbroad = 'US';
const kAddresses = { [kHome]: '127.0.0.1', [kAbroad]: '127.0.0.2' }; // that clients come from
const kFeed = 1; // what the server calls a publisher of camera and microphone, each in a room of its own

const gateways = {};
const doors = {}; // where the clients of a country connect
const idle = {}; // what a gateway counts when nobody is there
const people = {};
let nextcloud;
let browser;
let proxies;
let hpb;

async function counts(country) {
  const { sessions, handles, peers } = await gateways[country].counts();
  return { sessions, handles, peers };
}

// A worker tells of its peers once a second.
const untilPeers = (country, peers) =>
  eventually(async () => (await counts(country)).peers === peers, { what: `${peers} peers at ${country}` });

async function enter(name, country, room = kRoom) {
  const door = { ...hpb, socketUrl: `ws://127.0.0.1:${doors[country].port}/spreed` };
  people[name] = await Participant.open(browser, { hpb: door, nextcloud, room, name });
  await people[name].join();
  return people[name];
}
async function leave(participant) {
  await participant.setInCall(kInCall.left);
  await participant.call('leaveRoom');
}

// The gateway's rooms, and for each the places that its publisher is sent to.
async function rooms(country) {
  const connection = await JanusConnection.connect(gateways[country].url);
  const session = await connection.createSession();
  const handle = await session.attach(kVideoRoom);
  const { list } = await handle.ask({ request: 'list' });
  const remotes = (room) => handle.ask({ request: 'listremotes', room, publisher_id: kFeed });
  const found = await Promise.all(list.map(async ({ room }) => ({ room, remotes: (await remotes(room)).list })));
  await session.destroy();
  await connection.close();
  return found;
}

async function becomesIdle(country) {
  const same = async () => JSON.stringify(await counts(country)) === JSON.stringify(idle[country]);
  await eventually(same, { what: `no handle and no peer connection left in ${country}` });
  assert.deepEqual(await rooms(country), []);
}

async function isServedBy(country, viewer, publisher) {
  const seen = await viewer.seesFrames(publisher);
  assert.ok(gateways[country].mediaPorts.includes(seen.port), `${viewer.name} gets media from port ${seen.port}, not from ${country}`);
  const heard = async () => (await viewer.received(publisher)).energy > seen.energy;
  await eventually(heard, { what: `${viewer.name} hearing ${publisher.name}` });
}

before(async () => {
  if (!server) return;
  [gateways[kHome], gateways[kAbroad], nextcloud, browser] = await Promise.all([startGateway(), startGateway(), FakeNextcloud.start(), Browser.start()]);
  proxies = await startProxies({ program: proxy, gateways });
  const countries = Object.fromEntries(Object.entries(kAddresses).map(([country, address]) => [address, country]));
  hpb = await startHpb({ server, proxies, nextclouds: [nextcloud], countries });
  for (const [country, localAddress] of Object.entries(kAddresses)) doors[country] = await TcpProxy.start(hpb.port, { localAddress });
});
after(async () => {
  await browser?.close();
  await Promise.all(Object.values(doors).map((door) => door.stop()));
  await hpb?.stop();
  await proxies?.stop();
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  await nextcloud?.stop();
});

test('each proxy takes its gateway, and the server both proxies', withProxies, async () => {
  const connected = async () => (await hpb.stats()).mcu.details.every((each) => each.connected);
  await eventually(connected, { what: 'the connections to both proxies' });
  assert.deepEqual((await hpb.stats()).mcu.details.map(({ url }) => url).sort(), [...proxies.urls].sort());
  for (const country of [kHome, kAbroad]) {
    assert.equal(proxies.byCountry[country].count(/Connected to Cardea WebRTC Server/), 1, country);
    idle[country] = await counts(country);
    assert.deepEqual(idle[country], { sessions: 1, handles: 1, peers: 0 });
    assert.deepEqual(await rooms(country), []);
  }
});

// Before the others come: Chromium's camera has one size for everybody who uses it.
test('a viewer abroad chooses among three sizes of a picture', withProxies, async () => {
  const [sender, viewer] = [await enter('fred', kHome, 'layers'), await enter('gina', kAbroad, 'layers')];
  await sender.publish({ simulcast: true, camera: { width: 960, height: 540, frameRate: 15 } });
  await viewer.watch(sender);
  await isServedBy(kAbroad, viewer, sender);
  for (const [substream, width] of [[0, 240], [1, 480], [2, 960]]) {
    await viewer.call('selectStream', sender.id, { substream });
    await eventually(async () => (await viewer.received(sender)).width === width, { within: 25000, what: `${width} pixels` });
    await viewer.seesFrames(sender);
  }
  for (const each of [sender, viewer]) await leave(each);
  await Promise.all([becomesIdle(kHome), becomesIdle(kAbroad)]);
  for (const each of [sender, viewer]) await each.close();
});

test('two viewers in two countries get one publisher from two gateways', withProxies, async () => {
  const [alice, bob, carol] = [await enter('alice', kHome), await enter('bob', kHome), await enter('carol', kAbroad)];
  await alice.publish();
  assert.ok(gateways[kHome].mediaPorts.includes((await alice.call('sent')).port));
  await bob.watch(alice);
  await carol.watch(alice);
  await Promise.all([isServedBy(kHome, bob, alice), isServedBy(kAbroad, carol, alice)]);
  await untilPeers(kHome, 2);
  await untilPeers(kAbroad, 1);
});

test('a second viewer abroad needs no second stream between the gateways', withProxies, async () => {
  const dora = await enter('dora', kAbroad);
  await dora.watch(people.alice);
  await isServedBy(kAbroad, dora, people.alice);
  await untilPeers(kAbroad, 2);
  const [{ remotes }] = await rooms(kHome);
  assert.equal(remotes.length, 1, JSON.stringify(remotes));
});

// Messages between gateways carry no label: there it is the publisher's id, as from Janus.
test('what is said on the channel arrives in both countries', withProxies, async () => {
  const { alice, bob, carol } = people;
  await eventually(async () => (await carol.call('channelsOf', alice.id)).channels.length > 0, { what: 'a channel abroad' });
  await alice.call('tellChannel', 'speaking');
  const expected = [[bob, { channels: ['status'], messages: ['speaking'], unheard: [] }], [carol, { channels: [String(kFeed)], messages: [], unheard: ['speaking'] }]];
  for (const [viewer, channels] of expected) {
    const came = async () => Object.values(await viewer.call('channelsOf', alice.id)).flat().includes('speaking');
    await eventually(came, { what: `the message to ${viewer.name}` });
    assert.deepEqual(await viewer.call('channelsOf', alice.id), channels);
  }
});

test('both countries publish, and each sees the other', withProxies, async () => {
  const { alice, bob, carol } = people;
  await carol.publish();
  assert.ok(gateways[kAbroad].mediaPorts.includes((await carol.call('sent')).port));
  for (const viewer of [alice, bob]) await viewer.watch(carol);
  await Promise.all([alice, bob].map((viewer) => isServedBy(kHome, viewer, carol)));
});

test('when nobody watches abroad any more, nothing is sent there', withProxies, async () => {
  const { alice, bob, carol, dora } = people;
  for (const each of [carol, dora]) await leave(each);
  for (const each of [alice, bob]) await each.call('unwatch', carol.id);
  await becomesIdle(kAbroad);
  const onlyHere = async () => {
    const left = await rooms(kHome);
    return left.length === 1 && left[0].remotes.length === 0;
  };
  await eventually(onlyHere, { what: 'one room at home, and nothing being sent abroad' });
  await bob.seesFrames(alice);
});

test('and when somebody watches again, it is', withProxies, async () => {
  const { alice, carol } = people;
  await carol.join();
  await carol.watch(alice);
  await isServedBy(kAbroad, carol, alice);
  assert.equal((await rooms(kHome))[0].remotes.length, 1);
});

test('the publisher leaves, then who watched: nothing is left at either gateway', withProxies, async () => {
  const { alice, bob, carol } = people;
  await leave(alice);
  await becomesIdle(kHome);
  for (const each of [bob, carol]) await leave(each);
  await Promise.all([becomesIdle(kHome), becomesIdle(kAbroad)]);
});
