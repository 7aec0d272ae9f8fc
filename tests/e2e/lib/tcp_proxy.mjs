// A port in front of another one, whose connections a test can cut.
import { connect, createServer } from 'node:net';

export class TcpProxy {
  #pairs = new Set();

  // localAddress: where the target sees the connections come from.
  static async start(target, { localAddress = '127.0.0.1' } = {}) {
    const proxy = new TcpProxy();
    proxy.localAddress = localAddress;
    proxy.server = createServer((client) => proxy.#join(client, target));
    await new Promise((resolve) => { proxy.server.listen(0, '127.0.0.1', resolve); });
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  #join(client, target) {
    const upstream = connect({ port: target, host: '127.0.0.1', localAddress: this.localAddress });
    const pair = [client, upstream];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [...pair].reverse()]) {
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => { to.destroy(); this.#pairs.delete(pair); });
    }
  }

  cut() { for (const [client, upstream] of this.#pairs) { client.resetAndDestroy(); upstream.resetAndDestroy(); } }
  stop() {
    this.cut();
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}
