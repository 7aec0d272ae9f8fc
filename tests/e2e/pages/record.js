// Sends a picture that flashes and a tone that beeps at the same moment, once a second: in a recording they must still meet.
const kFlash = 150; // milliseconds
const kPeriod = 1000;
const kTone = 1000; // Hz

function flashingCanvas({ width, height }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  let bright = false;
  let turn = 0;
  setInterval(() => {
    context.fillStyle = bright ? '#fff' : '#000';
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#777'; // something that moves, so that no frame is left out
    context.fillRect(turn++ % width, 0, 8, 8);
  }, 1000 / 30);
  return { track: canvas.captureStream(30).getVideoTracks()[0], show: (on) => { bright = on; } };
}

function beeper() {
  const audio = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
  const tone = new OscillatorNode(audio, { frequency: kTone });
  const gain = new GainNode(audio, { gain: 0 });
  const out = audio.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  return { track: out.stream.getAudioTracks()[0], sound: (on) => gain.gain.setValueAtTime(on ? 0.5 : 0, audio.currentTime) };
}

class Sender {
  constructor({ codec = null, width = 320, height = 240, kinds = ['audio', 'video'], encodings = null } = {}) {
    this.picture = flashingCanvas({ width, height });
    this.beep = beeper();
    this.peer = new RTCPeerConnection();
    if (kinds.includes('audio')) this.peer.addTransceiver(this.beep.track, { direction: 'sendrecv' });
    if (kinds.includes('video')) this.addVideo(codec, encodings);
    setInterval(() => this.signal(), kPeriod);
  }

  addVideo(codec, encodings) {
    const video = this.peer.addTransceiver(this.picture.track, { direction: 'sendrecv', ...(encodings ? { sendEncodings: encodings } : {}) });
    if (!codec) return;
    const codecs = RTCRtpSender.getCapabilities('video').codecs;
    video.setCodecPreferences(codecs.filter(({ mimeType }) => [`video/${codec}`, 'video/rtx'].includes(mimeType.toLowerCase())));
  }

  signal() {
    this.picture.show(true);
    this.beep.sound(true);
    setTimeout(() => { this.picture.show(false); this.beep.sound(false); }, kFlash);
  }

  async offer() {
    await this.peer.setLocalDescription();
    const { sdp, type } = this.peer.localDescription;
    return { sdp, type };
  }
  accept(answer) { return this.peer.setRemoteDescription(answer); }
  state() { return this.peer.connectionState; }

  async setSending(on) {
    const tracks = { audio: this.beep.track, video: this.picture.track };
    for (const { sender, receiver } of this.peer.getTransceivers()) await sender.replaceTrack(on ? tracks[receiver.track.kind] : null);
  }
  async sent() {
    const stats = [...(await this.peer.getStats()).values()].filter(({ type }) => type === 'outbound-rtp');
    return Object.fromEntries(stats.map((each) => [`${each.kind}${each.rid ?? ''}`, { frames: each.framesSent, packets: each.packetsSent, width: each.frameWidth }]));
  }
}

const senders = new Map();
window.canSend = (codec) => RTCRtpSender.getCapabilities('video').codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
window.startSender = (name, options) => { senders.set(name, new Sender(options)); };
window.callSender = (name, method, ...args) => senders.get(name)[method](...args);
