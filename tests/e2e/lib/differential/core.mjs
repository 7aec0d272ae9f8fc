// Requests of the core: every verb with every field missing, of a wrong type, of nobody, and twice.
import { answer, offer } from '../offer.mjs';

const kNobody = 12345;
const kBad = { string: [5, true, {}, null], integer: ['x', -1, 1.5, {}, null, 2 ** 53 - 1], object: ['x', 5, [], null] };

// A verb with what it needs; SESSION and HANDLE stand for the ids of either side.
const kVerbs = {
  info: {}, ping: {}, create: {},
  keepalive: { session_id: 'SESSION' },
  claim: { session_id: 'SESSION' },
  attach: { session_id: 'SESSION', plugin: 'janus.plugin.echotest', opaque_id: 'mine' },
  destroy: { session_id: 'SESSION' },
  detach: { session_id: 'SESSION', handle_id: 'HANDLE' },
  hangup: { session_id: 'SESSION', handle_id: 'HANDLE' },
  message: { session_id: 'SESSION', handle_id: 'HANDLE', body: { request: 'exists', room: 1 } },
  trickle: { session_id: 'SESSION', handle_id: 'HANDLE', candidate: { completed: true } },
};
const kTypes = { session_id: 'integer', handle_id: 'integer', plugin: 'string', opaque_id: 'string', body: 'object', candidate: 'object' };

function* fieldCases(verb, fields) {
  for (const name of Object.keys(fields)) {
    const { [name]: left, ...rest } = fields;
    yield { name: `${verb} without ${name}`, request: { janus: verb, ...rest } };
    for (const bad of kBad[kTypes[name]]) yield { name: `${verb}, ${name} = ${JSON.stringify(bad)}`, request: { janus: verb, ...fields, [name]: bad } };
    const first = JSON.stringify(kBad[kTypes[name]][0]);
    yield { name: `${verb}, ${name} twice`, request: { janus: verb, ...fields }, text: (json) => json.replace(`"${name}":`, `"${name}":${first},"${name}":`) };
    if (name.endsWith('_id') && name !== 'opaque_id') yield { name: `${verb}, ${name} of nobody`, request: { janus: verb, ...fields, [name]: kNobody } };
  }
}

const message = (fields) => ({ janus: 'message', session_id: 'SESSION', handle_id: 'HANDLE', body: { request: 'exists', room: 1 }, ...fields });
const trickle = (fields) => ({ janus: 'trickle', session_id: 'SESSION', handle_id: 'HANDLE', ...fields });
const kCandidate = { candidate: 'candidate:1 1 udp 2113937151 192.0.2.9 4444 typ host', sdpMid: '0', sdpMLineIndex: 0 };

const kMore = {
  'no verb': {}, 'a verb that is a number': { janus: 5 }, 'an unknown verb': { janus: 'dance' }, 'a verb in capitals': { janus: 'PING' },
  'an unknown verb of a session': { janus: 'dance', session_id: 'SESSION' },
  'an unknown verb of a handle': { janus: 'dance', session_id: 'SESSION', handle_id: 'HANDLE' },
  'a handle without its session': { janus: 'detach', handle_id: 'HANDLE' },
  'attach on a handle': { janus: 'attach', plugin: 'janus.plugin.echotest', session_id: 'SESSION', handle_id: 'HANDLE' },
  'attach to no such plugin': { janus: 'attach', plugin: 'janus.plugin.none', session_id: 'SESSION' },
  'attach, loop_index': { janus: 'attach', plugin: 'janus.plugin.echotest', session_id: 'SESSION', loop_index: 0 },
  'attach, loop_index is a text': { janus: 'attach', plugin: 'janus.plugin.echotest', session_id: 'SESSION', loop_index: 'x' },
  'destroy on a handle': { janus: 'destroy', session_id: 'SESSION', handle_id: 'HANDLE' },
  'message of a session': { janus: 'message', session_id: 'SESSION', body: {} },
  'keepalive of a handle': { janus: 'keepalive', session_id: 'SESSION', handle_id: 'HANDLE' },
  'create, an id of a wrong type': { janus: 'create', id: 'x' },
  'create, a negative id': { janus: 'create', id: -1 },
  'jsep is a text': message({ jsep: 'x' }), 'jsep is null': message({ jsep: null }), 'jsep is empty': message({ jsep: {} }),
  'jsep without sdp': message({ jsep: { type: 'offer' } }), 'jsep without type': message({ jsep: { sdp: 'x' } }),
  'jsep of an unknown type': message({ jsep: { type: 'pranswer', sdp: 'x' } }), 'jsep type is a number': message({ jsep: { type: 5, sdp: 'x' } }),
  'jsep sdp is a number': message({ jsep: { type: 'offer', sdp: 5 } }), 'jsep that is no SDP': message({ jsep: { type: 'offer', sdp: 'garbage' } }),
  'jsep, an answer to nothing': message({ jsep: answer() }), 'jsep, trickle is a number': message({ jsep: { ...offer(), trickle: 5 } }),
  'jsep, e2ee is a number': message({ jsep: { ...offer(), e2ee: 5 } }),
  'trickle with nothing': trickle({}), 'trickle with both': trickle({ candidate: kCandidate, candidates: [kCandidate] }),
  'trickle, a candidate': trickle({ candidate: kCandidate }), 'trickle, a list': trickle({ candidates: [kCandidate, { completed: true }] }),
  'trickle, an empty list': trickle({ candidates: [] }), 'trickle, a list that is none': trickle({ candidates: 'x' }),
  'trickle, a candidate without m-line': trickle({ candidate: { candidate: kCandidate.candidate } }),
  'trickle, a candidate that is a number': trickle({ candidate: { ...kCandidate, candidate: 5 } }),
  'trickle, a candidate that is nonsense': trickle({ candidate: { ...kCandidate, candidate: 'nonsense' } }),
  'trickle, an m-line that is a text': trickle({ candidate: { candidate: kCandidate.candidate, sdpMLineIndex: 'x' } }),
  'trickle, a mid that is a number': trickle({ candidate: { candidate: kCandidate.candidate, sdpMid: 5 } }),
};

function* coreCases() {
  for (const [verb, fields] of Object.entries(kVerbs)) {
    yield { name: verb, request: { janus: verb, ...fields } };
    yield* fieldCases(verb, fields);
  }
  for (const [name, request] of Object.entries(kMore)) yield { name, request };
  yield { name: 'a transaction that is a number', request: { janus: 'ping' }, text: (json) => json.replace(/"transaction":"([^"]*)"/, '"transaction":5') };
}
export const kCoreCases = [...coreCases()];

const kInfoOfOneGateway = new Set(['janus', 'session-timeout', 'reclaim-session-timeout', 'api_secret', 'auth_token', 'accepting-new-sessions']);

// On a session and a handle made for it.
export async function tryCore(side, { request, text }) {
  const { id: session } = await side.connection.createSession();
  const { data: { id: handle } } = await side.connection.request({ janus: 'attach', session_id: session, plugin: 'janus.plugin.videoroom' });
  const filled = JSON.parse(JSON.stringify(request).replaceAll('"SESSION"', session).replaceAll('"HANDLE"', handle));
  const reply = await side.askCore(filled, text);
  await side.ask({ janus: 'destroy', session_id: session });
  if (request.janus === 'create' && reply?.data) await side.ask({ janus: 'destroy', session_id: reply.data.id });
  if (reply?.janus !== 'server_info') return reply;
  return Object.fromEntries(Object.entries(reply).filter(([name]) => kInfoOfOneGateway.has(name)));
}
