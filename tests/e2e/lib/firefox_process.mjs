// Firefox on a page, driven over WebDriver BiDi; started inside a network namespace by firefox.full.mjs. Every half second it prints
// what the page's tiles say, one JSON object a line.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import WebSocket from 'ws';

const [, , url] = process.argv;
const profile = mkdtempSync(join(tmpdir(), 'cardea-firefox-'));
const kPreferences = {
  'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'media.devices.insecure.enabled': true,
  'media.getusermedia.insecure.enabled': true, 'media.autoplay.default': 0, 'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false, 'browser.shell.checkDefaultBrowser': false, 'app.normandy.enabled': false,
  'media.gmp-manager.updateEnabled': false, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
};
writeFileSync(join(profile, 'user.js'), Object.entries(kPreferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`).join(''));

const firefox = spawn('firefox-esr', ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
const end = () => { firefox.kill('SIGKILL'); rmSync(profile, { recursive: true, force: true }); };
process.on('exit', end);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));

const endpoint = await new Promise((resolve, reject) => {
  createInterface({ input: firefox.stderr }).on('line', (line) => {
    const found = line.match(/WebDriver BiDi listening on (ws:\S+)/);
    if (found) resolve(`${found[1]}/session`);
  });
  firefox.once('exit', (code) => reject(new Error(`firefox ended with ${code}`)));
});

const socket = new WebSocket(endpoint);
await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
const open = new Map();
socket.on('message', (data) => {
  const { id, type, result, error, message } = JSON.parse(data);
  const pending = open.get(id);
  open.delete(id);
  if (type === 'error') pending?.reject(new Error(`${error}: ${message}`));
  else pending?.resolve(result);
});
let last = 0;
const command = (method, params) => new Promise((resolve, reject) => {
  last += 1;
  open.set(last, { resolve, reject });
  socket.send(JSON.stringify({ id: last, method, params }));
});

await command('session.new', { capabilities: {} });
const { contexts: [{ context }] } = await command('browsingContext.getTree', {});
await command('browsingContext.navigate', { context, url, wait: 'complete' });

const kTiles = `JSON.stringify([...document.querySelectorAll('[data-testid=tile]')].map((tile) => ({ name: tile.textContent, ...tile.dataset })))`;
for (;;) {
  const { result, exceptionDetails } = await command('script.evaluate', { expression: kTiles, target: { context }, awaitPromise: false });
  console.log(exceptionDetails ? JSON.stringify({ problem: exceptionDetails.text }) : JSON.stringify({ tiles: JSON.parse(result.value) }));
  await sleep(500);
}
