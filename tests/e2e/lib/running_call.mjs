// A call that runs while something else happens to the gateway, and says whether it noticed.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { e2e } from './paths.mjs';
import { Process, eventually } from './process.mjs';

const kStreams = 4;
const kLongestPause = 1500; // milliseconds; a consent check or a late turn of this machine, not an outage

export class RunningCall {
  // fields: part of every request; create, join: of those.
  static async start(url, { fields = {}, create = {}, join: joining = {} } = {}) {
    const call = new RunningCall();
    call.process = new Process(process.execPath, [join(e2e, 'lib', 'call_process.mjs'), url, JSON.stringify({ fields, create, join: joining })]);
    await eventually(() => call.streams().length === kStreams && call.streams().every(({ received }) => received > 20), { what: 'a running call' });
    return call;
  }

  streams() {
    const last = this.process.lines.findLast((line) => line.startsWith('{"streams"'));
    return last ? JSON.parse(last).streams : [];
  }

  // Every stream goes on, and no packet has been lost since the call began.
  async assertUnharmed(packets = 25) {
    const before = this.streams();
    await eventually(() => this.streams().every(({ received }, i) => received >= before[i].received + packets), { what: 'the call going on' });
    for (const stream of this.streams()) {
      assert.equal(stream.missing, 0, JSON.stringify(stream));
      assert.ok(stream.longestPause < kLongestPause, JSON.stringify(stream));
    }
  }

  line(pattern, within) { return this.process.line(pattern, within); }
  stop() { return this.process.stop('SIGKILL'); }
}
