// Free ports, on loopback unless another address is named. Media ports come as runs of neighbours: the gateway takes base, base+1, ...
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export function freeTcpPort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function canBind(port, address) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => { socket.close(); resolve(false); });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

export async function freeUdpPorts(count, address = '127.0.0.1') {
  for (let attempt = 0; attempt < 200; ++attempt) {
    const base = 20000 + Math.floor(Math.random() * 10000); // below the ephemeral range of Linux
    let free = true;
    for (let i = 0; free && i < count; ++i) free = await canBind(base + i, address);
    if (free) return base;
  }
  throw new Error(`no ${count} free UDP ports side by side`);
}

// Until somebody accepts connections there; throws when the process that should ends, or takes too long.
export async function untilListening(port, process) {
  for (let tries = 0; process.isRunning && tries < 300; ++tries) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`nobody listens on port ${port}:\n${process.log()}`);
}
