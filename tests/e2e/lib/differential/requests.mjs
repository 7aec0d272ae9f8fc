// Where each request of VideoRoom is tried: what has to be there before, a body that works, and what is taken away after.
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

// Bodies that work for requests that are answered at once.
export const kManagement = {
  create: { before: async () => {}, good: { room: kRoom, description: 'd', secret: kSecret, publishers: 4, allowed: ['a'] } },
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
};

// One request with one changed argument: a room of its own, the request, the room gone.
export async function tryManagement(side, handle, { name, body, text }) {
  const { before = create, inside } = kManagement[body.request];
  await before(side, handle);
  const inRoom = inside ? await side.session.attach(handle.plugin) : null;
  if (inRoom) await side.message(inRoom, { request: 'join', ptype: 'publisher', ...room, id: 5, display: 'five' });
  const reply = await side.message(handle, body, { text });
  if (inRoom) await inRoom.detach();
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
