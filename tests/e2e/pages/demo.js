// What the VideoRoom demos of Janus do with janus.js (the room of many, the room on one connection, sharing a screen), as calls
// that a test makes one by one through window.demo. Handles go by names.
/* global Janus */

const kPlugin = 'janus.plugin.videoroom';
const kTimeout = 15000;

const promised = (start) => new Promise((resolve, reject) => {
  start({ success: resolve, error: (problem) => reject(new Error(String(problem?.message ?? problem))) });
});
const within = (promise, what) => Promise.race([
  promise, new Promise((_, reject) => { setTimeout(() => reject(new Error(`${what}: not within ${kTimeout} ms`)), kTimeout); }),
]);

class Demo {
  #handles = new Map(); // name -> { handle, streams, waiting }
  events = []; // [name, message]
  data = []; // [name, label, text]
  down = []; // names, whenever a peer connection of theirs is gone

  async connect(url) {
    // janus.js keeps its socket to itself; a test that breaks it has to get hold of it here.
    const Native = WebSocket;
    window.WebSocket = class extends Native {
      constructor(...given) {
        super(...given);
        window.lastSocket = this;
      }
    };
    await new Promise((callback) => { Janus.init({ debug: ['warn', 'error'], callback }); });
    this.janus = await new Promise((resolve, reject) => {
      const janus = new Janus({ server: url, iceServers: [], success: () => resolve(janus), error: (problem) => { this.lost = problem; reject(new Error(problem)); } });
    });
  }
  // The connection breaks and the session is claimed on another.
  async reconnect() {
    window.lastSocket.close();
    while (this.janus.isConnected()) await new Promise((resolve) => { setTimeout(resolve, 20); });
    await promised((callbacks) => this.janus.reconnect(callbacks));
  }
  destroy() { return promised((callbacks) => this.janus.destroy(callbacks)); }

  async attach(name) {
    const entry = { streams: [], waiting: [] };
    this.#handles.set(name, entry);
    entry.handle = await promised((callbacks) => this.janus.attach({
      plugin: kPlugin,
      ...callbacks,
      onmessage: (message, jsep) => this.#onMessage(name, message, jsep),
      oncleanup: () => this.down.push(name),
      onremotetrack: (track, mid, on) => this.#onTrack(track, on),
      ondata: (text, label) => this.data.push([name, label, text]),
    }));
  }
  detach(name) { return promised((callbacks) => this.#handle(name).detach(callbacks)); }
  hangup(name) { this.#handle(name).hangup(true); }
  #handle(name) { return this.#handles.get(name).handle; }

  // Answered in the `success`.
  ask(name, message) { return promised((callbacks) => this.#handle(name).send({ message, ...callbacks })); }
  // Answered with an event.
  tell(name, message, jsep) {
    const answer = new Promise((resolve, reject) => { this.#handles.get(name).waiting.push({ resolve, reject }); });
    this.#handle(name).send({ message, ...(jsep ? { jsep } : {}), error: () => {} });
    return within(answer, message.request);
  }

  // The answer to a request of the handle, or news about others.
  #isAnswer(message) {
    const keys = ['configured', 'started', 'paused', 'switched'];
    const answers = ['joined', 'attached', 'updated'].includes(message.videoroom) || message.error_code || keys.some((key) => message[key]);
    return answers || message.unpublished === 'ok' || message.leaving === 'ok' || message.left === 'ok';
  }

  async #onMessage(name, message, jsep) {
    const entry = this.#handles.get(name);
    if (message.streams) entry.streams = message.streams;
    const answered = this.#isAnswer(message) ? entry.waiting.shift() : undefined;
    if (!answered) this.events.push([name, message]);
    try {
      if (jsep?.type === 'answer') entry.handle.handleRemoteJsep({ jsep });
      if (jsep?.type === 'offer') await this.#answer(name, jsep);
      if (message.error_code) answered?.reject(new Error(`${message.error_code}: ${message.error}`));
      else answered?.resolve(message);
    } catch (problem) {
      answered?.reject(problem);
    }
  }
  async #answer(name, offer) {
    const jsep = await promised((callbacks) => this.#handle(name).createAnswer({ jsep: offer, tracks: [{ type: 'data' }], ...callbacks }));
    await this.tell(name, { request: 'start' }, jsep);
  }
  #onTrack(track, on) {
    if (!on) return;
    const element = Object.assign(document.createElement(track.kind), { autoplay: true, muted: true, srcObject: new MediaStream([track]) });
    document.body.append(element);
  }

  async publish(name, tracks, body = { request: 'publish' }) {
    const jsep = await promised((callbacks) => this.#handle(name).createOffer({ tracks, ...callbacks }));
    return this.tell(name, body, jsep);
  }
  async replaceTracks(name, tracks) { await promised((callbacks) => this.#handle(name).replaceTracks({ tracks, ...callbacks })); }
  mute(name, on) { return on ? this.#handle(name).muteVideo() : this.#handle(name).unmuteVideo(); }
  bitrate(name, mid) { return this.#handle(name).getBitrate(mid); }
  sendText(name, text) { return promised((callbacks) => this.#handle(name).data({ text, ...callbacks })); }

  // One entry for each m-line that something came on.
  async received(name) {
    const { handle, streams } = this.#handles.get(name);
    const reports = [...(await handle.webrtcStuff.pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    return reports.map(({ mid, kind, packetsReceived: packets, framesDecoded: frames = 0, frameWidth: width }) =>
      ({ mid, kind, packets, frames, width, feed: streams.find((stream) => stream.mid === mid)?.feed_id }));
  }
  connections(name) {
    const { pc } = this.#handle(name).webrtcStuff;
    return { state: pc.connectionState, sdpVersion: pc.localDescription.sdp.match(/o=- \d+ (\d+)/)[1] };
  }
  look() { return { events: this.events, data: this.data, down: this.down, lost: this.lost }; }
}

window.demo = new Demo();
