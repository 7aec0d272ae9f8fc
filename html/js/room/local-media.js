// SPDX-License-Identifier: Apache-2.0
// Our camera and microphone, from the first look in the lobby to the end of the call.

import { Emitter } from '../cardea.js';
import { LevelMeter, openCameraAndMicrophone, openTrack } from '../media.js';
import { remember } from '../ui.js';

const DEVICE_KEY = { audio: 'microphone', video: 'camera' };

/** Emits `track` {kind, track} whenever a track appears, changes or goes, and `enabled` {kind} when it is (un)muted. */
export class LocalMedia extends Emitter {
  tracks = { audio: null, video: null };
  meter = new LevelMeter();

  /** Resolves to the errors; what could be opened is open. */
  async openBoth() {
    const { audio, video, errors } = await openCameraAndMicrophone({
      camera: remember.get(DEVICE_KEY.video), microphone: remember.get(DEVICE_KEY.audio),
    });
    this.#put('audio', audio);
    this.#put('video', video);
    return errors;
  }

  isOn(kind) {
    return Boolean(this.tracks[kind]?.enabled);
  }

  deviceOf(kind) {
    return this.tracks[kind]?.getSettings().deviceId ?? '';
  }

  async choose(kind, deviceId) {
    remember.set(DEVICE_KEY[kind], deviceId);
    this.tracks[kind]?.stop(); // some cameras can be opened once only
    this.#put(kind, await openTrack(kind, deviceId));
  }

  /** The microphone keeps its track and sends silence; the camera is closed, so that its light goes out. */
  async toggle(kind) {
    if (kind === 'audio' && this.tracks.audio) {
      this.tracks.audio.enabled = !this.tracks.audio.enabled;
      this.emit('enabled', { kind });
    } else if (this.tracks[kind]) {
      this.tracks[kind].stop();
      this.#put(kind, null);
    } else {
      this.#put(kind, await openTrack(kind, remember.get(DEVICE_KEY[kind])));
    }
  }

  close() {
    for (const kind of Object.keys(this.tracks)) {
      this.tracks[kind]?.stop();
      this.#put(kind, null);
    }
  }

  #put(kind, track) {
    this.tracks[kind] = track;
    if (kind === 'audio') this.meter.watch(track);
    // Unplugged, or taken away by the system.
    track?.addEventListener('ended', () => { if (this.tracks[kind] === track) this.#put(kind, null); });
    this.emit('track', { kind, track });
  }
}
