// The seeded link simulator between clients and the gateway (tests/support/link): its process and its commands.
import { inBuild } from './paths.mjs';
import { Process } from './process.mjs';

export class Link {
  #replies = [];

  // pairs: [{ listen: 'ip:port', target: 'ip:port' }]
  static async start(pairs, { seed = 1 } = {}) {
    const link = new Link();
    const args = pairs.flatMap(({ listen, target }) => ['--listen', listen, '--target', target]);
    link.process = new Process(inBuild('cardea-link-sim'), [...args, '--seed', String(seed)], { stdin: 'pipe' });
    await link.process.line(/"ready":true/);
    link.#replies = 1; // the ready line
    return link;
  }

  // Commands are answered in order, one line each.
  async command(text) {
    const index = this.#replies++;
    this.process.child.stdin.write(`${text}\n`);
    const end = Date.now() + 5000;
    while (this.process.lines.length <= index) {
      if (Date.now() > end || !this.process.isRunning) throw new Error(`link simulator: no answer to "${text}"`);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
    const reply = JSON.parse(this.process.lines[index]);
    if (reply.ok === false) throw new Error(`link simulator: bad command "${text}"`);
    return reply;
  }

  set(direction, settings) {
    return Promise.all(Object.entries(settings).map(([key, value]) => this.command(`set ${direction} ${key} ${value}`)));
  }
  rebind() { return this.command('rebind'); }
  block(direction = 'both') { return this.command(`block ${direction}`); }
  unblock(direction = 'both') { return this.command(`unblock ${direction}`); }
  dropChecks(direction = 'both') { return this.command(`stun drop ${direction}`); }
  passChecks(direction = 'both') { return this.command(`stun pass ${direction}`); }
  stats() { return this.command('stats'); }

  async stop() {
    this.process.child.stdin.end(); // it lives as long as its input
    await this.process.exited;
  }
}
