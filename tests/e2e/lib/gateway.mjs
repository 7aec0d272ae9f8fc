// The real daemon, with a configuration and a state directory of its own, on ports that were free a moment ago.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Link } from './link.mjs';
import { inBuild } from './paths.mjs';
import { freeUdpPorts } from './ports.mjs';
import { Process } from './process.mjs';

const kStopTime = 5000; // what the gateway promises for SIGTERM
const kWorkers = 2;
const kAddress = '127.0.0.1';

// Values of --set are written as libconfig, which takes JSON's scalars and lists of them.
const overrides = (set) => Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`]);

function configuration({ state, base, workers, announce, linkedAddress }) {
  const mapped = announce.map(({ local, shown }) => `{ local = "${local}"; public = [ "${shown}" ]; }`).join(', ');
  return `state_dir = "${state}";
media: { workers = ${workers}; base_port = ${base}; addresses = [ "${linkedAddress}" ]; announce = ( ${mapped} ); };
websocket: { port = 0; secure_port = -1; addresses = [ "${kAddress}" ]; };
http: { port = 0; secure_port = -1; addresses = [ "${kAddress}" ]; };
`;
}

async function startLink(base, workers, options) {
  const front = await freeUdpPorts(workers);
  const pairs = Array.from({ length: workers }, (_, k) => ({ listen: `${kAddress}:${front + k}`, target: `${kAddress}:${base + k}` }));
  return { link: await Link.start(pairs, options), announce: pairs.map(({ listen, target }) => ({ local: target, shown: listen })) };
}

const portOf = async (child, module) => Number((await child.line(new RegExp(`listening.*module="?${module}"?.*port="?(\\d+)`), 30000))[1]);

// set: { 'api.secret': 'x' }; link: true or { seed } puts the link simulator between clients and the gateway;
// modules: { 'videoroom.cfg': text } are files beside the main one.
export async function startGateway({ set = {}, link: linkOptions = null, workers = kWorkers, modules = {}, env = {} } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'cardea-e2e-'));
  const base = await freeUdpPorts(workers);
  const { link, announce } = linkOptions ? await startLink(base, workers, linkOptions === true ? {} : linkOptions) : { link: null, announce: [] };
  const file = join(directory, 'cardea.cfg');
  writeFileSync(file, configuration({ state: join(directory, 'state'), base, workers, announce, linkedAddress: kAddress }));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(directory, name), text);
  const child = new Process(inBuild('cardea'), ['--config', file, ...overrides(set)], { env });
  await child.line(/gateway ready/, 30000);
  const httpUrl = `http://${kAddress}:${await portOf(child, 'http')}`;
  return {
    kind: 'cardea',
    url: `ws://${kAddress}:${await portOf(child, 'websocket')}/`,
    httpUrl,
    mediaAddress: kAddress,
    mediaPorts: Array.from({ length: workers }, (_, k) => base + k),
    process: child,
    link,
    stateDirectory: join(directory, 'state'),
    log: (last) => child.log(last),
    // { sessions, handles, peers, ... }
    counts: async () => (await fetch(`${httpUrl}/healthz`)).json(),
    // As a crash would end it.
    kill: async () => {
      await child.stop('SIGKILL');
      await link?.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    stop: async () => {
      const status = await child.stop('SIGTERM', kStopTime + 10000);
      await link?.stop();
      rmSync(directory, { recursive: true, force: true });
      assert.equal(status.code, 0, `the gateway ended with ${JSON.stringify(status)}:\n${child.log()}`);
      assert.ok(status.milliseconds < kStopTime, `the gateway took ${status.milliseconds} ms to stop`);
      return status;
    },
  };
}
