// Several take part, and each hears something. A scene gives what everybody heard, in order for each of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { kVideoRoom } from '../janus_ws.mjs';
import { answer } from '../offer.mjs';
import { RtpPeer } from '../rtp_peer.mjs';

const kSettle = 350; // milliseconds until nobody says anything any more
let nextRoom = 1000;

const withoutRepeats = (events) => events.filter((event, i) => i === 0 || !isDeepStrictEqual(event, events[i - 1]));

async function play(side, names, act, settings = {}) {
  const room = 500;
  const keeper = side.manager;
  await side.message(keeper, { request: 'create', room, publishers: 6, secret: 's', ...settings });
  const handles = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await side.session.attach(kVideoRoom)])));
  const list = names.map((name) => handles[name]);
  const said = [];
  const peers = [];
  const say = async (name, body, jsep) => {
    const reply = await side.message(handles[name], body, { jsep });
    said.push([name, reply]);
    return reply;
  };
  const publish = async (name, id, fields = {}) => {
    await say(name, { request: 'join', ptype: 'publisher', room, id, ...fields });
    const peer = new RtpPeer(`${name} ${nextRoom++}`);
    peer.addMedia();
    peers.push(peer);
    const offer = await peer.offer();
    const { jsep } = await say(name, { request: 'publish' }, offer);
    peer.accept(jsep);
    await handles[name].event(({ janus }) => janus === 'webrtcup');
    return { peer, offer };
  };
  const watch = async (name, feed, fields = {}) => {
    await say(name, { request: 'join', ptype: 'subscriber', room, streams: [{ feed }], ...fields });
    await say(name, { request: 'start' }, answer());
  };
  side.heard(list);
  await act({ room, say, publish, watch, manage: (body) => side.message(keeper, { room, secret: 's', ...body }).then((reply) => said.push(['keeper', reply])) });
  await sleep(kSettle);
  // A janus tells the end of a connection when DTLS has ended, sooner or later, and some things twice.
  const heard = side.heard([...list]).filter(({ janus }) => janus === 'event');
  const byWhom = names.map((name, index) => [name, withoutRepeats(heard.filter(({ on }) => on === index))]);
  for (const peer of peers) peer.close();
  for (const handle of list) await handle.detach().catch(() => {});
  await side.message(keeper, { request: 'destroy', room, secret: 's' });
  return { said, heard: Object.fromEntries(byWhom) };
}

const join = (room, id, fields = {}) => ({ request: 'join', ptype: 'publisher', room, id, ...fields });

export const kScenes = {
  'two join and leave': (side) => play(side, ['ada', 'bob'], async ({ room, say }) => {
    await say('ada', join(room, 1, { display: 'Ada' }));
    await say('bob', join(room, 2, { display: 'Bob' }));
    await say('ada', { request: 'configure', display: 'Countess' });
    await say('ada', { request: 'leave' });
  }, { notify_joining: true }),
  'one publishes, is watched, unpublishes': (side) => play(side, ['ada', 'bob', 'eve'], async ({ room, say, publish, watch }) => {
    await say('bob', join(room, 2));
    await publish('ada', 1, { display: 'Ada' });
    await watch('eve', 1);
    await say('ada', { request: 'configure', descriptions: [{ mid: '0', description: 'mic' }] });
    await say('ada', { request: 'unpublish' });
  }),
  'one is kicked': (side) => play(side, ['ada', 'bob', 'eve'], async ({ room, say, publish, watch, manage }) => {
    await say('bob', join(room, 2));
    await publish('ada', 1, { display: 'Ada' });
    await watch('eve', 1);
    await manage({ request: 'kick', id: 1 });
  }),
  'one is muted and heard again': (side) => play(side, ['ada', 'bob'], async ({ room, say, publish, manage }) => {
    await say('bob', join(room, 2));
    await publish('ada', 1);
    await manage({ request: 'moderate', id: 1, mid: '0', mute: true });
    await say('bob', { request: 'configure', display: 'Bob' });
    await manage({ request: 'moderate', id: 1, mid: '0', mute: false });
  }),
  'the room is destroyed': (side) => play(side, ['ada', 'bob', 'eve'], async ({ room, say, publish, watch, manage }) => {
    await say('bob', join(room, 2));
    await publish('ada', 1);
    await watch('eve', 1);
    await manage({ request: 'destroy' });
    await say('bob', { request: 'configure' });
  }),
  'a dummy publisher': (side) => play(side, ['ada', 'eve'], async ({ room, say, manage }) => {
    await say('ada', join(room, 1));
    await manage({ request: 'listparticipants' });
    await manage({ request: 'list' });
  }, { dummy_publisher: true }),
  'tokens': (side) => play(side, ['ada', 'bob', 'eve'], async ({ room, say, manage }) => {
    await say('ada', join(room, 1));
    await say('ada', join(room, 1, { token: 'wrong' }));
    await say('ada', join(room, 1, { token: 'good' }));
    await manage({ request: 'allowed', action: 'remove', allowed: ['good'] });
    await say('bob', join(room, 2, { token: 'good' }));
    await manage({ request: 'allowed', action: 'disable' });
    await say('eve', join(room, 3));
    await manage({ request: 'edit', new_pin: 'pin', new_publishers: 1, new_description: 'x' });
    await say('bob', join(room, 2));
    await say('bob', join(room, 2, { pin: 'no' }));
    await say('bob', join(room, 2, { pin: 'pin' }));
  }, { allowed: ['good'] }),
  'offers follow one another': (side) => play(side, ['ada', 'bob', 'eve'], async ({ publish, watch, say }) => {
    await publish('ada', 1);
    await publish('bob', 2);
    await watch('eve', 1);
    await say('eve', { request: 'subscribe', streams: [{ feed: 2 }] });
    await say('eve', { request: 'unsubscribe', streams: [{ feed: 1 }] });
    await say('eve', { request: 'start' }, answer({ kinds: ['audio', 'video', 'audio', 'video'] }));
    await sleep(kSettle);
    await say('eve', { request: 'start' }, answer({ kinds: ['audio', 'video', 'audio', 'video'] }));
    await say('eve', { request: 'switch', streams: [{ feed: 1, mid: '1', sub_mid: '3' }] });
    await say('eve', { request: 'pause' });
    await say('eve', { request: 'leave' });
  }),
};
