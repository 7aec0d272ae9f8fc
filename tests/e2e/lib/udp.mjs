// A UDP socket of a test: sends to one port and keeps what comes back.
import { createSocket } from 'node:dgram';

import { eventually } from './process.mjs';

export class UdpClient {
  received = [];

  static open(port, address = '127.0.0.1') {
    const client = new UdpClient();
    Object.assign(client, { port, address, socket: createSocket('udp4') });
    client.socket.on('message', (datagram) => client.received.push(datagram));
    return new Promise((resolve) => { client.socket.bind(0, address, () => resolve(client)); });
  }

  send(bytes) { return new Promise((resolve, reject) => { this.socket.send(bytes, this.port, this.address, (error) => (error ? reject(error) : resolve())); }); }

  // A few at a time: the point is what they contain; a flood would only fill the kernel's buffer.
  async sendAll(list) {
    for (let i = 0; i < list.length; i += 20) {
      await Promise.all(list.slice(i, i + 20).map((bytes) => this.send(bytes)));
      await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
  }

  answer(matches, what) { return eventually(() => this.received.find(matches), { every: 10, what }); }
  close() { this.socket.close(); }
}
