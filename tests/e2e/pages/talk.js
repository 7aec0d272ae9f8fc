// One participant of a call in Nextcloud Talk: the signaling server's protocol over its WebSocket, one peer connection for what
// is published and one for each stream watched. Tests drive it through window.talk.
import { cameraTracks, noiseTracks } from './talk_sources.js';

const kTimeout = 15000;
const kChannel = 'status'; // the one label that counts
const kUnlimited = 10_000_000; // bits per second

const within = (promise, what, milliseconds = kTimeout) => {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const untilConnected = (pc) => within(new Promise((resolve) => {
  const look = () => { if (pc.connectionState === 'connected') resolve(); };
  pc.addEventListener('connectionstatechange', look);
  look();
}), 'a peer connection');

// The transport of a peer connection, and the pair of candidates that it uses.
function selected(report) {
  const transport = [...report.values()].find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  return { transport, pair, remote: report.get(pair?.remoteCandidateId) };
}

const keyOf = (session, roomType) => `${session} ${roomType}`;

class TalkClient {
  #socket;
  #next = 1;
  #open = new Map(); // id of a request -> { resolve, reject }
  #waiting = new Map(); // key of a stream -> what waits for its next description
  #published = new Map(); // room type -> { pc, sid, channel, tracks }
  #watched = new Map(); // key of a stream -> { pc, sid, channels, messages, unheard }
  members = new Map(); // session -> its entry of the join event
  events = [];
  errors = [];
  controls = [];

  // Answers with the reply to hello.
  async connect(url, hello) {
    this.url = url;
    await this.#dial();
    this.hello = await this.#request('hello', hello);
    return this.hello;
  }

  #dial() {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    return within(new Promise((resolve, reject) => {
      this.welcomed = resolve;
      socket.onerror = () => reject(new Error(`no connection to ${this.url}`));
    }), 'welcome');
  }

  // The connection is lost and a new one takes the session over.
  async resume() {
    this.#socket.onmessage = null;
    this.#socket.close();
    await this.#dial();
    const { sessionid, resumeid } = await this.#request('hello', { version: this.hello.version, resumeid: this.hello.resumeid });
    this.hello.resumeid = resumeid ?? this.hello.resumeid;
    return sessionid;
  }

  // Another session, on another connection.
  async startOver(hello) {
    this.#forgetMedia();
    await this.#request('bye', {});
    this.#socket.close();
    return this.connect(this.url, hello);
  }

  joinRoom(roomid, sessionid) { return this.#request('room', { roomid, sessionid }); }
  async leaveRoom() {
    this.#forgetMedia();
    return this.#request('room', { roomid: '' });
  }

  #forgetMedia() {
    for (const { pc } of [...this.#published.values(), ...this.#watched.values()]) pc.close();
    this.#published.clear();
    this.#watched.clear();
    this.members.clear();
  }

  #send(type, content, id) { this.#socket.send(JSON.stringify({ ...(id ? { id } : {}), type, [type]: content })); }
  #request(type, content) {
    const id = String(this.#next++);
    const reply = new Promise((resolve, reject) => this.#open.set(id, { resolve, reject }));
    this.#send(type, content, id);
    return within(reply, `a reply to ${type}`);
  }
  // Nothing comes back but an error; `refused` is called with it.
  #message(to, data, refused = (error) => this.errors.push(error.message)) {
    const id = String(this.#next++);
    this.#open.set(id, { resolve: () => {}, reject: refused });
    this.#send('message', { recipient: { type: 'session', sessionid: to }, data: { to, ...data } }, id);
  }
  // Sends what a description answers, and waits for that.
  #exchange(to, data, what) {
    const described = new Promise((resolve, reject) => {
      this.#waiting.set(keyOf(to, data.roomType), resolve);
      this.#message(to, data, reject);
    });
    return within(described, what);
  }
  say(to, data) { this.#message(to, data); }
  control(to, data) { this.#send('control', { recipient: { type: 'session', sessionid: to }, data }); }

  #receive(message) {
    const content = message[message.type];
    const pending = this.#open.get(message.id);
    if (pending) {
      this.#open.delete(message.id);
      if (message.type === 'error') pending.reject(new Error(`${content.code}: ${content.message}`));
      else pending.resolve(content);
      return;
    }
    const kinds = { welcome: this.#onWelcome, event: this.#onEvent, message: this.#onMessage, control: this.#onControl, error: this.#onError };
    kinds[message.type]?.call(this, content);
  }

  #onWelcome(welcome) {
    this.welcome = welcome;
    this.welcomed();
  }
  #onError(error) { this.errors.push(error); }

  #onEvent(event) {
    this.events.push(event);
    if (event.target !== 'room') return;
    for (const entry of event.join ?? []) this.members.set(entry.sessionid, entry);
    for (const session of event.leave ?? []) this.members.delete(session);
  }

  // As a moderator mutes somebody: it is the client that does it.
  #onControl({ sender, data }) {
    this.controls.push({ from: sender.sessionid, ...data });
    if (data.payload?.action !== 'forceMute' || data.payload.peerId !== this.hello.sessionid) return;
    for (const track of this.#published.get('video')?.tracks ?? []) if (track.kind === 'audio') track.enabled = false;
  }

  #onMessage({ sender, data }) {
    const own = sender.sessionid === this.hello.sessionid;
    const stream = own ? this.#published.get(data.roomType) : this.#watched.get(keyOf(sender.sessionid, data.roomType));
    const kinds = {
      answer: () => this.#waiting.get(keyOf(sender.sessionid, data.roomType))?.(data),
      offer: () => this.#onOffer(sender.sessionid, data),
      candidate: () => { if (stream) this.#addCandidate(stream, data.payload.candidate); },
    };
    if (kinds[data.type]) kinds[data.type]();
    else this.events.push({ from: sender.sessionid, ...data });
  }

  // The server passes on "completed" too, which is no candidate.
  #addCandidate({ pc }, candidate) {
    if (candidate?.candidate) pc.addIceCandidate(candidate).catch((problem) => this.errors.push(String(problem)));
  }

  // options: { roomType, camera or noise: { width, height, ... }, simulcast, and what else the offer is to say }
  async publish({ roomType = 'video', camera, noise, simulcast = false, ...fields } = {}) {
    const tracks = noise ? noiseTracks(noise) : await cameraTracks(camera);
    const me = this.hello.sessionid;
    const sid = String(Math.random()).slice(2);
    const pc = new RTCPeerConnection({ iceServers: [] });
    const published = { pc, sid, tracks };
    this.#published.get(roomType)?.pc.close();
    this.#published.set(roomType, published);
    if (roomType === 'video') published.channel = pc.createDataChannel(kChannel);
    for (const track of tracks) this.#addTrack(pc, track, { noise, simulcast });
    pc.onicecandidate = ({ candidate }) => { if (candidate) this.#message(me, { type: 'candidate', roomType, sid, payload: { candidate: candidate.toJSON() } }); };
    await pc.setLocalDescription();
    const offer = { type: 'offer', roomType, sid, ...fields, payload: { ...pc.localDescription.toJSON(), nick: 'nobody' } };
    await pc.setRemoteDescription((await this.#exchange(me, offer, 'an answer')).payload);
    await untilConnected(pc);
  }

  // Chromium's own limit for a picture of this size must not be what is measured.
  #addTrack(pc, track, { noise, simulcast }) {
    const layers = [{ rid: 'h', maxBitrate: 900000 }, { rid: 'm', maxBitrate: 300000, scaleResolutionDownBy: 2 }, { rid: 'l', maxBitrate: 100000, scaleResolutionDownBy: 4 }];
    const sendEncodings = noise ? [{ maxBitrate: kUnlimited }] : layers;
    pc.addTransceiver(track, { direction: 'sendonly', ...(track.kind === 'video' && (noise || simulcast) ? { sendEncodings } : {}) });
  }

  // Watches a stream of another session; resolves when it is connected.
  async request(session, { roomType = 'video', ...payload } = {}) {
    this.unwatch(session, roomType);
    await untilConnected((await this.#exchange(session, { type: 'requestoffer', roomType, payload }, 'an offer')).pc);
  }
  // What a client does with the connection to somebody who has gone.
  unwatch(session, roomType = 'video') {
    const key = keyOf(session, roomType);
    this.#watched.get(key)?.pc.close();
    this.#watched.delete(key);
  }
  // The same peer connection, with a new offer.
  async renegotiate(session, { roomType = 'video', ...payload } = {}) {
    const { sid } = this.#watched.get(keyOf(session, roomType));
    await this.#exchange(session, { type: 'requestoffer', roomType, sid, payload }, 'another offer');
  }

  async #onOffer(session, { sid, roomType, payload }) {
    const key = keyOf(session, roomType);
    let watched = this.#watched.get(key);
    if (watched?.sid !== sid) {
      watched?.pc.close();
      watched = this.#newWatched(session, roomType, sid);
      this.#watched.set(key, watched);
    }
    const { pc } = watched;
    await pc.setRemoteDescription(payload);
    await pc.setLocalDescription();
    this.#message(session, { type: 'answer', roomType, sid, payload: pc.localDescription.toJSON() });
    watched.offers += 1;
    this.#waiting.get(key)?.(watched);
  }

  #newWatched(session, roomType, sid) {
    const pc = new RTCPeerConnection({ iceServers: [] });
    const watched = { pc, sid, offers: 0, channels: [], messages: [], unheard: [] };
    pc.onicecandidate = ({ candidate }) => { if (candidate) this.#message(session, { type: 'candidate', roomType, sid, payload: { candidate: candidate.toJSON() } }); };
    // Chromium decodes what is shown.
    pc.ontrack = ({ track }) => {
      const element = Object.assign(document.createElement(track.kind), { autoplay: true, muted: false, srcObject: new MediaStream([track]) });
      document.body.append(element);
    };
    pc.ondatachannel = ({ channel }) => {
      watched.channels.push(channel.label);
      const messages = channel.label === kChannel ? watched.messages : watched.unheard;
      channel.onmessage = ({ data }) => messages.push(data);
    };
    return watched;
  }

  selectStream(session, payload, roomType = 'video') { this.#message(session, { type: 'selectStream', roomType, payload }); }
  forceMute(session) { this.control(session, { type: 'control', payload: { action: 'forceMute', peerId: session } }); }
  tellChannel(text) { this.#published.get('video').channel.send(text); }
  channelsOf(session, roomType = 'video') {
    const { channels, messages, unheard } = this.#watched.get(keyOf(session, roomType));
    return { channels, messages, unheard };
  }

  // What came of a stream so far.
  async received(session, roomType = 'video') {
    const watched = this.#watched.get(keyOf(session, roomType));
    if (!watched) return undefined;
    const report = await watched.pc.getStats();
    const inbound = [...report.values()].filter(({ type }) => type === 'inbound-rtp');
    const [video, audio] = ['video', 'audio'].map((wanted) => inbound.find(({ kind }) => kind === wanted));
    return {
      frames: video?.framesDecoded ?? 0, width: video?.frameWidth, packets: video?.packetsReceived ?? 0, bytes: video?.bytesReceived ?? 0,
      audioPackets: audio?.packetsReceived ?? 0, energy: audio?.totalAudioEnergy ?? 0, state: watched.pc.connectionState, offers: watched.offers,
      port: selected(report).remote?.port,
    };
  }

  async sent(roomType = 'video') {
    const { pc } = this.#published.get(roomType);
    const { transport, pair, remote } = selected(await pc.getStats());
    return {
      at: performance.now(), bytes: transport?.bytesSent ?? 0, available: pair?.availableOutgoingBitrate, state: pc.connectionState,
      ice: pc.iceConnectionState, port: remote?.port,
    };
  }

  look() { return { members: [...this.members.keys()], events: this.events, errors: this.errors, controls: this.controls, welcome: this.welcome }; }
}

window.talk = new TalkClient();
