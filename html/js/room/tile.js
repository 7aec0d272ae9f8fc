// SPDX-License-Identifier: Apache-2.0
// One participant on the screen.

import { StatsSampler, formatRate } from '../stats.js';
import { hueOf, initials } from '../ui.js';

const SPEAKING_LEVEL = 0.015; // linear 0..1, about -36 dBFS
const SPEAKING_HOLD_MS = 700;
const STALLED_AFTER = 3; // seconds without a frame: the camera is off, or the way is blocked
const STATE_TEXT = { connecting: 'Connecting…', restarting: 'Reconnecting…', failed: 'No connection' };

export class Tile {
  #sampler = null;
  #sampledPc = null;
  #spokeAt = -Infinity;
  #cameraOn = true; // as far as its owner tells us
  #stalled = 0;
  #heard = new Map(); // receiver -> RTP time of the packet its level was last read from

  /** about: {feed, name, self, screen}; onPin(tile) when the person wants it large. */
  constructor(about, onPin) {
    this.element = document.getElementById('tile-template').content.firstElementChild.cloneNode(true);
    this.video = this.element.querySelector('video');
    this.stream = new MediaStream();
    this.about = about;
    this.pinned = false;
    this.element.dataset.feed = about.feed;
    if (about.self) this.element.dataset.self = 'true';
    this.element.classList.toggle('self', Boolean(about.self && !about.screen));
    this.element.classList.toggle('screen', Boolean(about.screen));
    this.video.muted = Boolean(about.self);
    this.pinButton = this.element.querySelector('.tile-pin');
    this.pinButton.addEventListener('click', () => onPin(this));
    this.video.addEventListener('dblclick', () => onPin(this));
    this.setName(about.name);
    this.setState(about.self ? 'connected' : 'connecting');
  }

  get screen() {
    return Boolean(this.about.screen);
  }

  setName(name) {
    this.about.name = name;
    const shown = this.about.screen ? `${name || 'Guest'} · screen` : name || 'Guest';
    const label = this.about.self ? `${shown} (you)` : shown;
    this.element.querySelector('.tile-name span').textContent = label;
    this.element.setAttribute('aria-label', label);
    this.element.querySelector('.avatar span').textContent = initials(name || 'Guest');
    this.element.style.setProperty('--hue', hueOf(name));
    this.setPinned(this.pinned);
  }

  setPinned(pinned) {
    this.pinned = pinned;
    const title = pinned ? 'Show in the grid' : 'Show large';
    this.pinButton.setAttribute('aria-pressed', String(pinned));
    this.pinButton.setAttribute('aria-label', `${title}: ${this.about.name || 'Guest'}`);
    this.pinButton.title = title;
  }

  setState(state) {
    this.element.dataset.state = state;
    this.element.querySelector('.tile-state').textContent = this.about.self && state === 'connecting' ? '' : STATE_TEXT[state] ?? '';
  }

  /** Somebody who only watches has no media to wait for. */
  setWatching() {
    this.setState('watching');
    this.element.dataset.video = 'off';
    this.element.dataset.audio = 'off';
  }

  setMuted(muted) {
    this.element.dataset.audio = muted ? 'off' : 'on';
  }

  setCamera(on) {
    this.#cameraOn = on;
    if (this.about.self || !on) this.element.dataset.video = on ? 'on' : 'off';
    if (on) this.#stalled = 0;
  }

  /** Replaces the track of the same kind. play() may be refused until the person clicks: resolves to false then. */
  async setTrack(track) {
    for (const old of this.stream.getTracks()) {
      if (old.kind === track.kind) this.stream.removeTrack(old);
    }
    this.stream.addTrack(track);
    if (this.video.srcObject !== this.stream) this.video.srcObject = this.stream;
    return this.play();
  }

  async play() {
    try {
      await this.video.play();
    } catch (error) {
      return error.name !== 'NotAllowedError';
    }
    return true;
  }

  removeTrack(kind) {
    for (const track of this.stream.getTracks()) {
      if (track.kind === kind) this.stream.removeTrack(track);
    }
  }

  setLevel(level, now) {
    if (level > SPEAKING_LEVEL) this.#spokeAt = now;
    this.element.dataset.speaking = String(now - this.#spokeAt < SPEAKING_HOLD_MS);
  }

  /** Loudness of what arrives, from the RTP header extension or the decoder; costs no getStats. */
  pollLevel(pc, now) {
    const levels = pc.getReceivers().filter(({ track }) => track.kind === 'audio').map((receiver) => this.#freshLevel(receiver));
    this.setLevel(Math.max(0, ...levels), now);
  }

  /** The browser repeats the last level for seconds after the last packet. */
  #freshLevel(receiver) {
    const [source] = receiver.getSynchronizationSources();
    if (!source || this.#heard.get(receiver) === source.rtpTimestamp) return 0;
    this.#heard.set(receiver, source.rtpTimestamp);
    return source.audioLevel ?? 0;
  }

  /** Once a second. Returns {kbps} of the direction shown. */
  async pollStats(pc) {
    if (this.#sampledPc !== pc) {
      this.#sampledPc = pc;
      this.#sampler = new StatsSampler(pc);
    }
    const stats = await this.#sampler.sample();
    const streams = this.about.self ? stats.out : stats.in;
    const kbps = (streams.video?.kbps ?? 0) + (streams.audio?.kbps ?? 0);
    this.#show(streams.video, kbps);
    if (!this.about.self) this.#noticeFrames(streams.video);
    return { kbps };
  }

  #show(video, kbps) {
    const { dataset } = this.element;
    dataset.kbps = String(Math.round(kbps));
    dataset.framesDecoded = String(video?.frames ?? 0);
    const size = video?.width && dataset.video === 'on' ? ` · ${video.width}×${video.height} · ${Math.round(video.fps)} fps` : '';
    this.element.querySelector('.tile-stats .rate').textContent = formatRate(kbps);
    this.element.querySelector('.tile-stats .size').textContent = size;
  }

  #noticeFrames(video) {
    const moving = (video?.fps ?? 0) > 0;
    this.#stalled = moving ? 0 : this.#stalled + 1;
    // A shared screen that does not change sends next to nothing: its last picture stays.
    if (moving && this.#cameraOn) this.element.dataset.video = 'on';
    else if (!this.screen && this.#stalled >= STALLED_AFTER) this.element.dataset.video = 'off';
  }

  remove() {
    this.video.srcObject = null;
    this.element.remove();
  }
}
