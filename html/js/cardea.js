// SPDX-License-Identifier: Apache-2.0
// A small client of the Janus JSON API over WebSocket.
//
//   const client = new CardeaClient('ws://gateway:8188');
//   await client.connect();
//   const session = await client.createSession();
//   const handle = await session.attach('janus.plugin.echotest');
//   const { data, jsep } = await handle.send({ audio: true }, offer);
//
// A request is answered by `success`, `error`, or `ack` and later one `event`, all with the transaction of the request.
// Everything else the gateway says is unsolicited and reaches the handle (or session) named by the ids in it.

const SUB_PROTOCOL = 'janus-protocol';
const KEEPALIVE_MS = 25_000; // the gateway gives a silent session 60 s
const REQUEST_TIMEOUT_MS = 15_000;
const BACKOFF_MS = { first: 500, max: 8_000 };
const RECONNECT_FOR_MS = 120_000;

/** kind: 'core' and 'plugin' carry the gateway's error code; 'connection' and 'timeout' never reached it or got no answer. */
export class CardeaError extends Error {
  constructor(kind, message, code = 0) {
    super(message);
    this.name = 'CardeaError';
    this.kind = kind;
    this.code = code;
  }
}

export class Emitter extends EventTarget {
  emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Calls listener(detail); returns the function that stops it. */
  on(type, listener) {
    const wrapped = (event) => listener(event.detail);
    this.addEventListener(type, wrapped);
    return () => this.removeEventListener(type, wrapped);
  }
}

/** Requests that wait for an answer, by transaction. */
class Pending {
  #waiting = new Map();

  /** ackIsAnswer: for `keepalive` and the like; a `message` that is acked is answered by a later event. */
  add(transaction, { timeoutMs, what, ackIsAnswer }) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(transaction);
        reject(new CardeaError('timeout', `The gateway did not answer "${what}" in time.`));
      }, timeoutMs);
      this.#waiting.set(transaction, { resolve, reject, timer, ackIsAnswer });
    });
  }

  acknowledge(transaction, message) {
    if (this.#waiting.get(transaction)?.ackIsAnswer) this.settle(transaction, ({ resolve }) => resolve(message));
  }

  settle(transaction, action) {
    const entry = this.#waiting.get(transaction);
    if (!entry) return false;
    this.#waiting.delete(transaction);
    clearTimeout(entry.timer);
    action(entry);
    return true;
  }

  rejectAll(error) {
    for (const transaction of [...this.#waiting.keys()]) {
      this.settle(transaction, (entry) => entry.reject(error));
    }
  }
}

/** One WebSocket and the sessions on it. Emits `state` {state}: connecting, open, reconnecting, closed. */
export class CardeaClient extends Emitter {
  state = 'closed';
  #socket = null;
  #pending = new Pending();
  #sessions = new Map();
  #options;
  #prefix = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  #counter = 0;
  #closing = false;
  #retryTimer = 0;
  #retryUntil = 0;

  constructor(url, { apisecret, token, keepaliveMs = KEEPALIVE_MS, timeoutMs = REQUEST_TIMEOUT_MS } = {}) {
    super();
    this.url = url;
    this.#options = { apisecret, token, keepaliveMs, timeoutMs };
    globalThis.addEventListener?.('online', () => this.#retryNow());
  }

  get keepaliveMs() {
    return this.#options.keepaliveMs;
  }

  async connect() {
    this.#closing = false;
    this.#setState('connecting');
    try {
      await this.#open();
    } catch (error) {
      this.#setState('closed');
      throw error;
    }
    this.#setState('open');
  }

  info() {
    return this.request({ janus: 'info' });
  }

  async createSession() {
    const reply = await this.request({ janus: 'create' });
    const session = new Session(this, reply.data.id);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Ends every session politely without waiting, then the socket: also right for `pagehide`, where nothing can be awaited. */
  close() {
    this.#closing = true;
    clearTimeout(this.#retryTimer);
    for (const session of this.#sessions.values()) {
      this.post({ janus: 'destroy', session_id: session.id });
      session.forget();
    }
    this.#sessions.clear();
    this.#socket?.close(1000);
    this.#dropSocket(new CardeaError('connection', 'The connection was closed.'));
    this.#setState('closed');
  }

  /** Sends a request; resolves with the final reply (for `message`: the plugin's answer). */
  request(message, { ackIsAnswer = false } = {}) {
    const transaction = this.#nextTransaction();
    if (!this.#isOpen()) {
      return Promise.reject(new CardeaError('connection', 'There is no connection to the gateway.'));
    }
    const answer = this.#pending.add(transaction, { timeoutMs: this.#options.timeoutMs, what: message.janus, ackIsAnswer });
    this.#write(message, transaction);
    return answer;
  }

  /** Sends without waiting for the answer; silently does nothing while disconnected. */
  post(message) {
    if (this.#isOpen()) this.#write(message, this.#nextTransaction());
  }

  /** For a session that found its keepalive unanswered: the socket looks open but nothing comes through. */
  suspect() {
    if (this.state === 'open') this.#lost();
  }

  forgetSession(id) {
    this.#sessions.delete(id);
  }

  #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #nextTransaction() {
    this.#counter += 1;
    return `${this.#prefix}-${this.#counter}`;
  }

  #write(message, transaction) {
    const { apisecret, token } = this.#options;
    this.#socket.send(JSON.stringify({ ...message, transaction, apisecret, token }));
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.emit('state', { state });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.url, SUB_PROTOCOL);
      this.#socket = socket;
      const refuse = () => reject(new CardeaError('connection', `No connection to the gateway at ${this.url}.`));
      const timer = setTimeout(() => { socket.close(); refuse(); }, this.#options.timeoutMs);
      socket.onopen = () => { clearTimeout(timer); resolve(); };
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onclose = () => {
        clearTimeout(timer);
        refuse(); // without effect once open
        if (socket === this.#socket && this.state === 'open') this.#lost();
      };
    });
  }

  #dropSocket(error) {
    if (this.#socket) {
      this.#socket.onclose = null;
      this.#socket.onmessage = null;
      this.#socket.close();
      this.#socket = null;
    }
    this.#pending.rejectAll(error);
  }

  #lost() {
    this.#dropSocket(new CardeaError('connection', 'The connection to the gateway was lost.'));
    this.#setState('reconnecting');
    this.#retryUntil = Date.now() + RECONNECT_FOR_MS;
    this.#scheduleRetry(BACKOFF_MS.first);
  }

  #scheduleRetry(delay) {
    const jitter = 0.75 + Math.random() / 2; // a restarted gateway is not met by all its clients in one moment
    this.#retryTimer = setTimeout(() => this.#retry(delay), delay * jitter);
  }

  /** The network is back: no need to wait for the next turn. */
  #retryNow() {
    if (this.state !== 'reconnecting' || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#retryTimer);
    this.#retry(BACKOFF_MS.first);
  }

  async #retry(delay) {
    try {
      await this.#open();
    } catch {
      if (this.#closing) return;
      if (Date.now() > this.#retryUntil) {
        this.#setState('closed');
        for (const session of [...this.#sessions.values()]) session.lose();
        return;
      }
      this.#scheduleRetry(Math.min(delay * 2, BACKOFF_MS.max));
      return;
    }
    if (this.#closing) return;
    this.#setState('open');
    for (const session of [...this.#sessions.values()]) session.claim();
  }

  #receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // not ours to judge: the request it answered runs into its timeout
    }
    const { transaction } = message;
    switch (message.janus) {
      case 'ack':
        this.#pending.acknowledge(transaction, message);
        return;
      case 'error':
        this.#pending.settle(transaction, ({ reject }) => {
          reject(new CardeaError('core', message.error?.reason ?? 'Unknown error', message.error?.code));
        });
        return;
      case 'event':
        if (this.#pending.settle(transaction, ({ resolve }) => resolve(message))) return;
        break;
      case 'success':
      case 'pong':
      case 'server_info':
        this.#pending.settle(transaction, ({ resolve }) => resolve(message));
        return;
      default:
    }
    this.#sessions.get(message.session_id)?.dispatch(message);
  }
}

/** Emits `lost` (the gateway no longer knows the session: start over) and `reclaimed` (after a reconnect, all is as before). */
export class Session extends Emitter {
  #client;
  #handles = new Map();
  #timer;

  constructor(client, id) {
    super();
    this.#client = client;
    this.id = id;
    this.#timer = setInterval(() => this.#keepalive(), client.keepaliveMs);
  }

  get client() {
    return this.#client;
  }

  request(message, options) {
    return this.#client.request({ ...message, session_id: this.id }, options);
  }

  post(message) {
    this.#client.post({ ...message, session_id: this.id });
  }

  async attach(plugin) {
    const reply = await this.request({ janus: 'attach', plugin });
    const handle = new Handle(this, reply.data.id, plugin);
    this.#handles.set(handle.id, handle);
    return handle;
  }

  async destroy() {
    this.#client.forgetSession(this.id);
    this.forget();
    await this.request({ janus: 'destroy' });
  }

  async claim() {
    try {
      await this.request({ janus: 'claim' });
      this.emit('reclaimed');
    } catch (error) {
      if (error.kind === 'core') this.lose(); // 458: gone; 403 and others: just as useless
    }
  }

  lose() {
    this.#client.forgetSession(this.id);
    this.forget();
    this.emit('lost');
  }

  forget() {
    clearInterval(this.#timer);
    this.#handles.clear();
  }

  forgetHandle(id) {
    this.#handles.delete(id);
  }

  dispatch(message) {
    if (message.janus === 'timeout') {
      this.lose();
      return;
    }
    this.#handles.get(message.sender)?.dispatch(message);
  }

  async #keepalive() {
    if (this.#client.state !== 'open') return;
    try {
      await this.request({ janus: 'keepalive' }, { ackIsAnswer: true });
    } catch (error) {
      if (error.kind === 'timeout') this.#client.suspect();
      else if (error.kind === 'core') this.lose();
    }
  }
}

/** Emits `event` {data, jsep} for what the plugin says unasked, and the core's webrtcup, media, slowlink, hangup, detached, trickle. */
export class Handle extends Emitter {
  constructor(session, id, plugin) {
    super();
    this.session = session;
    this.id = id;
    this.plugin = plugin;
  }

  /** The plugin's answer {data, jsep}; its errors are thrown with kind 'plugin'. */
  async send(body, jsep) {
    const reply = await this.session.request({ janus: 'message', handle_id: this.id, body, jsep });
    const data = reply.plugindata?.data ?? {};
    if (data.error_code !== undefined) throw new CardeaError('plugin', data.error ?? 'Refused', data.error_code);
    return { data, jsep: reply.jsep };
  }

  /** For the last words of a page that is going away. */
  post(body) {
    this.session.post({ janus: 'message', handle_id: this.id, body });
  }

  /** candidate: RTCIceCandidate, or null for the end of candidates. */
  trickle(candidate) {
    this.session.post({ janus: 'trickle', handle_id: this.id, candidate: candidate?.toJSON() ?? { completed: true } });
  }

  async hangup() {
    await this.session.request({ janus: 'hangup', handle_id: this.id });
  }

  async detach() {
    this.session.forgetHandle(this.id);
    await this.session.request({ janus: 'detach', handle_id: this.id });
  }

  dispatch(message) {
    if (message.janus === 'event') {
      this.emit('event', { data: message.plugindata?.data ?? {}, jsep: message.jsep });
      return;
    }
    if (message.janus === 'detached') this.session.forgetHandle(this.id);
    this.emit(message.janus, message);
  }
}
