// SPDX-License-Identifier: Apache-2.0
// The pages the gateway serves, used as a person uses them: Chromium, the page's own buttons, nothing mocked.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launchBrowser } from './lib/browser.mjs';
import { startGateway } from './lib/gateway.mjs';

const SCREENSHOTS = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));
const VIEW = { width: 1280, height: 800 };
const PATIENCE = { timeout: 20_000 };

let gateway;
let browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  gateway = await startGateway();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const address = (page, query = {}) => `${gateway.httpUrl}/${page}?${new URLSearchParams(query)}`;

/** A tab, and the list of everything a healthy page must not do: errors, CSP violations, requests to other hosts. */
async function openTab(context, url) {
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.httpUrl)) complaints.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

async function inContext(run) {
  const context = await browser.newContext({ viewport: VIEW });
  try {
    await run(context);
  } finally {
    await context.close();
  }
}

/** The tile of another participant, by name. */
const tileOf = (page, name) => page.getByTestId('tile').filter({ hasText: name });

async function untilAttribute(locator, name, value) {
  await locator.and(locator.page().locator(`[${name}="${value}"]`)).waitFor(PATIENCE);
}

const framesShown = (tile) => tile.locator('video').evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames);

/** Resolves when the element shows 30 more frames than now; the page's own clock, no sleeping here. */
function untilFramesRise(tile) {
  return tile.locator('video').evaluate((video) => new Promise((resolve, reject) => {
    const first = video.getVideoPlaybackQuality().totalVideoFrames;
    const deadline = performance.now() + 15_000;
    const timer = setInterval(() => {
      const shown = video.getVideoPlaybackQuality().totalVideoFrames;
      if (shown < first + 30 && performance.now() < deadline) return;
      clearInterval(timer);
      if (shown >= first + 30) resolve(shown);
      else reject(new Error(`stuck at ${shown} frames`));
    }, 100);
  }));
}

async function joinRoom(context, room, name) {
  const tab = await openTab(context, address('videoroom.html', { room, name }));
  await tab.page.click('#join');
  await tab.page.getByTestId('call').waitFor(PATIENCE);
  await untilAttribute(tab.page.getByTestId('connection'), 'data-state', 'connected');
  return tab;
}

async function untilSeen(page, name) {
  const tile = tileOf(page, name);
  await untilAttribute(tile, 'data-state', 'connected');
  await untilAttribute(tile, 'data-video', 'on');
  return tile;
}

test('the landing page tells the state of the gateway', async () => inContext(async (context) => {
  const { page, complaints } = await openTab(context, address('index.html'));
  await untilAttribute(page.getByTestId('health'), 'data-state', 'connected');
  await page.getByText('answers').waitFor(PATIENCE);
  assert.match(await page.textContent('#facts'), /videoroom/);
  await page.screenshot({ path: `${SCREENSHOTS}index.png` });
  await page.click('#to-videoroom');
  await page.waitForURL('**/videoroom.html');
  assert.deepEqual(complaints, []);
}));

test('two tabs in the video room see and hear each other', async () => inContext(async (context) => {
  const ada = await joinRoom(context, '4711', 'Ada');
  const bob = await joinRoom(context, '4711', 'Bob');
  const [bobSeen, adaSeen] = [await untilSeen(ada.page, 'Bob'), await untilSeen(bob.page, 'Ada')];

  assert.ok(await untilFramesRise(bobSeen) > 0);
  assert.ok(await untilFramesRise(adaSeen) > 0);
  // The fake microphone beeps in an even rhythm, and a tab in the background may look in the same.
  await ada.page.bringToFront();
  await untilAttribute(bobSeen, 'data-speaking', 'true');
  assert.match(await bobSeen.getByTestId('tile-stats').textContent(), /bit\/s · \d+×\d+ · \d+ fps/);
  assert.ok(Number(await bobSeen.getAttribute('data-frames-decoded')) > 0);
  assert.equal(await ada.page.getByTestId('people').textContent(), '2');
  await ada.page.screenshot({ path: `${SCREENSHOTS}videoroom.png` });

  assert.deepEqual([...ada.complaints, ...bob.complaints], []);
}));

test('nobody can join with a page that is not ready', async () => inContext(async (context) => {
  let goOn;
  const held = new Promise((resolve) => { goOn = resolve; });
  await context.route('**/cardea.json', async (route) => { await held; await route.continue(); });
  const { page, complaints } = await openTab(context, address('videoroom.html', { room: '4711', name: 'Ada' }));
  assert.ok(await page.locator('#join').isDisabled());
  await page.locator('#name').press('Enter');
  goOn();
  await page.click('#join');
  await page.getByTestId('call').waitFor(PATIENCE);
  assert.match(page.url(), /room=4711/); // the form was not sent
  assert.deepEqual(complaints, []);
}));

test('mute, camera and leave reach the other tab', async () => inContext(async (context) => {
  const ada = await joinRoom(context, '4712', 'Ada');
  const bob = await joinRoom(context, '4712', 'Bob');
  const bobSeen = await untilSeen(ada.page, 'Bob');

  await bob.page.click('#mic');
  await untilAttribute(bobSeen, 'data-audio', 'off');
  await bobSeen.getByTestId('muted').waitFor(PATIENCE);
  await untilAttribute(bobSeen, 'data-speaking', 'false');
  await bob.page.click('#cam');
  await untilAttribute(bobSeen, 'data-video', 'off');
  await ada.page.bringToFront();
  await ada.page.screenshot({ path: `${SCREENSHOTS}videoroom-muted.png` });

  await bob.page.bringToFront();
  await bob.page.keyboard.press('v');
  await bob.page.keyboard.press('m');
  await untilAttribute(bobSeen, 'data-video', 'on');
  await untilAttribute(bobSeen, 'data-audio', 'on');
  await untilFramesRise(bobSeen);

  await bob.page.click('#leave');
  await bobSeen.waitFor({ state: 'detached', ...PATIENCE });
  await bob.page.locator('#lobby').waitFor(PATIENCE);
  assert.equal(await ada.page.getByTestId('people').textContent(), '1');

  await bob.page.click('#join'); // and comes back
  await untilFramesRise(await untilSeen(ada.page, 'Bob'));
  await bob.page.close(); // a closed tab is gone at once too
  await tileOf(ada.page, 'Bob').waitFor({ state: 'detached', ...PATIENCE });
  assert.deepEqual(ada.complaints, []);
}));

test('a shared screen is shown large, and goes away', async () => inContext(async (context) => {
  const ada = await joinRoom(context, '4713', 'Ada');
  const bob = await joinRoom(context, '4713', 'Bob');
  await untilSeen(ada.page, 'Bob');
  await bob.page.bringToFront();
  await bob.page.click('#share');
  const screen = ada.page.locator('#stage').getByTestId('tile').filter({ hasText: 'Bob · screen' });
  await untilAttribute(screen, 'data-state', 'connected');
  await untilFramesRise(screen);
  assert.ok(await framesShown(screen) > 0);
  assert.equal(await ada.page.getByTestId('people').textContent(), '2');
  await ada.page.bringToFront();
  await ada.page.screenshot({ path: `${SCREENSHOTS}videoroom-screen.png` });
  await bob.page.bringToFront();
  await bob.page.click('#share');
  await screen.waitFor({ state: 'detached', ...PATIENCE });
  assert.ok(await ada.page.locator('#stage').isHidden());
  assert.deepEqual([...ada.complaints, ...bob.complaints], []);
}));

test('a connection that breaks is made again', async () => inContext(async (context) => {
  await context.addInitScript(() => {
    const Native = WebSocket;
    window.WebSocket = class extends Native {
      constructor(...given) {
        super(...given);
        window.lastSocket = this;
      }
    };
  });
  const ada = await joinRoom(context, '4714', 'Ada');
  const bob = await joinRoom(context, '4714', 'Bob');
  await untilSeen(ada.page, 'Bob');
  await ada.page.evaluate(() => window.lastSocket.close());
  await untilAttribute(ada.page.getByTestId('connection'), 'data-state', 'reconnecting');
  await untilAttribute(ada.page.getByTestId('connection'), 'data-state', 'connected');
  await untilFramesRise(await untilSeen(ada.page, 'Bob'));
  await untilFramesRise(await untilSeen(bob.page, 'Ada'));
  assert.equal(await bob.page.getByTestId('people').textContent(), '2');
}));

test('the echo test sends, shows and measures', async () => inContext(async (context) => {
  const { page, complaints } = await openTab(context, address('echotest.html', { videocodec: 'vp8' }));
  const stat = (name) => page.locator(`[data-stat="${name}"]`);
  await page.click('#start');
  await untilAttribute(page.getByTestId('connection'), 'data-state', 'connected');
  await page.waitForFunction(() => Number(document.querySelector('[data-stat="in-video-frames"]').textContent) > 30, null, PATIENCE);
  assert.equal(await stat('in-video-codec').textContent(), 'VP8');
  assert.equal(await stat('in-audio-codec').textContent(), 'opus');
  assert.equal(await stat('srtp').textContent(), 'SRTP_AEAD_AES_256_GCM');
  assert.match(await stat('pair').textContent(), /^(host|prflx) .+ → host .+\/udp$/);
  await page.screenshot({ path: `${SCREENSHOTS}echotest.png`, fullPage: true });

  await page.uncheck('#video');
  await page.waitForFunction(() => document.querySelector('[data-stat="in-video-bitrate"]').textContent === '0 kbit/s', null, PATIENCE);
  assert.notEqual(await stat('in-audio-bitrate').textContent(), '0 kbit/s');
  await page.check('#video');
  await page.waitForFunction(() => document.querySelector('[data-stat="in-video-bitrate"]').textContent !== '0 kbit/s', null, PATIENCE);

  await page.click('#stop');
  await untilAttribute(page.getByTestId('connection'), 'data-state', 'closed');
  assert.deepEqual(complaints, []);
}));

async function portWithNobody() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

test('a gateway that does not answer is named in words', async () => inContext(async (context) => {
  const server = `ws://127.0.0.1:${await portWithNobody()}`;
  const { page } = await openTab(context, address('videoroom.html', { server, name: 'Ada' }));
  await page.click('#join');
  await page.getByTestId('join-error').filter({ hasText: `No connection to the gateway at ${server}` }).waitFor(PATIENCE);
  assert.ok(await page.locator('#lobby').isVisible());
  await page.screenshot({ path: `${SCREENSHOTS}videoroom-error.png` });
}));

test('who has neither camera nor microphone can watch', async () => inContext(async (context) => {
  const ada = await joinRoom(context, '4715', 'Ada');
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
  });
  const eve = await openTab(context, address('videoroom.html', { room: '4715', name: 'Eve', autojoin: '1' }));
  await eve.page.getByTestId('call').waitFor(PATIENCE);
  await untilFramesRise(await untilSeen(eve.page, 'Ada'));
  await untilAttribute(tileOf(ada.page, 'Eve'), 'data-state', 'watching');
  assert.deepEqual(eve.complaints, []);
}));
