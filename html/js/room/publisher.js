// SPDX-License-Identifier: Apache-2.0
// One feed of ours in the room: camera and microphone, or the screen. One handle, one send-only peer connection.

import { CardeaError, Emitter } from '../cardea.js';
import { Peer } from '../peer.js';

export const VIDEOROOM = 'janus.plugin.videoroom';
export const Code = { noSuchFeed: 428, roomExists: 427, invalidElement: 430 };
const REPUBLISH_AFTER_MS = 1_000;

/** Emits `event` (what the room says, see RoomClient), `state` of the peer connection. */
export class Publisher extends Emitter {
  id = null;
  peer = null;
  #handle = null;
  #iceServers;
  #senders = {};
  #published = null;
  #closed = false;

  constructor(iceServers) {
    super();
    this.#iceServers = iceServers;
  }

  async attach(session) {
    this.#handle = await session.attach(VIDEOROOM);
    this.#handle.on('event', (detail) => this.emit('event', detail));
    this.#handle.on('hangup', () => this.#republish());
    return this;
  }

  /** The room is made when it is not there; that it already is, is the normal case. Returns the id in the form the server wants. */
  async ensureRoom(room, settings) {
    try {
      await this.#handle.send({ request: 'create', room, ...settings });
    } catch (error) {
      if (!(error instanceof CardeaError) || error.kind !== 'plugin') throw error;
      if (error.code === Code.invalidElement && typeof room === 'number') return this.ensureRoom(String(room), settings); // string_ids
      if (error.code !== Code.roomExists) throw error;
    }
    return room;
  }

  async join(body) {
    const { data } = await this.#handle.send({ request: 'join', ptype: 'publisher', ...body });
    this.id = data.id;
    return data;
  }

  get publishing() {
    return this.peer !== null;
  }

  /** tracks: {audio, video}, each a track or null. A kind given as null gets a place in the SDP all the same, so that
   *  switching it on later needs no negotiation; a kind left out gets none. */
  async publish(tracks, { bitrate, description } = {}) {
    this.#published = { tracks: { ...tracks }, bitrate, description };
    const peer = this.#newPeer();
    const stream = new MediaStream(Object.values(tracks).filter(Boolean));
    for (const [kind, track] of Object.entries(tracks)) {
      const transceiver = peer.pc.addTransceiver(track ?? kind, { direction: 'sendonly', streams: [stream] });
      this.#senders[kind] = transceiver.sender;
    }
    const offer = await peer.offer();
    const descriptions = description
      ? peer.pc.getTransceivers().map(({ mid }) => ({ mid, description }))
      : undefined;
    const { jsep } = await this.#handle.send({ request: 'publish', bitrate, descriptions }, offer);
    await peer.accept(jsep);
  }

  async setTrack(kind, track) {
    if (this.#published) this.#published.tracks[kind] = track;
    await this.#senders[kind]?.replaceTrack(track);
  }

  /** {audio, video}: false stops the gateway from passing the kind on, whatever still arrives. */
  async configure(body) {
    if (body.bitrate !== undefined && this.#published) this.#published.bitrate = body.bitrate;
    await this.#handle.send({ request: 'configure', ...body });
  }

  /** Without waiting; used when the page goes away too. */
  leave() {
    this.#closed = true;
    this.#handle?.post({ request: 'leave' });
    this.peer?.close();
    this.peer = null;
  }

  async close() {
    this.leave();
    await this.#handle?.detach().catch(() => {}); // already gone is as good
  }

  #newPeer() {
    this.peer?.close();
    this.peer = new Peer(this.#handle, this.#iceServers);
    this.peer.on('state', ({ state }) => this.emit('state', { state }));
    this.peer.on('restart', () => this.#restart());
    return this.peer;
  }

  async #restart() {
    try {
      const offer = await this.peer.offer({ iceRestart: true });
      const { jsep } = await this.#handle.send({ request: 'configure', restart: true }, offer);
      if (jsep) await this.peer?.accept(jsep);
    } catch {
      // No connection now, or the gateway is busy: the peer asks again, and gives up visibly.
    }
  }

  /** The gateway ended the peer connection (consent timeout, say) but we are still in the room: start a new one. */
  #republish() {
    if (this.#closed || !this.#published) return;
    this.emit('state', { state: 'restarting' });
    this.peer?.close();
    setTimeout(() => {
      if (this.#closed) return;
      const { tracks, ...options } = this.#published;
      this.publish(tracks, options).catch(() => this.emit('state', { state: 'failed' }));
    }, REPUBLISH_AFTER_MS);
  }
}
