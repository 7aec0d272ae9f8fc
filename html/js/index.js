// SPDX-License-Identifier: Apache-2.0
// The landing page: is the gateway well, and can it be reached over WebSocket from here?

import { CardeaClient } from './cardea.js';
import { loadSettings, showSecurityBanner } from './settings.js';
import { $ } from './ui.js';

function fact(name, value) {
  if (value === undefined || value === '' || value === null || typeof value === 'object') return;
  const [term, description] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  description.textContent = String(value);
  $('facts').append(term, description);
}

function health(state, text) {
  $('health').dataset.state = state;
  $('health').textContent = text;
}

/** /healthz answers 200 when the gateway can serve; the body is JSON with details, or plain text. */
async function askHealth() {
  try {
    const response = await fetch('/healthz', { cache: 'no-store' });
    const text = await response.text();
    health(response.ok ? 'connected' : 'failed', response.ok ? 'healthy' : `not healthy (${response.status})`);
    if (!response.headers.get('content-type')?.includes('json')) return;
    for (const [name, value] of Object.entries(JSON.parse(text))) fact(name, value);
  } catch {
    health('failed', 'no answer');
  }
}

async function askGateway(settings) {
  const client = new CardeaClient(settings.url, { timeoutMs: 5_000 });
  try {
    await client.connect();
    const info = await client.info();
    fact('WebSocket', `${settings.url} answers`);
    fact('Gateway', [info.name, info.version_string].filter(Boolean).join(' '));
    fact('Plugins', Object.keys(info.plugins ?? {}).map((name) => name.replace('janus.plugin.', '')).join(', '));
  } catch (error) {
    fact('WebSocket', error.message);
  } finally {
    client.close();
  }
}

const settings = await loadSettings();
showSecurityBanner($('insecure'), settings);
await Promise.all([askHealth(), askGateway(settings)]);
