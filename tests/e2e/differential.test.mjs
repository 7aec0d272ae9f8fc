// The same requests to Debian's janus and to Cardea: every request of the core, of EchoTest and of VideoRoom, with good and bad
// arguments made out of the tables of parameters, and scenes in which several take part. What differs and may is in
// differential.json, each with its reason; plugins/videoroom/README.md tells it to people.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Accepted } from './lib/differential/compare.mjs';
import { kCoreCases, tryCore } from './lib/differential/core.mjs';
import { casesOf } from './lib/differential/mutations.mjs';
import { Pair } from './lib/differential/pair.mjs';
import { kInRoom, kManagement, kOutOfTurn, kRoom, kStates, tryInRoom, tryManagement } from './lib/differential/requests.mjs';
import { kScenes } from './lib/differential/scenes.mjs';
import { requestsOf } from './lib/differential/tables.mjs';
import { kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { answer, offer } from './lib/offer.mjs';
import { endRtpPeers, publish } from './lib/rtp_peer.mjs';

const accepted = new Accepted(fileURLToPath(new URL('differential.json', import.meta.url)));
const videoroom = requestsOf('videoroom');
const echotest = requestsOf('echotest');
let pair;
const peers = [];

// Two feeds that are really there, in a room that stays, and a handle of each plugin.
async function prepare(side) {
  side.manager = await side.session.attach(kVideoRoom);
  await side.message(side.manager, { request: 'create', room: kRoom + 1, secret: 'secret', publishers: 6 });
  side.feeds = [];
  for (const id of [1, 2]) {
    const handle = await side.session.attach(kVideoRoom);
    const { peer } = await publish(handle, kRoom + 1, { id, display: `feed ${id}` });
    peers.push(peer);
    side.feeds.push(handle);
  }
  side.echo = await side.session.attach(kEchoTest);
}

before(async () => { pair = await Pair.start(prepare); });
after(async () => {
  for (const peer of peers) peer.close();
  await pair?.stop();
  try { endRtpPeers(); } catch { /* its threads end with this process */ }
});

const differences = [];
let compared = 0;
async function compare(name, act) {
  const [janus, cardea] = await pair.compare(name, act).catch((error) => { throw new Error(`${name}: ${error.message}`); });
  compared += 1;
  if (janus !== cardea && !accepted.explains(name, janus, cardea)) differences.push(`${name}\n    janus  ${janus}\n    cardea ${cardea}`);
}
const report = () => {
  const found = differences.splice(0);
  assert.equal(found.length, 0, `${found.length} of ${compared} differ:\n${found.join('\n')}`);
};

// A table of the plugin, by the name of a request or of the second table of one.
const kTables = {
  subscriber: ['room', 'ptype', 'pin', 'token', 'private_id', 'use_msid', 'autoupdate', 'streams', 'substream', 'temporal', 'fallback'],
  'subscriber configure': ['streams', 'restart', 'update', 'send', 'substream', 'temporal', 'fallback', 'min_delay', 'max_delay'],
};
const kSubscribeParams = [
  ...['audio', 'video', 'data', 'use_msid', 'autoupdate', 'restart', 'update', 'send'].map((name) => ({ name, type: 'boolean' })),
  ...['substream', 'temporal', 'fallback', 'spatial_layer', 'temporal_layer', 'private_id', 'min_delay', 'max_delay'].map((name) => ({ name, type: 'integer' })),
  { name: 'room', type: 'id' }, { name: 'ptype', type: 'string' }, { name: 'pin', type: 'string' }, { name: 'token', type: 'string' },
];
function paramsOf({ request, params = request }) {
  if (Array.isArray(params)) return params;
  if (!kTables[params]) return videoroom.get(params).params;
  const streams = videoroom.get('subscribe').params.find(({ name }) => name === 'streams');
  const known = [...kSubscribeParams, params === 'subscriber' ? streams : { ...streams, fields: streams.fields.filter(({ name }) => name !== 'feed' && name !== 'crossrefid') }];
  return kTables[params].map((name) => known.find((each) => each.name === name));
}

test('management of rooms', async () => {
  for (const [request, { good, params = videoroom.get(request).params }] of Object.entries(kManagement))
    for (const each of casesOf(request, params, good))
      await compare(`${request}: ${each.name}`, (side) => tryManagement(side, side.manager, each));
  report();
});

test('requests inside a room', async () => {
  for (const [name, { request, first, jsep, good, ...rest }] of Object.entries(kInRoom))
    for (const each of casesOf(request, paramsOf({ request, ...rest }), good))
      await compare(`${name}: ${each.name}`, (side) => tryInRoom(side, side.manager, { first, jsep, ...each }));
  report();
});

test('requests out of turn', async () => {
  for (const [state, first] of Object.entries(kStates))
    for (const request of kOutOfTurn) {
      await compare(`${request} of ${state}`, (side) => tryInRoom(side, side.manager, { first, body: { request } }));
      if (request !== 'start') await compare(`${request} of ${state}, with an offer`, (side) => tryInRoom(side, side.manager, { first, body: { request }, jsep: offer() }));
      await compare(`${request} of ${state}, with an answer`, (side) => tryInRoom(side, side.manager, { first, body: { request }, jsep: answer() }));
    }
  report();
});

test('EchoTest', async () => {
  for (const each of casesOf(undefined, echotest.get('').params, { audio: true, video: false, bitrate: 128000 }))
    await compare(`echotest: ${each.name}`, (side) => side.message(side.echo, each.body, each));
  await compare('echotest: nothing', (side) => side.message(side.echo, {}));
  await compare('echotest: an answer', (side) => side.message(side.echo, {}, { jsep: answer() }));
  await compare('echotest: an offer', (side) => side.message(side.echo, { audio: true }, { jsep: offer() }));
  report();
});

test('the core', async () => {
  for (const each of kCoreCases) await compare(`core: ${each.name}`, (side) => tryCore(side, each));
  report();
});

test('scenes', async () => {
  for (const [name, scene] of Object.entries(kScenes)) await compare(`scene: ${name}`, (side) => scene(side));
  report();
});

test('every known difference is still one', () => assert.deepEqual(accepted.unmet(), []));
