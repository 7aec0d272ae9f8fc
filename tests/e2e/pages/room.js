// A participant on the unmodified janus.js: publishes camera and microphone, and shows everybody else. Feeds known at the
// same moment share a subscriber PeerConnection; with `subscribe: false` they are collected until subscribeToAll().
// Tests drive it through window.participant.
/* global Janus */

const kPlugin = 'janus.plugin.videoroom';
const kSmallCamera = { width: 320, height: 240, frameRate: 15 };

const promised = (start) => new Promise((resolve, reject) => {
  start({ success: resolve, error: (problem) => reject(new Error(String(problem?.message ?? problem))) });
});

class Participant {
  events = [];
  feeds = new Map(); // feed id -> display
  hangups = [];
  #wanted = [];
  subscribers = [];

  async join({ url, room, name, publish = true, subscribe = true, camera = kSmallCamera, simulcast = false }) {
    this.room = room;
    this.subscribes = subscribe;
    await new Promise((callback) => { Janus.init({ debug: ['warn', 'error'], callback }); });
    this.janus = await new Promise((resolve, reject) => {
      const janus = new Janus({ server: url, iceServers: [], success: () => resolve(janus), error: (problem) => reject(new Error(problem)) });
    });
    const joined = this.#nextMessage('joined');
    this.publisher = await this.#attach((message, jsep) => this.#onPublisherMessage(message, jsep));
    this.publisher.send({ message: { request: 'join', ptype: 'publisher', room, display: name } });
    const { id, publishers } = await joined;
    this.id = id;
    if (publish) await this.#publish(camera, simulcast);
    this.#follow(publishers);
    return id;
  }

  #attach(onmessage, feeds) {
    return promised((callbacks) => this.janus.attach({
      plugin: kPlugin,
      ...callbacks,
      onmessage,
      onremotetrack: (track, mid, on) => this.#onRemoteTrack(feeds?.get(mid), track, on),
      oncleanup: () => this.hangups.push(Date.now()),
    }));
  }

  #nextMessage(kind) {
    return new Promise((resolve) => { this.waiting = { kind, resolve }; });
  }

  #onPublisherMessage(message, jsep) {
    this.events.push(message);
    if (message.error_code) throw new Error(`${message.error_code}: ${message.error}`);
    if (this.waiting?.kind === message.videoroom) this.waiting.resolve(message);
    if (jsep) this.publisher.handleRemoteJsep({ jsep });
    if (message.videoroom === 'event' && message.publishers) this.#follow(message.publishers);
    for (const how of ['unpublished', 'leaving']) this.feeds.delete(message[how]);
  }

  async #publish(camera, simulcast) {
    const tracks = [{ type: 'audio', capture: true, recv: false }, { type: 'video', capture: camera, recv: false, simulcast }];
    const jsep = await promised((callbacks) => this.publisher.createOffer({ tracks, ...callbacks }));
    this.publisher.send({ message: { request: 'publish' }, jsep });
  }

  async restartIce() {
    const jsep = await promised((callbacks) => this.publisher.createOffer({ iceRestart: true, ...callbacks }));
    this.publisher.send({ message: { request: 'configure', restart: true }, jsep });
  }

  #follow(publishers) {
    for (const { id, display } of publishers) {
      if (this.feeds.has(id)) continue;
      this.feeds.set(id, display);
      this.#wanted.push({ feed: id });
    }
    if (this.subscribes) this.subscribeToAll();
  }

  async subscribeToAll() {
    if (this.#wanted.length === 0) return;
    const streams = this.#wanted.splice(0);
    const feeds = new Map(); // mid -> feed
    const handle = await this.#attach((message, jsep) => this.#onSubscriberMessage({ handle, feeds }, message, jsep), feeds);
    this.subscribers.push({ handle, feeds });
    handle.send({ message: { request: 'join', ptype: 'subscriber', room: this.room, use_msid: true, streams } });
  }

  async #onSubscriberMessage({ handle, feeds }, message, jsep) {
    this.events.push(message);
    for (const { mid, feed_id: feed } of message.streams ?? []) feeds.set(mid, feed);
    if (!jsep) return;
    const answer = await promised((callbacks) => handle.createAnswer({ jsep, ...callbacks }));
    handle.send({ message: { request: 'start' }, jsep: answer });
  }

  #onRemoteTrack(feed, track, on) {
    const id = `${feed}-${track.kind}`;
    if (!on) {
      document.getElementById(id)?.remove();
      return;
    }
    if (document.getElementById(id)) return;
    const tile = document.createElement('figure');
    tile.id = id;
    const element = document.createElement(track.kind);
    Object.assign(element, { autoplay: true, playsInline: true, srcObject: new MediaStream([track]) });
    if (track.kind === 'audio') tile.hidden = true;
    tile.append(element, this.feeds.get(feed) ?? '');
    document.getElementById('tiles').append(tile);
  }

  // What the tests look at: one entry for each received stream, and the transports.
  async stats() {
    const received = [];
    const transports = [];
    const subscribers = this.subscribers.map(({ handle, feeds }) => ['subscriber', handle, feeds]);
    for (const [role, handle, feeds] of [['publisher', this.publisher], ...subscribers]) {
      const pc = handle?.webrtcStuff.pc;
      if (!pc) continue;
      for (const report of (await pc.getStats()).values()) {
        if (report.type === 'transport')
          transports.push({ role, cipher: report.srtpCipher, dtls: report.dtlsState, ice: pc.iceConnectionState, connection: pc.connectionState });
        if (report.type === 'inbound-rtp') received.push(this.#inbound(report, feeds));
      }
    }
    return { received, transports, tiles: this.#tiles() };
  }

  #inbound(report, feeds) {
    const { mid, kind, framesDecoded = 0, totalAudioEnergy = 0, packetsReceived, packetsLost, nackCount = 0, pliCount = 0, freezeCount = 0,
      retransmittedPacketsReceived = 0, framesDropped = 0, codecId } = report;
    return { feed: feeds?.get(mid), mid, kind, framesDecoded, totalAudioEnergy, packetsReceived, packetsLost, nackCount, pliCount,
      freezeCount, retransmittedPacketsReceived, framesDropped, codecId };
  }

  #tiles() {
    return [...document.querySelectorAll('video')].map((video) => ({ width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames }));
  }

  async sent() {
    const reports = [...(await this.publisher.webrtcStuff.pc.getStats()).values()].filter(({ type }) => type === 'outbound-rtp');
    return reports.map(({ kind, packetsSent, framesEncoded = 0, keyFramesEncoded = 0, nackCount = 0, pliCount = 0 }) =>
      ({ kind, packetsSent, framesEncoded, keyFramesEncoded, nackCount, pliCount }));
  }

  leave() {
    return promised((callbacks) => this.janus.destroy(callbacks));
  }
}

window.participant = new Participant();
