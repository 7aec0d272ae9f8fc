// Child processes of the tests: started, watched, and ended by their pid.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const children = new Set();

// What a failed test left behind would keep the test run alive.
export function endProcesses() { for (const child of children) child.kill('SIGKILL'); }

// A test run that is cut short takes its children along.
process.on('exit', endProcesses);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

export class Process {
  #waiters = new Set();
  lines = [];
  stdout = '';

  constructor(command, args = [], { env = {}, cwd, stdin = 'ignore' } = {}) {
    this.name = command.split('/').pop();
    this.child = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: [stdin, 'pipe', 'pipe'] });
    children.add(this.child);
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        children.delete(this.child);
        resolve({ code, signal });
      });
    });
    this.exited.catch(() => {});
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.stdout += text; });
    for (const stream of [this.child.stdout, this.child.stderr]) this.#collect(stream);
  }

  get pid() { return this.child.pid; }
  get isRunning() { return this.child.exitCode === null && this.child.signalCode === null; }
  log(last = 60) { return this.lines.slice(-last).join('\n'); }

  #collect(stream) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop();
      for (const line of parts) {
        this.lines.push(line);
        for (const waiter of this.#waiters) waiter(line);
      }
    });
  }

  // The first line, past or future, that the pattern matches.
  async line(pattern, milliseconds = 20000) {
    const past = this.lines.map((line) => line.match(pattern)).find(Boolean);
    if (past) return past;
    return this.#future(pattern, milliseconds);
  }

  async #future(pattern, milliseconds) {
    let waiter;
    const seen = new Promise((resolve) => {
      waiter = (line) => { const match = line.match(pattern); if (match) resolve(match); };
      this.#waiters.add(waiter);
    });
    const timer = new AbortController();
    const ended = this.exited.then((status) => { throw new Error(`${this.name} ended (${JSON.stringify(status)}):\n${this.log()}`); });
    const late = sleep(milliseconds, null, { signal: timer.signal })
      .then(() => { throw new Error(`${this.name} never wrote ${pattern}:\n${this.log()}`); });
    ended.catch(() => {});
    late.catch(() => {});
    try {
      return await Promise.race([seen, ended, late]);
    } finally {
      timer.abort();
      this.#waiters.delete(waiter);
    }
  }

  // Ends it and says how long that took; SIGKILL after the time given counts as a failure of the caller's choice.
  async stop(signal = 'SIGTERM', milliseconds = 5000) {
    const start = Date.now();
    if (this.isRunning) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), milliseconds);
    const status = await this.exited;
    clearTimeout(timer);
    return { ...status, milliseconds: Date.now() - start };
  }

  openFiles() { return readdirSync(`/proc/${this.pid}/fd`).length; }
  threads() { return readdirSync(`/proc/${this.pid}/task`).length; }
  residentKiB() { return Number(readFileSync(`/proc/${this.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]); }
}

// Polls until `probe` returns something true, and returns that.
export async function eventually(probe, { within = 20000, every = 100, what = 'condition' } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${within} ms: ${what} (last: ${last instanceof Error ? last.stack : JSON.stringify(last)})`);
    await sleep(every);
  }
}
