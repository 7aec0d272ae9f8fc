// The sizes of the product's own sizing page, as arguments of cardea-load.
export function scenarios(seconds) {
  const flow = ['--seconds', seconds, '--warm-up', 3];
  const webinar = [10, 100, 300].map((n) => ({ group: 'webinar', name: `webinar, ${n} watching`, load: ['--subscribers', n, ...flow] }));
  const meetings = [10, 30, 100].map((n) => ({ group: 'meetings', name: `${n} meetings of 3`, load: ['--rooms', n, '--publishers', 3, '--subscribers', 2, ...flow] }));
  const everybody = [9, 20, 30, 50].map((n) => ({ group: 'everybody', name: `${n} people, all publishing`, load: ['--publishers', n, '--subscribers', n - 1, ...flow] }));
  return [
    ...webinar, ...meetings, ...everybody,
    { group: 'audio', name: 'audio only, 100 listening', load: ['--video-kbps', 0, '--subscribers', 100, ...flow] },
    { group: 'storm', name: 'join storm, 200 at once', load: ['--inflight', 0, '--subscribers', 200, '--seconds', 1, '--warm-up', 1] },
  ];
}

export const smoke = [
  { group: 'webinar', name: 'webinar, 3 watching', load: ['--subscribers', 3, '--seconds', 1, '--warm-up', 0.5] },
  { group: 'meetings', name: '2 meetings of 2', load: ['--rooms', 2, '--publishers', 2, '--subscribers', 1, '--seconds', 1, '--warm-up', 0.5] },
  { group: 'audio', name: 'audio only, 2 listening', load: ['--video-kbps', 0, '--subscribers', 2, '--seconds', 1, '--warm-up', 0.5] },
];
