// The gateways of the comparison, each pinned to the same core, and the load on one of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { startOracle } from '../../e2e/lib/oracle.mjs';
import { inBuild } from '../../e2e/lib/paths.mjs';
import { freeTcpPort, freeUdpPorts, untilListening } from '../../e2e/lib/ports.mjs';
import { Process } from '../../e2e/lib/process.mjs';

const kGatewayCore = cpus().length > 1 ? 1 : 0;
const kGeneratorCore = 0;
// Janus takes a port for each peer connection, and 50 people who all publish are 2,500.
const kJanusPorts = 2600;

const outerAddress = () => Object.values(networkInterfaces()).flat().find((each) => each.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1';
const pinned = (core, command, args) => ['taskset', ['-c', String(core), command, ...args]];

async function startCardea(more = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'cardea-compare-'));
  const [port, media] = [await freeTcpPort(), await freeUdpPorts(1, outerAddress())];
  const settings = {
    state_dir: directory, 'log.level': 'warn', 'modules.enable': ['websocket', 'videoroom'], 'media.workers': 1, 'media.base_port': media,
    'media.addresses': [outerAddress()], 'websocket.port': port, 'websocket.secure_port': -1, 'websocket.addresses': ['127.0.0.1'], ...more,
  };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`]);
  const child = new Process(...pinned(kGatewayCore, inBuild('cardea'), set));
  const stop = async () => {
    await child.stop('SIGTERM', 10000);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await untilListening(port, child);
  } catch (problem) {
    await stop(); // or it would run beside the next one
    throw problem;
  }
  return { url: `ws://127.0.0.1:${port}/`, pid: child.pid, stop };
}

async function startJanus(general = '') {
  // Set before the threads are there, so that all of them are on that core.
  const prefix = ['taskset', '-c', String(kGatewayCore)];
  const oracle = await startOracle({ iceLite: false, general, prefix, debugLevel: 3, mediaPorts: kJanusPorts });
  return { url: oracle.url, pid: oracle.process.pid, stop: oracle.stop };
}

const starters = {
  janus: () => startJanus(),
  'janus-one-loop': () => startJanus('event_loops = 1;'),
  cardea: () => startCardea(),
  'cardea-ipsec-mb': () => startCardea({ 'media.srtp': 'ipsec-mb' }),
};

// The floor of this machine for the same shape. It has no signalling, so a storm means nothing to it.
const kShape = ['--rooms', '--publishers', '--subscribers', '--video-kbps', '--seconds'];
async function measureLimit(load) {
  if (load.includes('--inflight')) return { error: 'no set-up' };
  const shape = load.map(String).filter((each, index, all) => kShape.includes(each) || kShape.includes(all[index - 1]));
  const cores = ['--forwarder-core', String(kGatewayCore), '--generator-core', String(kGeneratorCore)];
  const run = new Process(inBuild('cardea-limit'), [...shape, ...cores, '--address', outerAddress()]);
  const { code } = await run.exited;
  if (code !== 0) return { error: run.log(3) };
  const { forwarded, received, ...server } = JSON.parse(run.stdout);
  return { server, packets: { forwarded, lost_per_cent: 100 * (1 - received / forwarded), damaged: 0 } };
}

export const allGateways = [...Object.keys(starters), 'limit'];

export async function measure(gateway, load) {
  if (gateway === 'limit') return measureLimit(load);
  const running = await starters[gateway]();
  try {
    const args = ['--url', running.url, '--pid', String(running.pid), '--bind', outerAddress(), ...load.map(String)];
    const generator = new Process(...pinned(kGeneratorCore, inBuild('cardea-load'), args));
    const { code } = await generator.exited;
    return code === 0 ? JSON.parse(generator.stdout) : { error: generator.log(3) };
  } finally {
    await running.stop();
  }
}
