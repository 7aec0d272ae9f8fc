// SPDX-License-Identifier: Apache-2.0
// The echo test page: one handle, one peer connection, everything that can be known about it.
// ?autostart=1 starts at once, ?videocodec= and ?audiocodec= choose.

import { CardeaClient } from './cardea.js';
import { openCameraAndMicrophone } from './media.js';
import { Peer, knownCodecs, preferCodec } from './peer.js';
import { certificateHint, loadSettings, parameters, showSecurityBanner } from './settings.js';
import { StatsSampler, formatRate } from './stats.js';
import { $, showConnectionError, showNote, toast } from './ui.js';

const PLUGIN = 'janus.plugin.echotest';
const STATS_MS = 1_000;
const STATE_TEXT = { connecting: 'Connecting', connected: 'Connected', restarting: 'Reconnecting', failed: 'No connection', closed: 'Stopped' };

const COLUMNS = [['out', 'audio'], ['in', 'audio'], ['out', 'video'], ['in', 'video']];
const milliseconds = (value) => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
const ROWS = [
  ['codec', 'Codec', (stream) => stream.codec || '–'],
  ['bitrate', 'Bitrate', (stream) => formatRate(stream.kbps)],
  ['packets', 'Packets', (stream) => `${stream.packets}`],
  ['lost', 'Lost', (stream) => `${stream.lost}`],
  ['jitter', 'Jitter', (stream) => milliseconds(stream.jitterMs)],
  ['rtt', 'Round trip (RTCP)', (stream) => milliseconds(stream.rttMs)],
  ['size', 'Picture', (stream) => (stream.width ? `${stream.width}×${stream.height}, ${Math.round(stream.fps)} fps` : '–')],
  ['frames', 'Frames', (stream, kind) => (kind === 'video' ? `${stream.frames}` : '–')],
  ['nacks', 'NACK / PLI', (stream, kind) => (kind === 'video' ? `${stream.nacks} / ${stream.plis}` : `${stream.nacks} / –`)],
  ['limit', 'Limited by', (stream) => stream.limitedBy || '–'],
];

/** One run, from start to stop. */
class EchoTest {
  #settings;
  #client;
  #handle = null;
  #peer = null;
  #local = new MediaStream();
  #remote = new MediaStream();
  #timer = 0;
  #stopped = false;
  #onEnd;

  constructor(settings, onEnd) {
    this.#settings = settings;
    this.#client = new CardeaClient(settings.url, { apisecret: settings.apisecret });
    this.#onEnd = onEnd;
  }

  async start(wish) {
    const { audio, video, errors } = await openCameraAndMicrophone();
    if (!audio && !video) throw errors[0];
    errors.forEach(({ message }) => toast(message, 'danger'));
    this.#local = new MediaStream([audio, video].filter(Boolean));
    if (this.#stopped) return this.#release();
    $('local').srcObject = this.#local;
    $('remote').srcObject = this.#remote;
    await this.#client.connect();
    const session = await this.#client.createSession();
    session.on('lost', () => this.#onEnd('The connection to the gateway was lost.'));
    this.#handle = await session.attach(PLUGIN);
    this.#handle.on('hangup', ({ reason }) => this.#onEnd(`The gateway hung up${reason ? `: ${reason}` : ''}.`));
    this.#handle.on('event', ({ jsep }) => { if (jsep?.type === 'answer') this.#peer.accept(jsep); });
    await this.#negotiate(wish);
    this.#watchStats();
    return undefined;
  }

  async configure(body) {
    await this.#handle?.send(body);
  }

  /** Nothing is awaited: the page may be going away. */
  stop() {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#peer?.close();
    this.#client.close();
    this.#release();
  }

  #release() {
    this.#local.getTracks().forEach((track) => track.stop());
    $('local').srcObject = $('remote').srcObject = null;
  }

  async #negotiate(wish) {
    const peer = new Peer(this.#handle, this.#settings.iceServers);
    this.#peer = peer;
    peer.on('state', ({ state }) => showState(state));
    peer.on('track', ({ track }) => {
      this.#remote.addTrack(track);
      $('remote').play().catch(() => {}); // it plays once the second track is there, or on the next click
    });
    peer.on('restart', () => this.#restart());
    for (const track of this.#local.getTracks()) {
      preferCodec(peer.pc.addTransceiver(track, { direction: 'sendrecv', streams: [this.#local] }), track.kind, wish[`${track.kind}codec`]);
    }
    const { jsep } = await this.#handle.send(wish, await peer.offer());
    if (jsep) await peer.accept(jsep);
  }

  async #restart() {
    try {
      const { jsep } = await this.#handle.send({}, await this.#peer.offer({ iceRestart: true }));
      if (jsep) await this.#peer.accept(jsep);
    } catch {
      // The peer asks again, and gives up visibly.
    }
  }

  #watchStats() {
    const sampler = new StatsSampler(this.#peer.pc);
    this.#timer = setInterval(async () => {
      const stats = await sampler.sample();
      if (!this.#stopped) showStats(stats);
    }, STATS_MS);
  }
}

// --- the page ----------------------------------------------------------------------------------------------------

function showState(state) {
  $('connection').dataset.state = state;
  $('connection').textContent = STATE_TEXT[state] ?? state;
}

function buildTable() {
  for (const [key, title] of ROWS) {
    const row = $('stats-body').insertRow();
    const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: title });
    row.append(head);
    for (const [direction, kind] of COLUMNS) {
      const cell = row.insertCell();
      cell.dataset.stat = `${direction}-${kind}-${key}`;
      cell.textContent = '–';
    }
  }
}

const cell = (name) => document.querySelector(`[data-stat="${name}"]`);

function showStats(stats) {
  for (const [direction, kind] of COLUMNS) {
    const stream = stats[direction][kind];
    for (const [key, , text] of ROWS) cell(`${direction}-${kind}-${key}`).textContent = stream ? text(stream, kind) : '–';
  }
  const { rttMs, srtpCipher, tlsVersion, dtlsCipher, local, remote, availableKbps } = stats.transport;
  cell('rtt').textContent = milliseconds(rttMs);
  cell('srtp').textContent = srtpCipher || '–';
  cell('dtls').textContent = [tlsVersion, dtlsCipher].filter(Boolean).join(', ') || '–';
  cell('pair').textContent = local ? `${local} → ${remote}` : '–';
  cell('available').textContent = availableKbps ? formatRate(availableKbps) : '–';
}

function fillCodecs() {
  for (const kind of ['audio', 'video']) {
    const select = $(`${kind}codec`);
    for (const name of knownCodecs(kind)) select.add(new Option(name.toUpperCase(), name));
    select.value = parameters().get(`${kind}codec`) ?? '';
  }
}

function wishes() {
  return {
    audio: $('audio').checked,
    video: $('video').checked,
    bitrate: Number($('bitrate').value),
    audiocodec: $('audiocodec').value || undefined,
    videocodec: $('videocodec').value || undefined,
  };
}

const settings = await loadSettings();
let test = null;

function stop(reason = '') {
  test?.stop();
  test = null;
  $('start').hidden = false;
  $('stop').hidden = true;
  showState('closed');
  showNote($('error'), reason);
}

async function start() {
  stop();
  const run = new EchoTest(settings, (reason) => { if (test === run) stop(reason); });
  test = run;
  $('start').hidden = true;
  $('stop').hidden = false;
  showState('connecting');
  try {
    await run.start(wishes());
  } catch (error) {
    if (test !== run) return; // stopped while it was starting
    stop();
    showConnectionError($('error'), error, certificateHint(settings));
  }
}

async function configure(body) {
  try {
    await test?.configure(body);
  } catch (error) {
    toast(error.message, 'danger');
  }
}

buildTable();
fillCodecs();
showSecurityBanner($('insecure'), settings);
$('start').addEventListener('click', start);
$('start').disabled = false;
$('stop').addEventListener('click', () => stop());
$('audio').addEventListener('change', ({ target }) => configure({ audio: target.checked }));
$('video').addEventListener('change', ({ target }) => configure({ video: target.checked }));
$('bitrate').addEventListener('change', ({ target }) => configure({ bitrate: Number(target.value) }));
addEventListener('pagehide', () => test?.stop());
if (parameters().get('autostart') === '1') start();
