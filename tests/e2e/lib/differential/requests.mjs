// Where each request of VideoRoom is tried: what has to be there before, a body that works, and what is taken away after.
import { setTimeout as sleep } from 'node:timers/promises';

import { answer, offer } from '../offer.mjs';

export const kRoom = 77;      // made for one case and gone after
const kSecret = 'secret';

const room = { room: kRoom };
const locked = { ...room, secret: kSecret };
const lasting = { room: kRoom + 1 }; // feeds 1 and 2 are in it

// The request may have changed the room's secret.
async function remove(side, handle, { secret, new_secret: fresh }) {
  for (const each of new Set([kSecret, secret, fresh])) await side.message(handle, { request: 'destroy', room: kRoom, secret: each });
}
const create = (side, handle, fields = {}) => side.message(handle, { request: 'create', ...locked, publishers: 6, ...fields });

// Requests about feed 1, which is there for the whole test.
const published = { ...lasting, secret: kSecret, publisher_id: 1 };
const forwarded = { ...published, host: '127.0.0.1' };
const remote = { ...published, remote_id: 'there' };
const nothing = async () => {};
const kFeedOne = { before: nothing, after: endForwarding };

async function endForwarding(side, handle, reply) {
  for (const { stream_id: id } of reply?.plugindata?.data?.forwarders ?? []) await side.message(handle, { request: 'stop_rtp_forward', ...published, stream_id: id });
  const legacy = reply?.plugindata?.data?.rtp_stream ?? {};
  for (const [name, id] of Object.entries(legacy))
    if (name.includes('stream_id')) await side.message(handle, { request: 'stop_rtp_forward', ...published, stream_id: id });
}

const unpublish = (side, handle) => side.message(handle, { request: 'unpublish_remotely', ...remote });
const publishRemotely = (side, handle) => side.message(handle, { request: 'publish_remotely', ...remote, host: '127.0.0.1', port: 9 });

// A publisher of another gateway. It goes before its room does: a janus now and then crashes if it still has to.
const far = { ...locked, id: 9 };
const kFarStreams = [{ mid: '0', mindex: 0, type: 'audio', codec: 'opus' }];
// One that found its port still taken by the one before is gone from a janus a moment after it was added.
async function addRemote(side, handle) {
  await create(side, handle);
  for (let tries = 0; tries < 20; ++tries) {
    await side.message(handle, { request: 'add_remote_publisher', ...far, streams: kFarStreams });
    await sleep(5);
    const there = await side.message(handle, { request: 'listparticipants', ...room });
    if (there.plugindata.data.participants.some(({ id }) => id === far.id)) return;
  }
}
const removeRemote = (side, handle, reply) =>
  side.message(handle, { request: 'remove_remote_publisher', ...far, id: reply?.plugindata?.data?.id ?? far.id });

// Bodies that work for requests that are answered at once.
export const kManagement = {
  create: { before: nothing, good: { room: kRoom, description: 'd', secret: kSecret, publishers: 4, allowed: ['a'] } },
  edit: { good: { ...locked, new_description: 'new', new_publishers: 5 } },
  destroy: { good: locked },
  exists: { good: room },
  list: { good: {} },
  allowed: { good: { ...locked, action: 'add', allowed: ['a'] } },
  kick: { good: { ...locked, id: 5 }, inside: true },
  moderate: { good: { ...locked, id: 5, mid: '0', mute: true }, inside: true },
  enable_recording: { good: { ...locked, record: false } },
  listparticipants: { good: room, inside: true },
  listforwarders: { good: locked },
  rtp_forward: { ...kFeedOne, good: { ...forwarded, streams: [{ mid: '0', port: 9 }, { mid: '1', port: 10, pt: 96 }] } },
  stop_rtp_forward: { ...kFeedOne, good: { ...forwarded, stream_id: 1 } },
  publish_remotely: { ...kFeedOne, after: unpublish, good: { ...remote, host: '127.0.0.1', port: 9 } },
  unpublish_remotely: { before: publishRemotely, after: unpublish, good: remote },
  listremotes: { before: publishRemotely, after: unpublish, good: published },
  list_remotes: { before: publishRemotely, after: unpublish, params: [], good: published },
  add_remote_publisher: { before: create, after: removeRemote, good: { ...far, display: 'far', streams: kFarStreams } },
  update_remote_publisher: { before: addRemote, after: removeRemote, good: { ...far, streams: kFarStreams } },
  remove_remote_publisher: { before: addRemote, after: removeRemote, good: far },
};

// One request with one changed argument: a room of its own, the request, the room gone.
export async function tryManagement(side, handle, { name, body, text }) {
  const { before = create, after = nothing, inside } = kManagement[body.request];
  await before(side, handle);
  const inRoom = inside ? await side.session.attach(handle.plugin) : null;
  if (inRoom) await side.message(inRoom, { request: 'join', ptype: 'publisher', ...room, id: 5, display: 'five' });
  const reply = await side.message(handle, body, { text });
  if (inRoom) await inRoom.detach();
  await after(side, handle, reply);
  await remove(side, handle, body);
  const made = reply?.plugindata?.data?.room;
  if (body.request === 'create' && made && made !== kRoom) await side.message(handle, { request: 'destroy', room: made, secret: body.secret });
  return reply;
}

// Requests answered by an event: in which state, after which requests, with which body and description.
const join = { request: 'join', ptype: 'publisher', ...lasting, id: 6 };
const watch = { request: 'join', ptype: 'subscriber', ...lasting, streams: [{ feed: 1 }] };
const accept = { body: { request: 'start' }, jsep: answer() };
export const kInRoom = {
  'join as a publisher': { request: 'join', params: 'join', good: { ptype: 'publisher', ...lasting, id: 6, display: 'six', token: 'a' } },
  'joinandconfigure': { request: 'joinandconfigure', params: 'publish', good: { ptype: 'publisher', ...lasting, id: 6, display: 'six', bitrate: 100000 }, jsep: offer() },
  'publish': { request: 'publish', first: [{ body: join }], good: { bitrate: 100000, descriptions: [{ mid: '0', description: 'mic' }] }, jsep: offer() },
  'configure of a publisher': { request: 'configure', params: 'publish', first: [{ body: join }], good: { display: 'other' } },
  'unpublish, not published': { request: 'unpublish', first: [{ body: join }], good: {} },
  'leave of a publisher': { request: 'leave', first: [{ body: join }], good: {} },
  'join as a subscriber': { request: 'join', params: 'subscriber', good: { ptype: 'subscriber', ...lasting, streams: [{ feed: 1, mid: '0' }] } },
  'join as a subscriber, old form': { request: 'join', params: [], good: { ptype: 'subscriber', ...lasting, feed: 1, offer_video: false } },
  'configure of a subscriber': { request: 'configure', params: 'subscriber configure', first: [{ body: watch }, accept], good: { streams: [{ mid: '1', send: true, substream: 1 }] } },
  'subscribe': { request: 'subscribe', first: [{ body: watch }, accept], good: { streams: [{ feed: 2, mid: '1' }] } },
  'subscribe, offer open': { request: 'subscribe', params: [], first: [{ body: watch }], good: { streams: [{ feed: 2 }] } },
  'unsubscribe': { request: 'unsubscribe', first: [{ body: watch }, accept], good: { streams: [{ feed: 1, mid: '1' }] } },
  'unsubscribe by mid': { request: 'unsubscribe', params: [], first: [{ body: watch }, accept], good: { streams: [{ sub_mid: '0' }] } },
  'update': { request: 'update', first: [{ body: watch }, accept], good: { subscribe: [{ feed: 2 }], unsubscribe: [{ feed: 1, mid: '0' }] } },
  'switch': { request: 'switch', first: [{ body: watch }, accept], good: { streams: [{ feed: 2, mid: '1', sub_mid: '1' }] } },
  'switch, old form': { request: 'switch', params: [], first: [{ body: watch }, accept], good: { feed: 2 } },
  'start': { request: 'start', first: [{ body: watch }], good: {}, jsep: answer() },
  'pause': { request: 'pause', first: [{ body: watch }, accept], good: {} },
  'leave of a subscriber': { request: 'leave', first: [{ body: watch }], good: {} },
};
// Each of them on a handle that is nobody, and on one whose turn it is not.
export const kOutOfTurn = ['join', 'joinandconfigure', 'publish', 'configure', 'unpublish', 'start', 'pause', 'subscribe', 'unsubscribe', 'update', 'switch', 'leave'];
export const kStates = {
  'nobody': [],
  'a publisher': [{ body: join }],
  'a subscriber': [{ body: watch }],
  'somebody kicked': [{ body: join }, { manage: { request: 'kick', ...lasting, secret: kSecret, id: 6 } }],
};

// On a handle of its own. A publisher is gone after, so that its id is free; of a subscriber's handles a janus that has to end
// them while it negotiates crashes now and then, so they stay.
export async function tryInRoom(side, manager, { first = [], jsep, body, text }) {
  const handle = await side.session.attach(manager.plugin);
  for (const step of first) await (step.manage ? side.message(manager, step.manage) : side.message(handle, step.body, step));
  const reply = await side.message(handle, body, { jsep, text });
  // A janus lets go of a publisher some time after a detach, and after a leave before it answers.
  if (![...first, { body }].some((step) => step.body?.ptype === 'subscriber')) {
    await side.message(handle, { request: 'leave' });
    await handle.detach();
  }
  return reply;
}
