// The unmodified Nextcloud signaling server between a gateway and Nextclouds, with its own message queue, all on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findNats } from './hpb_packages.mjs';
import { freeTcpPort } from './ports.mjs';
import { eventually, Process } from './process.mjs';

export const kCaps = { stream: 1024 * 1024, screen: 2 * 1024 * 1024 }; // what the server gives rooms by default, bits per second

// A gateway, or proxies that have one each: { urls, token } with the server's own Token.
const mcu = ({ gatewayUrl, proxies }) => (proxies
  ? `type = proxy\nurltype = static\nurl = ${proxies.urls.join(' ')}\ntoken_id = ${proxies.token.id}\ntoken_key = ${proxies.token.privateFile}`
  : `type = janus\nurl = ${gatewayUrl}`);

function configuration({ port, natsPort, nextclouds, countries, ...media }) {
  const backends = nextclouds.map(({ url, secret }, i) => `[backend-${i}]\nurl = ${url}\nsecret = ${secret}\n`);
  return `[http]
listen = 127.0.0.1:${port}
[app]
debug = false
[sessions]
hashkey = 0123456789abcdef0123456789abcdef
blockkey = fedcba9876543210fedcba9876543210
[clients]
internalsecret = internal-secret-of-the-tests
[backend]
backends = ${nextclouds.map((_, i) => `backend-${i}`).join(', ')}
timeout = 10
connectionsperhost = 8
${backends.join('')}[nats]
url = nats://127.0.0.1:${natsPort}
[mcu]
${mcu(media)}
maxstreambitrate = ${kCaps.stream}
maxscreenbitrate = ${kCaps.screen}
[geoip-overrides]
${Object.entries(countries).map(([address, country]) => `${address} = ${country}`).join('\n')}
`;
}

// countries: { address of clients: country }
export async function startHpb({ server, gatewayUrl, proxies, nextclouds, countries = {} }) {
  const directory = mkdtempSync(join(tmpdir(), 'hpb-'));
  const [port, natsPort] = [await freeTcpPort(), await freeTcpPort()];
  const nats = new Process(await findNats(), ['-a', '127.0.0.1', '-p', String(natsPort)]);
  await nats.line(/Server is ready/);
  const file = join(directory, 'server.conf');
  writeFileSync(file, configuration({ port, natsPort, gatewayUrl, proxies, nextclouds, countries }));
  const child = new Process(server, ['-config', file]);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/api/v1/welcome`)).ok, { what: 'the signaling server' });
  await child.line(proxies ? /Using proxy MCU/ : /Using janus MCU/);
  for (const nextcloud of nextclouds) nextcloud.signaling = url;
  return {
    url,
    port,
    socketUrl: `ws://127.0.0.1:${port}/spreed`,
    process: child,
    log: (last) => child.log(last),
    count: (pattern) => child.lines.filter((line) => pattern.test(line)).length,
    // { rooms, sessions, mcu: { connected, publishers, ... } }
    stats: async () => (await fetch(`${url}/api/v1/stats`)).json(),
    stop: async () => {
      await child.stop('SIGINT');
      await nats.stop('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
