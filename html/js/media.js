// SPDX-License-Identifier: Apache-2.0
// Camera, microphone and screen, with errors a person can act on.

const ADVICE = {
  NotAllowedError: 'Access was denied. Allow camera and microphone for this page in the address bar, then try again.',
  NotFoundError: 'None was found. Plug one in, or join without it.',
  NotReadableError: 'It is in use by another program or the system refuses it. Close the other program and try again.',
  OverconstrainedError: 'The chosen device cannot do what was asked. Choose another one.',
  AbortError: 'The device stopped while it was being opened. Try again.',
  SecurityError: 'The browser settings forbid it on this page.',
};

export class MediaError extends Error {
  constructor(what, cause) {
    super(`${what}: ${ADVICE[cause.name] ?? cause.message ?? cause.name}`);
    this.name = 'MediaError';
    this.cause = cause;
    this.denied = cause.name === 'NotAllowedError';
  }
}

function insecure() {
  const cause = { name: 'Insecure', message: 'the browser gives none to a page opened over plain http from another machine. Use the https address.' };
  return new MediaError('Camera and microphone', cause);
}

const videoWish = (deviceId) => ({
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 },
  ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' }),
});

const audioWish = (deviceId) => ({
  echoCancellation: true, noiseSuppression: true, autoGainControl: true,
  ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
});

/** One track of the kind ('audio' or 'video'), from the device or the browser's choice. */
export async function openTrack(kind, deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw insecure();
  const wish = kind === 'audio' ? { audio: audioWish(deviceId) } : { video: videoWish(deviceId) };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wish);
    return stream.getTracks()[0];
  } catch (error) {
    // A remembered device may be unplugged today.
    if (deviceId && ['OverconstrainedError', 'NotFoundError'].includes(error.name)) return openTrack(kind);
    throw new MediaError(kind === 'audio' ? 'Microphone' : 'Camera', error);
  }
}

/** Both at once, so that the browser asks the person one question; then each alone. {audio, video, errors[]}. */
export async function openCameraAndMicrophone({ camera, microphone } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) return { audio: null, video: null, errors: [insecure()] };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: audioWish(microphone), video: videoWish(camera) });
    return { audio: stream.getAudioTracks()[0] ?? null, video: stream.getVideoTracks()[0] ?? null, errors: [] };
  } catch {
    const [audio, video] = await Promise.allSettled([openTrack('audio', microphone), openTrack('video', camera)]);
    return {
      audio: audio.value ?? null,
      video: video.value ?? null,
      errors: [audio.reason, video.reason].filter(Boolean),
    };
  }
}

export function canShareScreen() {
  return Boolean(navigator.mediaDevices?.getDisplayMedia);
}

/** A stream, or null when the person closed the browser's chooser. */
export async function openScreen() {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
    // Text matters more than motion: keep the resolution and let the frame rate drop.
    for (const track of stream.getVideoTracks()) track.contentHint = 'detail';
    return stream;
  } catch (error) {
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') return null;
    throw new MediaError('Screen', error);
  }
}

/** {cameras, microphones}: [{id, label}]. Labels are empty until the person has given access. */
export async function listDevices() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind, word) => devices.filter((device) => device.kind === kind && device.deviceId)
    .map((device, index) => ({ id: device.deviceId, label: device.label || `${word} ${index + 1}` }));
  return { cameras: of('videoinput', 'Camera'), microphones: of('audioinput', 'Microphone') };
}

export function fillDeviceSelect(select, devices, chosen, none) {
  select.replaceChildren(...devices.map(({ id, label }) => new Option(label, id, false, id === chosen)));
  if (devices.length === 0) select.add(new Option(none, ''));
  select.disabled = devices.length === 0;
}

/** Loudness 0..1 of a local track, asked for when wanted. */
export class LevelMeter {
  #context = null;
  #source = null;
  #analyser = null;
  #samples = null;

  watch(track) {
    this.#source?.disconnect();
    this.#source = null;
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#context.resume().catch(() => {}); // before the first click it stays suspended, and the level 0
    this.#analyser ??= Object.assign(this.#context.createAnalyser(), { fftSize: 512 });
    this.#samples ??= new Float32Array(this.#analyser.fftSize);
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  level() {
    if (!this.#source) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const square = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.sqrt(square);
  }
}

/** RMS to a bar of 0..1: 60 dB of range, as ears hear it. */
export function meterFraction(rms) {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(rms) + 10) / 50));
}
