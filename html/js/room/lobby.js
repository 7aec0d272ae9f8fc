// SPDX-License-Identifier: Apache-2.0
// Before the call: who am I, which room, and do camera and microphone work.

import { fillDeviceSelect, listDevices, meterFraction } from '../media.js';
import { $, remember, setIcon, showNote, toast } from '../ui.js';

const METER_MS = 100;

const BUTTON = { audio: ['lobby-mic', 'mic', 'Microphone'], video: ['lobby-cam', 'cam', 'Camera'] };

export class Lobby {
  #media;
  #timer = 0;
  #opening = false;

  constructor(media, query) {
    this.#media = media;
    $('name').value = query.get('name') ?? remember.get('name');
    $('room').value = query.get('room') ?? $('room').value;
    for (const kind of ['audio', 'video']) {
      const button = $(BUTTON[kind][0]);
      button.addEventListener('click', () => this.toggle(kind));
      button.disabled = false;
    }
    $('camera').addEventListener('change', (event) => this.#choose('video', event.target.value));
    $('microphone').addEventListener('change', (event) => this.#choose('audio', event.target.value));
    media.on('track', () => this.#show());
    media.on('enabled', () => this.#show());
  }

  /** First look, or after a call that had neither camera nor microphone: asks the person for access. */
  async open() {
    this.#opening = true;
    this.resume();
    const errors = await this.#media.openBoth();
    this.#opening = false;
    showNote($('media-error'), errors.map(({ message }) => message).join(' '));
    await fillDeviceSelects(this.#media, $('camera'), $('microphone'));
    this.#show();
  }

  /** After a call: the devices are still open. */
  resume() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      $('meter').style.transform = `scaleX(${meterFraction(this.#media.meter.level())})`;
    }, METER_MS);
    this.#show();
  }

  close() {
    clearInterval(this.#timer);
    $('preview').srcObject = null;
  }

  async toggle(kind) {
    try {
      await this.#media.toggle(kind);
    } catch (error) {
      showNote($('media-error'), error.message);
    }
  }

  async #choose(kind, deviceId) {
    try {
      await this.#media.choose(kind, deviceId);
    } catch (error) {
      toast(error.message, 'danger');
    }
  }

  #show() {
    for (const kind of ['audio', 'video']) {
      const [id, icon, label] = BUTTON[kind];
      const on = this.#media.isOn(kind);
      $(id).setAttribute('aria-pressed', String(on));
      $(id).setAttribute('aria-label', `${label} ${on ? 'on' : 'off'}`);
      setIcon($(id), on ? icon : `${icon}-off`);
    }
    const { video } = this.#media.tracks;
    $('preview').parentElement.dataset.video = video ? 'on' : 'off';
    $('preview').srcObject = video ? new MediaStream([video]) : null;
    $('preview-empty').textContent = this.#opening ? 'Looking for your camera…' : 'Your camera is off';
  }
}

export async function fillDeviceSelects(media, cameraSelect, microphoneSelect) {
  const { cameras, microphones } = await listDevices();
  fillDeviceSelect(cameraSelect, cameras, media.deviceOf('video') || remember.get('camera'), 'No camera found');
  fillDeviceSelect(microphoneSelect, microphones, media.deviceOf('audio') || remember.get('microphone'), 'No microphone found');
}
