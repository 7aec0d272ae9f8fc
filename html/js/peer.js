// SPDX-License-Identifier: Apache-2.0
// One RTCPeerConnection bound to one handle: candidates both ways, and the watch that asks for an ICE restart.

import { Emitter } from './cardea.js';

const DISCONNECTED_PATIENCE_MS = 2_500; // many disconnections heal by themselves
const RESTART_EVERY_MS = 6_000;
const RESTARTS_MAX = 8;

/** Emits `state` {state: connecting|connected|restarting|failed|closed}, `restart`, and `track` {track, mid}. */
export class Peer extends Emitter {
  state = 'connecting';
  restarts = 0;
  #handle;
  #early = [];
  #timer = 0;
  #stopListening = [];

  constructor(handle, iceServers = []) {
    super();
    this.#handle = handle;
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.pc.onicecandidate = ({ candidate }) => handle.trickle(candidate);
    this.pc.oniceconnectionstatechange = () => this.#watch();
    this.pc.onconnectionstatechange = () => this.#watch();
    this.pc.ontrack = ({ track, transceiver }) => this.emit('track', { track, mid: transceiver.mid });
    this.#stopListening.push(handle.on('trickle', ({ candidate }) => this.#remoteCandidate(candidate)));
  }

  async offer(options) {
    await this.pc.setLocalDescription(await this.pc.createOffer(options));
    return this.#local();
  }

  async accept(answer) {
    await this.pc.setRemoteDescription(answer);
    await this.#flushEarly();
  }

  async answer(offer) {
    await this.pc.setRemoteDescription(offer);
    await this.#flushEarly();
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    return this.#local();
  }

  close() {
    clearTimeout(this.#timer);
    this.#stopListening.forEach((stop) => stop());
    this.pc.onicecandidate = this.pc.oniceconnectionstatechange = this.pc.onconnectionstatechange = this.pc.ontrack = null;
    this.pc.close();
    this.#setState('closed');
  }

  /** The way to the gateway is back: what did not survive is tried again, as if for the first time. */
  revive() {
    if (this.state !== 'restarting' && this.state !== 'failed') return;
    clearTimeout(this.#timer);
    this.restarts = 0;
    this.#restart();
  }

  #local() {
    const { type, sdp } = this.pc.localDescription;
    return { type, sdp };
  }

  #setState(state) {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    this.emit('state', { state });
  }

  async #remoteCandidate(candidate) {
    if (!this.pc.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    if (!candidate || candidate.completed) return; // the SDP says a=end-of-candidates, or more will not matter
    try {
      await this.pc.addIceCandidate(candidate);
    } catch {
      // One of an older generation, or of a form this browser does not know: the others decide.
    }
  }

  async #flushEarly() {
    for (const candidate of this.#early.splice(0)) await this.#remoteCandidate(candidate);
  }

  #watch() {
    const ice = this.pc.iceConnectionState;
    if (this.pc.connectionState === 'connected' || (ice === 'connected' && this.pc.connectionState === undefined)) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.restarts = 0;
      this.#setState('connected');
    } else if (ice === 'failed' || this.pc.connectionState === 'failed') {
      clearTimeout(this.#timer);
      this.#restart();
    } else if (ice === 'disconnected' && this.#timer === 0) {
      this.#timer = setTimeout(() => this.#restart(), DISCONNECTED_PATIENCE_MS);
    }
  }

  /** A path that came back before it was given up changes no state, so no event tells. */
  #restartUnlessWell() {
    if (this.pc.connectionState === 'connected') this.#watch();
    else this.#restart();
  }

  #restart() {
    if (this.restarts >= RESTARTS_MAX) {
      this.#setState('failed');
      return;
    }
    this.restarts += 1;
    this.#setState('restarting');
    this.emit('restart');
    this.#timer = setTimeout(() => this.#restartUnlessWell(), RESTART_EVERY_MS);
  }
}

/** Puts the codec first in what the transceiver offers; the others stay as a fallback. */
export function preferCodec(transceiver, kind, name) {
  if (!name || !transceiver.setCodecPreferences) return;
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const wanted = (codec) => codec.mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase();
  transceiver.setCodecPreferences([...all.filter(wanted), ...all.filter((codec) => !wanted(codec))]);
}

/** Codecs of the kind this browser knows, without the helpers (rtx, red, ...): lower case names. */
export function knownCodecs(kind) {
  const helpers = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03', 'cn', 'telephone-event']);
  const names = (RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? []).map((codec) => codec.mimeType.split('/')[1].toLowerCase());
  return [...new Set(names)].filter((name) => !helpers.has(name));
}
