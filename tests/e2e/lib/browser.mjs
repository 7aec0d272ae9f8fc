// Debian's Chromium with fake devices and loopback ICE, and the test pages it opens.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { chromium } from 'playwright-core';

import { e2e } from './paths.mjs';

const kFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter',
  // Several tabs of one window are watched at once: none may be slowed down for being in the background.
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
];

export function launchBrowser({ flags = [] } = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: [...kFlags, ...flags] });
}

const kTypes = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };
const kFolders = {
  '/lib/janus.js': 'node_modules/janus-gateway/npm/src/janus.js',
  '/lib/adapter.js': 'node_modules/webrtc-adapter/out/adapter.js',
};

// The test pages and the unmodified janus.js, on a port of their own.
export function servePages() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://pages').pathname);
    const file = join(e2e, kFolders[path] ?? join('pages', path));
    if (!file.startsWith(e2e) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`,
      close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
    }));
  });
}

// A browser and the pages together; every tab collects its errors.
export class Browser {
  static async start(options) {
    const self = new Browser();
    [self.browser, self.pages] = await Promise.all([launchBrowser(options), servePages()]);
    return self;
  }

  async tab(name) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 720 } });
    const page = await context.newPage();
    page.complaints = [];
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    await page.goto(`${this.pages.url}/${name}`);
    return page;
  }

  async close() {
    await this.browser?.close();
    await this.pages?.close();
  }
}
