// A bare client of the Janus API over WebSocket, for tests that look at single messages.
import WebSocket from 'ws';

export class JanusError extends Error {
  constructor(code, reason, message) {
    super(`${code}: ${reason}`);
    this.code = code;
    this.reply = message;
  }
}

export class JanusConnection {
  #open = new Map();
  #watchers = new Set();
  #next = 1;
  events = [];
  closed = false;

  // `fields` are part of every request.
  static connect(url, { fields = {}, ...options } = {}) {
    const connection = new JanusConnection();
    connection.fields = fields;
    const socket = new WebSocket(url, 'janus-protocol', { perMessageDeflate: false, ...options });
    connection.socket = socket;
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(connection));
      socket.once('error', reject);
      socket.on('message', (data) => connection.#receive(JSON.parse(data.toString())));
      socket.on('close', (code) => { connection.closed = true; connection.closeCode = code; });
    });
  }

  #receive(message) {
    const pending = this.#open.get(message.transaction);
    if (pending && !(message.janus === 'ack' && pending.skipAck)) {
      this.#open.delete(message.transaction);
      pending.resolve(message);
      return;
    }
    this.events.push(message);
    for (const watcher of this.#watchers) watcher();
  }

  sendText(text) { this.socket.send(text); }

  // The raw reply, errors included. `skipAck`: wait for the event behind the ack. `text`: a last change to what is sent.
  exchange(request, { skipAck = false, within = 10000, text = (json) => json } = {}) {
    const transaction = request.transaction ?? `e2e-${this.#next++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#open.delete(transaction);
        reject(new Error(`no reply within ${within} ms to ${JSON.stringify(request).slice(0, 400)}`));
      }, within);
      this.#open.set(transaction, { skipAck, resolve: (message) => { clearTimeout(timer); resolve(message); } });
      this.socket.send(text(JSON.stringify({ ...this.fields, ...request, transaction })));
    });
  }

  async request(request, options) {
    const reply = await this.exchange(request, options);
    if (reply.janus === 'error') throw new JanusError(reply.error.code, reply.error.reason, reply);
    return reply;
  }

  async createSession() {
    const { data } = await this.request({ janus: 'create' });
    return new JanusSession(this, data.id);
  }

  // The first event, past or future, that matches; it is taken out of `events`.
  async event(matches, within = 10000) {
    const take = () => {
      const at = this.events.findIndex(matches);
      return at < 0 ? undefined : this.events.splice(at, 1)[0];
    };
    const past = take();
    if (past) return past;
    return new Promise((resolve, reject) => {
      const watcher = () => { const found = take(); if (found) finish(() => resolve(found)); };
      const timer = setTimeout(() => finish(() => reject(new Error(`no such event within ${within} ms; seen: ${JSON.stringify(this.events).slice(0, 2000)}`))), within);
      const finish = (act) => { clearTimeout(timer); this.#watchers.delete(watcher); act(); };
      this.#watchers.add(watcher);
    });
  }

  close() {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => { this.socket.once('close', resolve); this.socket.close(); });
  }
  terminate() { this.socket.terminate(); }
}

export class JanusSession {
  constructor(connection, id) {
    this.connection = connection;
    this.id = id;
    this.keepalive = setInterval(() => { if (!connection.closed) connection.exchange({ janus: 'keepalive', session_id: id }).catch(() => {}); }, 25000);
    this.keepalive.unref();
  }

  request(request, options) { return this.connection.request({ session_id: this.id, ...request }, options); }

  async attach(plugin, fields = {}) {
    const { data } = await this.request({ janus: 'attach', plugin, ...fields });
    return new JanusHandle(this, data.id, plugin);
  }
  async destroy() {
    clearInterval(this.keepalive);
    return this.request({ janus: 'destroy' });
  }
}

export class JanusHandle {
  constructor(session, id, plugin) {
    Object.assign(this, { session, id, plugin });
  }

  request(request, options) { return this.session.request({ handle_id: this.id, ...request }, options); }
  // The plugin's answer, whether it comes as `success` or as `event` behind an `ack`.
  message(body, jsep, options = {}) {
    return this.request({ janus: 'message', body, ...(jsep ? { jsep } : {}) }, { skipAck: true, ...options });
  }
  // As message(), but a plugin's error is thrown, and only `data` and `jsep` are returned.
  async ask(body, jsep, options) {
    const reply = await this.message(body, jsep, options);
    const data = reply.plugindata?.data ?? {};
    if (data.error_code) throw new JanusError(data.error_code, data.error, reply);
    return { ...data, jsep: reply.jsep };
  }
  trickle(candidate) { return this.request({ janus: 'trickle', candidate }); }
  hangup() { return this.request({ janus: 'hangup' }); }
  detach() { return this.request({ janus: 'detach' }); }
  event(matches, within) { return this.session.connection.event((each) => each.sender === this.id && matches(each), within); }
}

export const kVideoRoom = 'janus.plugin.videoroom';
export const kEchoTest = 'janus.plugin.echotest';

// A room for one test, and the handle that keeps it.
export async function createRoom(url, settings = {}, options = {}) {
  const connection = await JanusConnection.connect(url, options);
  const session = await connection.createSession();
  const handle = await session.attach(kVideoRoom);
  const { room } = await handle.ask({ request: 'create', publishers: 20, audiocodec: 'opus', videocodec: 'vp8', bitrate: 0, ...settings });
  return {
    room,
    handle,
    participants: async () => (await handle.ask({ request: 'listparticipants', room })).participants,
    close: async () => {
      await handle.ask({ request: 'destroy', room });
      await session.destroy();
      await connection.close();
    },
  };
}
