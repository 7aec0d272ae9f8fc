// Gateways side by side under the same load: Debian's janus as shipped, the same with event_loops = 1, and Cardea. Runs alternate,
// every gateway is pinned to the same one core and the generator to another, and the result is a Markdown table of medians.
//   node compare.mjs [--rounds 3] [--seconds 10] [--only webinar,meetings] [--gateways janus,janus-one-loop,cardea,cardea-ipsec-mb,limit] [--out FILE] [--smoke]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, networkInterfaces, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startOracle } from '../../e2e/lib/oracle.mjs';
import { inBuild } from '../../e2e/lib/paths.mjs';
import { freeTcpPort, freeUdpPorts, untilListening } from '../../e2e/lib/ports.mjs';
import { Process } from '../../e2e/lib/process.mjs';

import { scenarios, smoke } from './scenarios.mjs';
import { table } from './table.mjs';

const kGatewayCore = cpus().length > 1 ? 1 : 0;
const kGeneratorCore = 0;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '10' }, only: { type: 'string' },
    gateways: { type: 'string', default: 'janus,janus-one-loop,cardea,cardea-ipsec-mb,limit' }, out: { type: 'string' }, smoke: { type: 'boolean', default: false },
  },
});

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
  await untilListening(port, child);
  return { url: `ws://127.0.0.1:${port}/`, pid: child.pid, stop: async () => { await child.stop('SIGTERM', 10000); rmSync(directory, { recursive: true, force: true }); } };
}

async function startJanus(general) {
  // Set before the threads are there, so that all of them are on that core.
  const oracle = await startOracle({ iceLite: false, general, prefix: ['taskset', '-c', String(kGatewayCore)], debugLevel: 3 });
  return { url: oracle.url, pid: oracle.process.pid, stop: oracle.stop };
}

const starters = {
  janus: () => startJanus('session_timeout = 0;'),
  'janus-one-loop': () => startJanus('session_timeout = 0; event_loops = 1;'),
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

async function measure(gateway, load) {
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

const chosen = options.smoke ? smoke : scenarios(Number(options.seconds)).filter(({ group }) => !options.only || options.only.split(',').includes(group));
const gateways = options.gateways.split(',');
const rounds = options.smoke ? 1 : Number(options.rounds);
const results = [];
for (const scenario of chosen) {
  for (let round = 0; round < rounds; ++round) {
    for (const gateway of gateways) {
      const result = await measure(gateway, scenario.load).catch((problem) => ({ error: problem.message }));
      results.push({ scenario: scenario.name, gateway, result });
      const { server, packets, error } = result;
      console.error(`${scenario.name}, ${gateway}: ${error ?? `${server.cpu_us_per_forwarded_packet.toFixed(2)} us/packet, ${packets.lost_per_cent.toFixed(2)} % lost`}`);
    }
  }
}
const { model } = cpus()[0];
const head = `Measured ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${model}), Linux ${release()}, ${rounds} round(s); medians, [least - most].\n\n`;
const text = head + table(chosen, gateways, results);
if (options.out) writeFileSync(options.out, text);
else process.stdout.write(text);
if (options.smoke) {
  const broken = results.filter(({ result }) => result.error || !(result.packets.forwarded > 0) || result.subscribers_without_media > 0 || result.packets.damaged > 0);
  for (const { scenario, gateway, result } of broken) console.error(`${scenario}, ${gateway}: ${JSON.stringify(result)}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
