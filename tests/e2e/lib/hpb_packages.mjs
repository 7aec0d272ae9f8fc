// The Nextcloud signaling server, its proxy and its message queue, as Debian has them.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { run, Suite } from './debian.mjs';
import { foreign } from './paths.mjs';

const kServer = 'nextcloud-spreed-signaling';
const kProxy = 'nextcloud-spreed-signaling-proxy'; // of the same source
const kPrograms = { [kServer]: 'usr/bin/nextcloud-spreed-signaling-server', [kProxy]: 'usr/bin/nextcloud-spreed-signaling-proxy' };
// In the order of preference: what Debian 12 itself has (0.4.1) refuses every offer.
const kSuites = [{ suite: 'unstable', series: /^2\./ }, { suite: 'bookworm-backports', series: /^1\./ }];
const kWithRemoteStreams = kSuites.slice(0, 1); // no 1.2 lets proxies hand streams to each other

const programOf = (name, version) => join(foreign, name, version, kPrograms[name]);
const unpacked = (name) => {
  const home = join(foreign, name);
  if (!existsSync(home)) return [];
  return readdirSync(home).filter((version) => existsSync(programOf(name, version))).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
};
// Versions that every one of the packages is there in, the newest first.
const complete = (names) => unpacked(names[0]).filter((version) => names.every((name) => existsSync(programOf(name, version))));

async function fetchAll(names, { suite: name, series }) {
  const suite = await Suite.open(name);
  for (const each of names) {
    const version = await suite.version(each);
    if (!version || !series.test(version)) throw new Error(`${name} has ${each} ${version ?? 'not at all'}`);
    if (unpacked(each).includes(version)) continue;
    const folder = join(foreign, each, version);
    mkdirSync(join(folder, '..'), { recursive: true });
    await suite.unpack(each, folder);
    await run(programOf(each, version), ['-version']);
  }
}

async function find(names, suites) {
  const reasons = [];
  const present = () => complete(names).filter((version) => suites.some(({ series }) => series.test(version)));
  for (const candidate of present().length > 0 ? [] : suites) {
    try {
      await fetchAll(names, candidate);
      break;
    } catch (error) {
      reasons.push(`${candidate.suite}: ${error.message.split('\n')[0]}`);
    }
  }
  return { version: present()[0], reasons };
}

// { version, server, reasons }: without a server `reasons` says what was tried.
export async function findServer() {
  const { version, reasons } = await find([kServer], kSuites);
  return { version, server: version && programOf(kServer, version), reasons };
}

// { version, server, proxy, reasons }: the two of one version.
export async function findServerAndProxy() {
  const { version, reasons } = await find([kServer, kProxy], kWithRemoteStreams);
  return { version, server: version && programOf(kServer, version), proxy: version && programOf(kProxy, version), reasons };
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
