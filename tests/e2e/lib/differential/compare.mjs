// Replies of two gateways, made comparable: what each draws for itself is replaced, and texts for people are left out.
import { readFileSync } from 'node:fs';

const kDrawn = 1e5; // smaller numbers in the tests are chosen by the test
const kTexts = new Set(['error', 'reason', 'hint']);
const kPerGateway = new Set(['session_id', 'sender', 'handle_id', 'transaction', 'private_id']);
const kSets = new Set(['allowed', 'list', 'participants', 'publishers', 'attendees']);

const described = (sdp) => [...sdp.matchAll(/^m=(\w+) (\d+)|^a=(sendrecv|sendonly|recvonly|inactive)/gm)]
  .map(([, kind, port, direction]) => direction ?? (port === '0' ? `${kind} refused` : kind)).join(' ');

function normalised(value, key) {
  if (Array.isArray(value)) {
    const list = value.map((each) => normalised(each));
    return kSets.has(key) ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;
  }
  if (value && typeof value === 'object') {
    const names = Object.keys(value).filter((name) => !(kTexts.has(name) && typeof value[name] === 'string')).sort();
    return Object.fromEntries(names.map((name) => [name, normalised(value[name], name)]));
  }
  if (kPerGateway.has(key)) return `<${key}>`;
  if (key === 'sdp') return described(value);
  if (Number.isInteger(value) && value > kDrawn && !Number.isSafeInteger(value / 1000)) return '<drawn>';
  return value;
}

export const normalise = (reply) => (reply === null ? 'no reply' : JSON.stringify(normalised(reply)));

// Known differences: [{ "case": text with * for anything, "janus", "cardea" (substrings, optional), "reason" }]. One that is
// never met is a difference too: the list must not outlive what it describes.
export class Accepted {
  constructor(file) {
    this.entries = JSON.parse(readFileSync(file, 'utf8')).map((entry) => ({
      ...entry, met: 0, pattern: new RegExp(`^${entry.case.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`) }));
  }

  explains(name, janus, cardea) {
    const entry = this.entries.find((each) => each.pattern.test(name) && janus.includes(each.janus ?? '') && cardea.includes(each.cardea ?? ''));
    if (entry) entry.met += 1;
    return entry !== undefined;
  }

  unmet() { return this.entries.filter(({ met }) => met === 0).map(({ case: name, reason }) => `${name} (${reason})`); }
}
