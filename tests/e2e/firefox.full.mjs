// Firefox ESR and Chromium in one room of the demo page. Firefox takes no candidate of a loopback interface, so it runs in a network
// namespace of its own and reaches the gateway through a pair of virtual interfaces. Needs root.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launchBrowser } from './lib/browser.mjs';
import { startGateway } from './lib/gateway.mjs';
import { e2e } from './lib/paths.mjs';
import { Process, eventually } from './lib/process.mjs';

const kSpace = `cardea-${process.pid}`;
const kHost = '10.213.77.1';
const kGuest = '10.213.77.2';
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

let gateway;
let chromium;
let firefox;

before(async () => {
  const [outside, inside] = [`vc${process.pid}a`, `vc${process.pid}b`];
  ip('netns', 'add', kSpace);
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', kSpace);
  ip('addr', 'add', `${kHost}/30`, 'dev', outside);
  ip('link', 'set', outside, 'up');
  ip('-n', kSpace, 'addr', 'add', `${kGuest}/30`, 'dev', inside);
  ip('-n', kSpace, 'link', 'set', inside, 'up');
  ip('-n', kSpace, 'link', 'set', 'lo', 'up');
  const set = { 'media.addresses': ['127.0.0.1', kHost], 'websocket.addresses': ['127.0.0.1', kHost], 'http.addresses': ['127.0.0.1', kHost] };
  gateway = await startGateway({ set });
});
after(async () => {
  await firefox?.stop();
  await chromium?.close();
  await gateway?.stop();
  ip('netns', 'del', kSpace); // the interfaces go with it
});

const pageFor = (host, ports, name) => `http://${host}:${ports.http}/videoroom.html?${new URLSearchParams({
  room: '4711', name, autojoin: '1', server: `ws://${host}:${ports.websocket}/` })}`;

// Each address has a port of its own, because every one is "any free port".
async function portsAt(address) {
  const port = async (module) => Number((await gateway.process.line(new RegExp(`listening module=${module} name=plain address=${address.replaceAll('.', '\\.')} port=(\\d+)`), 10000))[1]);
  return { http: await port('http'), websocket: await port('websocket') };
}

test('Firefox and Chromium see each other', { timeout: 120000 }, async () => {
  chromium = await launchBrowser();
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(pageFor('127.0.0.1', await portsAt('127.0.0.1'), 'Chromium'));
  const command = ['netns', 'exec', kSpace, process.execPath, join(e2e, 'lib', 'firefox_process.mjs'), pageFor(kHost, await portsAt(kHost), 'Firefox')];
  firefox = new Process('ip', command);
  const tiles = () => JSON.parse(firefox.lines.findLast((line) => line.startsWith('{"tiles"')) ?? '{"tiles":[]}').tiles;
  const seen = (list, name) => list.find((tile) => tile.name.includes(name) && Number(tile.framesDecoded) > 60 && tile.state === 'connected');
  await eventually(() => seen(tiles(), 'Chromium'), { within: 60000, every: 500, what: 'Firefox decoding what Chromium sends' });
  const inChromium = () => page.evaluate(() => [...document.querySelectorAll('[data-testid=tile]')].map((tile) => ({ name: tile.textContent.trim(), ...tile.dataset })));
  await eventually(async () => seen(await inChromium(), 'Firefox'), { within: 60000, every: 500, what: 'Chromium decoding what Firefox sends' });
  await page.screenshot({ path: join(e2e, '..', '..', 'build', 'screenshots', 'firefox.png') });
  assert.equal((await gateway.counts()).peers, 4);
});
