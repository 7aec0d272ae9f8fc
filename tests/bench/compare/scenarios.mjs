// The sizes of the product's own sizing page, as arguments of cardea-load. `kind` is what is looked at (kinds.mjs), `gateways` leaves
// out those to which it means nothing, `shape` and `size` make one line of CPU per packet by size.
const kServers = ['janus', 'janus-one-loop', 'cardea'];
const kOwn = ['cardea', 'limit'];

// Rooms of one publisher and three who watch, at a rate at which 300 of them fit a core.
const room = ['--publishers', 1, '--subscribers', 3, '--video-kbps', 300];
const flatness = (watching, rooms, flow) => [
  ...watching.map((size) => ({ shape: 'one room, N watching', size, name: `one room, ${size} watching`, load: ['--subscribers', size, ...flow] })),
  ...rooms.map((size) => ({ shape: 'N rooms of 1 and 3', size, name: `${size} rooms of 1 and 3`, load: ['--rooms', size, ...room, ...flow] })),
].map((each) => ({ group: 'flat', gateways: kOwn, ...each }));

export function scenarios(seconds) {
  const flow = ['--seconds', seconds, '--warm-up', 3];
  const webinar = [10, 100, 300].map((n) => ({ group: 'webinar', name: `webinar, ${n} watching`, load: ['--subscribers', n, ...flow] }));
  const meetings = [10, 30, 100].map((n) => ({ group: 'meetings', name: `${n} meetings of 3`, load: ['--rooms', n, '--publishers', 3, '--subscribers', 2, ...flow] }));
  const everybody = [9, 20, 30, 50].map((n) => ({ group: 'everybody', name: `${n} people, all publishing`, load: ['--publishers', n, '--subscribers', n - 1, ...flow] }));
  const peers = [[], ['--data']].map((data) => ({
    group: 'peers', kind: 'peers', gateways: kServers, name: `100 watching, ${data.length > 0 ? 'with' : 'without'} data`,
    load: ['--subscribers', 100, '--warm-up', 1, '--seconds', 9, ...data],
  }));
  return [
    ...webinar, ...meetings, ...everybody,
    { group: 'simulcast', gateways: ['janus', 'janus-one-loop', 'cardea', 'cardea-ipsec-mb'], name: 'simulcast, 90 watching', load: ['--simulcast', '--subscribers', 90, ...flow] },
    { group: 'audio', name: 'audio only, 100 listening', load: ['--video-kbps', 0, '--subscribers', 100, ...flow] },
    { group: 'storm', name: 'join storm, 200 at once', load: ['--inflight', 0, '--subscribers', 200, '--seconds', 1, '--warm-up', 1] },
    ...peers,
    { group: 'idle', kind: 'idle', gateways: kServers, name: '200 connected, no media', load: ['--silent', '--subscribers', 200, '--warm-up', 5, '--seconds', 3 * seconds] },
    { group: 'sessions', kind: 'sessions', gateways: kServers, name: '10,000 sessions', load: ['--sessions', 10000, '--seconds', 3 * seconds] },
    { group: 'cycles', kind: 'cycles', gateways: kServers, name: '16 under way', load: ['--cycles', 10000, '--inflight', 16] },
    { group: 'cycles', kind: 'cycles', gateways: kServers, name: 'one at a time', load: ['--cycles', 3000, '--inflight', 1] },
    ...flatness([10, 100, 300, 1000], [1, 10, 100, 300], flow),
  ];
}

const brief = ['--seconds', 1, '--warm-up', 0.5];
const both = ['janus', 'cardea'];
export const smoke = [
  { name: 'webinar, 3 watching', load: ['--subscribers', 3, ...brief] },
  { name: '2 meetings of 2', load: ['--rooms', 2, '--publishers', 2, '--subscribers', 1, ...brief] },
  { gateways: both, name: 'simulcast, 3 watching', load: ['--simulcast', '--subscribers', 3, ...brief] },
  { name: 'audio only, 2 listening', load: ['--video-kbps', 0, '--subscribers', 2, ...brief] },
  { kind: 'peers', gateways: both, name: '2 watching, with data', load: ['--subscribers', 2, '--data', ...brief] },
  { kind: 'idle', gateways: both, name: '2 connected, no media', load: ['--silent', '--subscribers', 2, ...brief] },
  { kind: 'sessions', gateways: both, name: '20 sessions', load: ['--sessions', 20, '--seconds', 0.5] },
  { kind: 'cycles', gateways: both, name: '4 under way', load: ['--cycles', 20, '--inflight', 4] },
  ...flatness([2], [1, 2], ['--seconds', 0.5, '--warm-up', 0.2]).map((each) => ({ ...each, gateways: ['cardea'] })),
];
