// The native test peers (tests/support/peer) as a process with a report.
import { inBuild } from './paths.mjs';
import { Process } from './process.mjs';

// For runs on a link with loss: the peers' libnice 0.1.21 checks consent about every 5 s and gives a connection up 10 s after the last
// answer (RFC 7675 section 5.1 and later versions: 30 s), so that one lost check can end it.
export const kWithinConsent = { seconds: 7, drain: 2 };

export class NativePeers {
  // options: { room, seconds, count, publish, subscribe, 'vanish-after': 5, ... }: the tool's own, true for a flag.
  constructor(gateway, options) {
    const all = { url: gateway.url, bind: gateway.mediaAddress, ...options };
    const args = Object.entries(all).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
    this.process = new Process(inBuild('cardea-test-peer'), args);
  }

  async report() {
    const { code } = await this.process.exited;
    if (!this.process.stdout.startsWith('{')) throw new Error(`the native peers ended with ${code} and no report:\n${this.process.log()}`);
    return JSON.parse(this.process.stdout);
  }
  stop() { return this.process.stop('SIGKILL'); }
}

export const runPeers = (gateway, options) => new NativePeers(gateway, options).report();

export const subscriptionsOf = (report) => report.peers.flatMap((peer) => peer.subscriptions);
export const streamsOf = (report) => subscriptionsOf(report).flatMap((subscription) => subscription.streams);

// Positions of packets that never came and that a decoder needs. Each has many tries; only what is still missing when a keyframe begins
// may be given up: nobody needs it any more.
export const missedByDecoder = ({ lost_at: lost, keyframes_at: keyframes }) =>
  lost.filter((position) => !keyframes.some((keyframe) => keyframe > position && keyframe - position < 60));

// What must hold for every stream of a run on a link without loss.
export function complaintsAbout(report) {
  const complaints = report.peers.flatMap((peer) => peer.problems.map((problem) => `${peer.name}: ${problem}`));
  for (const peer of report.peers) {
    for (const stream of peer.subscriptions.flatMap((subscription) => subscription.streams)) {
      const name = `${peer.name}, ${stream.kind} of ${stream.feed}`;
      if (stream.packets === 0) complaints.push(`${name}: nothing came`);
      for (const key of ['lost', 'stamps_lost', 'damaged', 'duplicates', 'stamp_duplicates'])
        if (stream[key] > 0) complaints.push(`${name}: ${key} ${stream[key]}`);
    }
  }
  return complaints;
}
