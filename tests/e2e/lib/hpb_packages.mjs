// The Nextcloud signaling server and its message queue, as Debian has them.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { run, Suite } from './debian.mjs';
import { foreign } from './paths.mjs';

const kServer = 'nextcloud-spreed-signaling';
const kWithin = 'usr/bin/nextcloud-spreed-signaling-server';
// In the order of preference: what Debian 12 itself has (0.4.1) refuses every offer.
const kSuites = [{ suite: 'unstable', series: /^2\./ }, { suite: 'bookworm-backports', series: /^1\./ }];

const unpacked = () => {
  const home = join(foreign, kServer);
  if (!existsSync(home)) return [];
  return readdirSync(home).filter((version) => existsSync(join(home, version, kWithin))).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
};

async function fetchServer({ suite: name, series }) {
  const suite = await Suite.open(name);
  const version = await suite.version(kServer);
  if (!version || !series.test(version)) throw new Error(`${name} has ${version ?? 'none'}`);
  const folder = join(foreign, kServer, version);
  mkdirSync(join(folder, '..'), { recursive: true });
  await suite.unpack(kServer, folder);
  await run(join(folder, kWithin), ['-version']);
}

// { version, server, reasons }: without a server `reasons` says what was tried.
export async function findServer() {
  const reasons = [];
  for (const candidate of unpacked().length > 0 ? [] : kSuites) {
    try {
      await fetchServer(candidate);
      break;
    } catch (error) {
      reasons.push(`${candidate.suite}: ${error.message.split('\n')[0]}`);
    }
  }
  const [version] = unpacked();
  return { version, server: version && join(foreign, kServer, version, kWithin), reasons };
}

export async function findNats() {
  const folder = join(foreign, 'nats-server');
  const program = join(folder, 'usr/sbin/nats-server');
  if (!existsSync(program)) {
    const archives = join(foreign, 'nats-server-archives');
    mkdirSync(archives, { recursive: true });
    await run('apt-get', ['-qq', 'download', 'nats-server'], { cwd: archives });
    await run('sh', ['-c', `dpkg-deb -x "${archives}"/*.deb "${folder}"`]);
  }
  return program;
}
