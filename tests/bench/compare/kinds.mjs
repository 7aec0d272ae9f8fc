// What is looked at in each kind of scenario: the columns of its table, the line while it runs, and whether a result is complete.
const cpuPerCent = ['CPU % of a core', (r) => r.server.cpu_per_cent_of_a_core];
const threads = ['threads', (r) => r.server.threads, 0];
const descriptors = ['descriptors', (r) => r.server.descriptors, 0];

const mediaColumns = [
  ['CPU us per packet', (r) => r.server.cpu_us_per_forwarded_packet, 2],
  [...cpuPerCent, 0],
  ['lost %', (r) => r.packets.lost_per_cent, 2],
  ['not forwarded %', (r) => r.packets.not_forwarded_per_cent, 1],
  ['audio lost %', (r) => r.audio.lost_per_cent, 2],
  ['audio p99 ms', (r) => r.audio.latency_ms.p99, 1],
  ['latency p50 ms', (r) => r.latency_ms.p50, 1],
  ['p99 ms', (r) => r.latency_ms.p99, 1],
  ['set-up p50 ms', (r) => r.setup_ms.p50, 0],
  ['p99 ms', (r) => r.setup_ms.p99, 0],
  ['CPU ms per set-up', (r) => r.server.cpu_us_per_setup / 1000, 2],
  ['RSS KiB per peer', (r) => r.server.rss_kib_per_peer, 0],
  threads,
  ['generator %', (r) => r.generator.cpu_per_cent_of_a_core, 0],
];
const hasMedia = (r) => r.packets.forwarded > 0 && r.packets.damaged === 0 && !(r.subscribers_without_media > 0);
const hasData = (r) => !r.data || (r.data.received > 0 && r.data.damaged === 0 && r.data.subscribers_without === 0);
const positive = (...values) => values.every((value) => value > 0);

export const kinds = {
  media: {
    columns: mediaColumns,
    line: ({ server, packets }) => `${server.cpu_us_per_forwarded_packet.toFixed(2)} us/packet, ${packets.lost_per_cent.toFixed(2)} % lost`,
    isComplete: hasMedia,
  },
  peers: {
    title: 'Peers of a call: audio, video and with or without data',
    columns: [
      ['RSS KiB per peer', (r) => r.server.rss_kib_per_peer, 0],
      ['threads per peer', (r) => r.server.threads_per_peer, 2],
      ['descriptors per peer', (r) => r.server.descriptors_per_peer, 2],
      [...cpuPerCent, 0],
      ['lost %', (r) => r.packets.lost_per_cent, 2],
      ['data sent', (r) => r.data.sent, 0],
      ['data received', (r) => r.data.received, 0],
    ],
    line: ({ server, data }) => `${server.rss_kib_per_peer.toFixed(0)} KiB/peer${data ? `, ${data.sent} messages became ${data.received}` : ''}`,
    isComplete: (r) => hasMedia(r) && hasData(r),
  },
  idle: {
    title: 'Idle peers',
    columns: [[...cpuPerCent, 2], ['RSS KiB per peer', (r) => r.server.rss_kib_per_peer, 0], threads, descriptors],
    line: ({ server }) => `${server.cpu_per_cent_of_a_core.toFixed(2)} % of a core`,
    isComplete: (r) => r.packets.forwarded === 0 && positive(r.shape.subscribers, r.server.cpu_per_cent_of_a_core, r.server.rss_kib),
  },
  sessions: {
    title: 'Idle sessions with a handle each',
    columns: [
      ['sessions', (r) => r.sessions, 0],
      ['CPU us per set-up', (r) => r.server.cpu_us_per_session, 0],
      ['RSS KiB per session', (r) => r.server.rss_kib_per_session, 1],
      ['idle CPU % of a core', (r) => r.server.idle_cpu_per_cent_of_a_core, 2],
      threads, descriptors,
    ],
    line: ({ sessions, wanted, refused, server }) => `${sessions} of ${wanted} sessions${refused ? ` (${refused})` : ''}, ${server.idle_cpu_per_cent_of_a_core.toFixed(2)} % of a core`,
    isComplete: (r) => r.sessions === r.wanted && positive(r.server.cpu_us_per_session, r.server.threads, r.server.descriptors),
  },
  cycles: {
    title: 'Request rate: create, attach, join, destroy',
    columns: [
      ['CPU us per cycle', (r) => r.server.cpu_us_per_cycle, 0],
      ['cycles per second', (r) => r.cycles_per_second, 0],
      ['RSS MiB after', (r) => r.server.rss_kib / 1024, 0],
    ],
    line: ({ server }) => `${server.cpu_us_per_cycle.toFixed(0)} us/cycle`,
    isComplete: (r) => positive(r.cycles, r.cycles_per_second, r.server.cpu_us_per_cycle),
  },
};
