// A peer on libdatachannel that sends numbered RTP packets and counts what comes back. It shares no code with the gateway.
import datachannel from 'node-datachannel';

const kAudio = { payload: 111, ssrc: 1111, step: 960 };
const kVideo = { payload: 96, ssrc: 2222, step: 1800 };
const kOpusFrame = Buffer.from('f8fffe', 'hex');
// RFC 7741: one whole keyframe of 16 x 16, so that every packet may be the first one that a receiver gets.
const kVp8Frame = Buffer.concat([Buffer.from('10100200' + '9d012a10001000', 'hex'), Buffer.alloc(400, 0x5a)]);

function packet({ payload, ssrc, step }, number, data) {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payload | (payload === kVideo.payload ? 0x80 : 0);
  header.writeUInt16BE(number & 0xffff, 2);
  header.writeUInt32BE((number * step) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, data]);
}

const isRtcp = (message) => message[1] >= 192 && message[1] <= 223;

// Sequence numbers of one stream: how many came, which are missing, how long the longest silence was.
class Arrivals {
  received = 0;
  missing = 0;
  longestPause = 0;
  #last;
  #at;

  take(message) {
    const sequence = message.readUInt16BE(2);
    const now = performance.now();
    if (this.#last !== undefined) {
      const step = (sequence - this.#last) & 0xffff;
      if (step > 0 && step < 0x8000) this.missing += step - 1;
      else if (step >= 0x8000) this.missing = Math.max(0, this.missing - 1); // late, not lost
      this.longestPause = Math.max(this.longestPause, now - this.#at);
      if (step >= 0x8000) return;
    }
    this.#last = sequence;
    this.#at = now;
    this.received += 1;
  }
}

// The library crashes when the collector takes a peer or a track of it before cleanup().
const kept = [];

// A thread of the library closes a track when the gateway says goodbye, be it between the question and the packet.
function sendIfOpen(track, bytes) {
  try {
    if (track.isOpen()) track.sendMessageBinary(bytes);
  } catch (error) {
    if (track.isOpen()) throw error;
  }
}

export class RtpPeer {
  #pc;
  #timer;
  #tracks = [];
  #number = 0;
  arrivals = new Map(); // mid -> Arrivals
  state = 'new';

  constructor(name) {
    kept.push(this);
    this.#pc = new datachannel.PeerConnection(name, { iceServers: [], disableAutoNegotiation: true });
    this.#pc.onStateChange((state) => { this.state = state; });
    this.#pc.onTrack((track) => {
      const arrivals = new Arrivals();
      this.arrivals.set(track.mid(), arrivals);
      this.#tracks.push(track);
      track.onMessage((message) => { if (!isRtcp(message)) arrivals.take(message); });
    });
  }

  addMedia() {
    const audio = new datachannel.Audio('0', 'SendOnly');
    audio.addOpusCodec(kAudio.payload);
    audio.addSSRC(kAudio.ssrc, 'rtp-peer', 'stream', 'audio');
    const video = new datachannel.Video('1', 'SendOnly');
    video.addVP8Codec(kVideo.payload);
    video.addSSRC(kVideo.ssrc, 'rtp-peer', 'stream', 'video');
    this.#tracks = [this.#pc.addTrack(audio), this.#pc.addTrack(video)];
  }

  #described() {
    return new Promise((resolve) => {
      const done = () => { if (this.#pc.gatheringState() === 'complete') resolve(this.#pc.localDescription()); };
      this.#pc.onGatheringStateChange(done);
      done();
    });
  }

  offer() {
    this.#pc.setLocalDescription('offer');
    return this.#described();
  }
  accept(jsep) { this.#pc.setRemoteDescription(jsep.sdp, jsep.type); }
  answer(jsep) {
    this.#pc.setRemoteDescription(jsep.sdp, 'offer');
    this.#pc.setLocalDescription('answer');
    return this.#described();
  }

  startMedia() {
    this.#timer = setInterval(() => {
      this.#number += 1;
      const [audio, video] = this.#tracks;
      sendIfOpen(audio, packet(kAudio, this.#number, kOpusFrame));
      sendIfOpen(video, packet(kVideo, this.#number, kVp8Frame));
    }, 20);
  }

  // Encrypted as it is, but for the sequence number of the video's next packet: the library takes no older one. What it
  // finds too broken to encrypt stays here.
  sendRaw(bytes) {
    const numbered = Buffer.from(bytes);
    if (numbered.length >= 4 && !isRtcp(numbered)) numbered.writeUInt16BE(++this.#number & 0xffff, 2);
    try {
      this.#tracks[1].sendMessageBinary(numbered);
    } catch {
      return false;
    }
    return true;
  }
  stopMedia() { clearInterval(this.#timer); }

  close() {
    this.stopMedia();
    for (const track of this.#tracks) track.close(); // an open track of a peer that subscribed keeps the process alive
    this.#pc.close();
  }
}

// The library's threads keep the process alive for as long as they have not been told to end.
export const endRtpPeers = () => datachannel.cleanup();

export async function publish(handle, room, fields = {}) {
  const joined = await handle.ask({ request: 'join', ptype: 'publisher', room, ...fields });
  const peer = new RtpPeer(`publisher ${joined.id}`);
  peer.addMedia();
  const { jsep } = await handle.ask({ request: 'publish' }, await peer.offer());
  peer.accept(jsep);
  await handle.event(({ janus }) => janus === 'webrtcup');
  peer.startMedia();
  return { peer, id: joined.id, joined };
}

export async function subscribe(handle, room, feed, fields = {}) {
  const attached = await handle.ask({ request: 'join', ptype: 'subscriber', room, streams: [{ feed }], ...fields });
  const peer = new RtpPeer(`subscriber of ${feed}`);
  const started = await handle.ask({ request: 'start' }, await peer.answer(attached.jsep));
  await handle.event(({ janus }) => janus === 'webrtcup');
  return { peer, attached, started };
}
