// Bytes on a TCP connection, for tests that do what no client library does. WebSocket frames are made by hand (RFC 6455 §5.2).
import { connect } from 'node:net';

import { eventually } from './process.mjs';

export const kOpcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const kMask = Buffer.from('12345678', 'hex');

export function frame(payload, { opcode = kOpcode.text, last = true } = {}) {
  const bytes = Buffer.from(payload);
  const head = [(last ? 0x80 : 0) | opcode];
  if (bytes.length < 126) head.push(0x80 | bytes.length);
  else if (bytes.length < 65536) head.push(0x80 | 126, bytes.length >> 8, bytes.length & 0xff);
  else head.push(0x80 | 127, 0, 0, 0, 0, bytes.length >>> 24, (bytes.length >>> 16) & 0xff, (bytes.length >>> 8) & 0xff, bytes.length & 0xff);
  return Buffer.concat([Buffer.from(head), kMask, bytes.map((byte, i) => byte ^ kMask[i % 4])]);
}

const kHandshake = [
  'GET / HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: janus-protocol',
];

export class RawConnection {
  received = Buffer.alloc(0);
  ended = false; // by the other side, however
  #openedAt = performance.now();

  static open(url) {
    const { hostname, port } = new URL(url);
    const connection = new RawConnection();
    connection.socket = connect(Number(port), hostname);
    connection.socket.on('data', (bytes) => { connection.received = Buffer.concat([connection.received, bytes]); });
    for (const event of ['error', 'end', 'close']) connection.socket.on(event, () => connection.#end());
    return new Promise((resolve, reject) => {
      connection.socket.once('error', reject);
      connection.socket.once('connect', () => resolve(connection));
    });
  }

  #end() {
    if (this.ended) return;
    this.ended = true;
    this.lifetime = performance.now() - this.#openedAt;
    this.socket.destroy();
  }

  get text() { return this.received.toString('latin1'); }

  // True: the kernel took it, and wants more.
  write(bytes) { return !this.ended && this.socket.write(bytes); }

  // Until the other side has taken all of it, or is gone.
  writeAll(bytes) {
    if (this.write(bytes)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => { for (const event of ['drain', 'close', 'error']) this.socket.off(event, done); resolve(); };
      for (const event of ['drain', 'close', 'error']) this.socket.on(event, done);
      if (this.ended) done();
    });
  }

  async head(within = 10000) {
    await eventually(() => this.text.includes('\r\n\r\n'), { within, every: 10, what: 'the head of an answer' });
    return this.text.slice(0, this.text.indexOf('\r\n\r\n'));
  }
  isEnded(within) { return eventually(() => this.ended, { within, every: 10, what: 'the end of the connection' }); }

  static async webSocket(url, headers = []) {
    const connection = await RawConnection.open(url);
    connection.write(`${[...kHandshake, ...headers].join('\r\n')}\r\n\r\n`);
    const head = await connection.head();
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head);
    connection.received = connection.received.subarray(head.length + 4);
    return connection;
  }

  // Whole frames of what has come. A server masks nothing.
  frames() {
    const list = [];
    for (let at = 0; at + 2 <= this.received.length;) {
      const short = this.received[at + 1] & 0x7f;
      const more = { 126: 2, 127: 8 }[short] ?? 0;
      if (at + 2 + more > this.received.length) break;
      const size = more === 0 ? short : this.received.readUIntBE(at + (more === 8 ? 4 : 2), more === 8 ? 6 : 2);
      const start = at + 2 + more;
      if (start + size > this.received.length) break;
      list.push({ opcode: this.received[at] & 0x0f, payload: this.received.subarray(start, start + size) });
      at = start + size;
    }
    return list;
  }

  // { code, reason } of the close frame, once the connection has ended.
  async closeReason(within = 15000) {
    const found = () => this.frames().find(({ opcode }) => opcode === kOpcode.close);
    await eventually(() => found() || this.ended, { within, every: 10, what: 'the end of the connection' });
    const close = found();
    return close && { code: close.payload.readUInt16BE(0), reason: close.payload.subarray(2).toString() };
  }

  close() { this.socket.destroy(); }
}
