// SPDX-License-Identifier: Apache-2.0
// Where the gateway is, seen from this page; and what the page can tell a person when the place is wrong.

const DEFAULTS = { websocket: { ws: 8188, wss: 8989 }, pages: { http: 8088, https: 8089 } };

/** Asks the page's own origin; a page served by something else than the gateway gets the defaults. */
async function askOrigin() {
  try {
    const response = await fetch('/cardea.json', { cache: 'no-store' });
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

function hostName() {
  return location.hostname || 'localhost';
}

export function parameters() {
  return new URLSearchParams(location.search);
}

/** {url, version, iceServers, apisecret, httpsUrl}. The secret comes in the fragment, which no server and no log sees. */
export async function loadSettings() {
  const answer = await askOrigin();
  const ports = { ...DEFAULTS.websocket, ...answer.websocket };
  const secure = location.protocol === 'https:';
  const own = secure ? `wss://${hostName()}:${ports.wss}` : `ws://${hostName()}:${ports.ws}`;
  const httpsPort = answer.pages?.https ?? DEFAULTS.pages.https;
  return {
    url: parameters().get('server') ?? own,
    version: answer.version ?? '',
    iceServers: answer.iceServers ?? [],
    apisecret: new URLSearchParams(location.hash.slice(1)).get('apisecret') ?? undefined,
    httpsUrl: `https://${hostName()}:${httpsPort}${location.pathname}${location.search}`,
  };
}

/** Browsers give camera and microphone to https pages and to localhost only: say so before the person tries. */
export function showSecurityBanner(element, settings) {
  if (window.isSecureContext) return false;
  element.querySelector('a').href = settings.httpsUrl;
  element.querySelector('a').textContent = new URL(settings.httpsUrl).host + location.pathname;
  element.hidden = false;
  return true;
}

/** A page on https needs the certificate of the WebSocket port accepted too; a browser refuses without a word about it. */
export function certificateHint(settings) {
  if (location.protocol !== 'https:' || !settings.url.startsWith('wss:')) return null;
  return settings.url.replace(/^wss:/, 'https:');
}
