// A peer on libdatachannel for EchoTest: it numbers what it sends and keeps what comes back.
import datachannel from 'node-datachannel';

const kAudioType = 111;
export const kPackets = 200;

// One Opus packet every 20 ms whose payload is its number; the echo must bring each of them back.
// The library crashes when the collector takes a peer or a track of it before cleanup().
const kept = [];

export class EchoClient {
  heard = new Set();
  sent = 0;

  constructor() {
    this.peer = new datachannel.PeerConnection('echo', { iceServers: [], disableAutoNegotiation: true });
    this.peer.onStateChange((state) => { this.state = state; });
    const audio = new datachannel.Audio('0', 'SendRecv');
    audio.addOpusCodec(kAudioType);
    audio.addSSRC(4711, 'echo', 'stream', 'audio');
    this.track = this.peer.addTrack(audio);
    kept.push(this.peer, this.track);
    this.track.onMessage((packet) => this.#receive(packet));
  }

  offer() {
    return new Promise((resolve) => {
      this.peer.onGatheringStateChange((state) => { if (state === 'complete') resolve(this.peer.localDescription()); });
      this.peer.setLocalDescription('offer');
    });
  }

  #receive(packet) {
    if ((packet[1] & 0x7f) !== kAudioType) return; // RTCP
    const header = 12 + 4 * (packet[0] & 0x0f);
    const extension = packet[0] & 0x10 ? 4 + 4 * packet.readUInt16BE(header + 2) : 0;
    this.heard.add(packet.readUInt32BE(header + extension + 3));
  }

  start() {
    this.timer = setInterval(() => {
      if (this.sent === kPackets || !this.track.isOpen()) return;
      const packet = Buffer.alloc(12 + 3 + 4);
      packet.writeUInt16BE(0x8000 | kAudioType, 0);
      packet.writeUInt16BE(1000 + this.sent, 2);
      packet.writeUInt32BE(960 * this.sent, 4);
      packet.writeUInt32BE(4711, 8);
      packet.set([0xf8, 0xff, 0xfe], 12); // a frame of silence
      packet.writeUInt32BE(this.sent++, 15);
      this.track.sendMessageBinary(packet);
    }, 20);
  }

  close() {
    clearInterval(this.timer);
    this.peer.close();
  }
}
