// The signaling server's proxies: each stands before a gateway of its own and has streams of the others' sent there.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freeTcpPort } from './ports.mjs';
import { eventually, Process } from './process.mjs';

const kAddress = '127.0.0.1';

// What a server or a proxy shows to a proxy: an id, and that it has the key belonging to it.
export class Token {
  constructor(folder, id) {
    Object.assign(this, { id, privateFile: join(folder, `${id}.key`), publicFile: join(folder, `${id}.pub`) });
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(this.privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    writeFileSync(this.publicFile, publicKey.export({ type: 'spki', format: 'pem' }));
  }
}

const configuration = ({ port, country, token, known, gatewayUrl }) => `[http]
listen = ${kAddress}:${port}
[app]
country = ${country}
tokentype = static
hostname = ${kAddress}
token_id = ${token.id}
token_key = ${token.privateFile}
[tokens]
${known.map(({ id, publicFile }) => `${id} = ${publicFile}`).join('\n')}
[mcu]
type = janus
url = ${gatewayUrl}
`;

async function startProxy({ program, folder, ...settings }) {
  const port = await freeTcpPort();
  const file = join(folder, `${settings.token.id}.conf`);
  writeFileSync(file, configuration({ port, ...settings }));
  const child = new Process(program, ['-config', file]);
  const url = `http://${kAddress}:${port}`;
  await eventually(async () => (await fetch(`${url}/welcome`)).ok, { what: `the proxy of ${settings.country}` });
  return {
    url: `${url}/`,
    process: child,
    log: (last) => child.log(last),
    count: (pattern) => child.lines.filter((line) => pattern.test(line)).length,
    stop: () => child.stop('SIGINT'),
  };
}

// gateways: { country: gateway }. Answers with { byCountry, urls, token, stop }: the server's token, which all of them know, as they
// know each other's.
export async function startProxies({ program, gateways }) {
  const folder = mkdtempSync(join(tmpdir(), 'hpb-proxies-'));
  const token = new Token(folder, 'server');
  const tokens = Object.fromEntries(Object.keys(gateways).map((country) => [country, new Token(folder, `proxy-${country.toLowerCase()}`)]));
  const known = [token, ...Object.values(tokens)];
  const started = await Promise.all(Object.entries(gateways).map(async ([country, { url }]) => [
    country, await startProxy({ program, folder, country, token: tokens[country], known, gatewayUrl: url })]));
  return {
    byCountry: Object.fromEntries(started),
    urls: started.map(([, { url }]) => url),
    token,
    stop: async () => {
      await Promise.all(started.map(([, proxy]) => proxy.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
