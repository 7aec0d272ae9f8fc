// Replies of two gateways, made comparable: what each draws for itself is replaced, and texts for people are left out.
import { readFileSync } from 'node:fs';

const kDrawn = 1e6; // smaller numbers are chosen by the tests
const kTexts = new Set(['error', 'reason', 'hint']);
const kPerGateway = new Set(['session_id', 'sender', 'handle_id', 'transaction', 'private_id', 'local_rtcp_port']);
const kSets = new Set(['allowed', 'list', 'participants', 'publishers', 'attendees']);

const described = (sdp) => [...sdp.matchAll(/^m=(\w+) (\d+)|^a=(sendrecv|sendonly|recvonly|inactive)/gm)]
  .map(([, kind, port, direction]) => direction ?? (port === '0' ? `${kind} refused` : kind)).join(' ');

function normalised(value, key) {
  if (Array.isArray(value)) {
    const list = value.map((each) => normalised(each));
    return kSets.has(key) ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;
  }
  if (value && typeof value === 'object') {
    if ('rtcp_port' in value && 'id' in value) value = { ...value, ip: '<ip>', port: '<port>', rtcp_port: '<port>' }; // a remote publisher listens there
    const names = Object.keys(value).filter((name) => !(kTexts.has(name) && typeof value[name] === 'string')).sort();
    return Object.fromEntries(names.map((name) => [name, normalised(value[name], name)]));
  }
  if (kPerGateway.has(key) || key?.endsWith('stream_id')) return `<${key}>`;
  if (key === 'sdp') return described(value);
  if (Number.isInteger(value) && value > kDrawn) return '<drawn>';
  return value;
}

export const normalise = (reply) => (reply === null ? 'no reply' : JSON.stringify(normalised(reply)));

// What a gateway answered: an error code, "ok" for no error, or a part of the text; undefined: anything.
function says(text, wish) {
  if (wish === undefined) return true;
  if (wish === 'ok') return text !== 'no reply' && !/"(error_)?code":\d/.test(text);
  return text.includes(typeof wish === 'number' ? `code":${wish}` : wish);
}
const patternOf = (text) => new RegExp(`^${text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);

// Known differences: [{ "reason", "janus"?, "cardea"? (see says()), "cases": [names with * for anything] }]. One that is never met
// is a difference too: the list must not outlive what it describes.
export class Accepted {
  constructor(file) {
    this.entries = JSON.parse(readFileSync(file, 'utf8')).flatMap(({ cases, ...entry }) =>
      cases.map((name) => ({ ...entry, name, pattern: patternOf(name), met: 0 })));
  }

  explains(name, janus, cardea) {
    const entry = this.entries.find((each) => each.pattern.test(name) && says(janus, each.janus) && says(cardea, each.cardea));
    if (entry) entry.met += 1;
    return entry !== undefined;
  }

  unmet() { return this.entries.filter(({ met }) => met === 0).map(({ name, reason }) => `${name} (${reason})`); }
}
