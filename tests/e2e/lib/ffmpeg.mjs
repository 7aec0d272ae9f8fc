// Debian's ffmpeg as a receiver of plain RTP and SRTP: what it decodes of a stream described by an SDP file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freeUdpPorts } from './ports.mjs';
import { eventually, Process } from './process.mjs';

const kCodecs = { opus: { kind: 'audio', map: 'opus/48000/2' }, vp8: { kind: 'video', map: 'VP8/90000' } };

// srtp: { suite: 80 | 32, key } as the API has it.
function sdp(streams, srtp) {
  const lines = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=forwarded', 'c=IN IP4 127.0.0.1', 't=0 0'];
  for (const { codec, port, pt } of streams) {
    const { kind, map } = kCodecs[codec];
    lines.push(`m=${kind} ${port} ${srtp ? 'RTP/SAVP' : 'RTP/AVP'} ${pt}`, `a=rtpmap:${pt} ${map}`, 'a=recvonly');
    if (srtp) lines.push(`a=crypto:1 AES_CM_128_HMAC_SHA1_${srtp.suite} inline:${srtp.key}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

const isBound = (port) => readFileSync('/proc/net/udp', 'latin1').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);

export class Receiver {
  // codecs: ['opus', 'vp8']; each gets a port of its own, and a payload type.
  static async start(codecs, { srtp = null, seconds = 3 } = {}) {
    const self = new Receiver();
    self.directory = mkdtempSync(join(tmpdir(), 'receiver-'));
    const base = await freeUdpPorts(2 * codecs.length); // the odd ones are ffmpeg's for RTCP
    self.streams = codecs.map((codec, i) => ({ codec, port: base + 2 * i, pt: 100 + i, kind: kCodecs[codec].kind }));
    const file = join(self.directory, 'stream.sdp');
    writeFileSync(file, sdp(self.streams, srtp));
    // One line for each decoded frame: stream, dts, pts, duration, size, checksum.
    self.process = new Process('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'warning', '-protocol_whitelist', 'file,udp,rtp,srtp,crypto',
      '-i', file, '-t', String(seconds), '-map', '0', '-f', 'framecrc', '-']);
    await eventually(() => self.streams.every(({ port }) => isBound(port)), { every: 20, what: 'ffmpeg listens' });
    return self;
  }

  portOf(kind) { return this.streams.find((stream) => stream.kind === kind).port; }
  ptOf(kind) { return this.streams.find((stream) => stream.kind === kind).pt; }

  // { audio: { frames }, video: { frames, width, height, pictures } }; pictures: how many differ
  async decoded(within = 30000) {
    const timer = setTimeout(() => this.stop(), within);
    const { code } = await this.process.exited;
    clearTimeout(timer);
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`ffmpeg ended with ${code}:\n${this.process.log()}`);
    return Object.fromEntries(this.streams.map(({ kind }, index) => [kind, this.#of(index)]));
  }

  #of(index) {
    const lines = this.process.stdout.split('\n');
    const size = lines.map((line) => line.match(new RegExp(`^#dimensions ${index}: (\\d+)x(\\d+)`))).find(Boolean);
    const frames = lines.filter((line) => line.startsWith(`${index},`));
    return {
      frames: frames.length,
      pictures: new Set(frames.map((line) => line.split(',')[5])).size,
      ...(size ? { width: Number(size[1]), height: Number(size[2]) } : {}),
    };
  }

  stop() { return this.process.stop('SIGKILL'); }
}
