// SPDX-License-Identifier: Apache-2.0
// One feed of somebody else: a handle of its own, so that a feed comes and goes without touching the others.

import { Emitter } from '../cardea.js';
import { Peer } from '../peer.js';
import { Code, VIDEOROOM } from './publisher.js';

const RETRY_MS = 1_000;
const RETRIES_MAX = 5;

/** Emits `track` {track, mid} and `state` {state}. */
export class Subscription extends Emitter {
  peer = null;
  #session;
  #room;
  #feed;
  #privateId;
  #iceServers;
  #handle = null;
  #closed = false;
  #retries = 0;

  constructor(session, { room, feed, privateId, iceServers }) {
    super();
    this.#session = session;
    this.#room = room;
    this.#feed = feed;
    this.#privateId = privateId;
    this.#iceServers = iceServers;
  }

  async start() {
    try {
      await this.#subscribe();
    } catch (error) {
      await this.#detach();
      // A feed announced a moment ago may not have media yet, and one just renewed is known by its old connection.
      if (error.kind === 'plugin' && error.code !== Code.noSuchFeed) this.emit('state', { state: 'failed' });
      else this.#again();
    }
  }

  async close() {
    this.#closed = true;
    this.peer?.close();
    await this.#detach();
  }

  async #subscribe() {
    const handle = await this.#session.attach(VIDEOROOM);
    if (this.#closed) {
      handle.detach().catch(() => {});
      return;
    }
    this.#handle = handle;
    handle.on('event', ({ jsep }) => { if (jsep) this.#answer(jsep); });
    handle.on('hangup', () => this.#renew());
    const { jsep } = await handle.send({
      request: 'join', ptype: 'subscriber', room: this.#room, private_id: this.#privateId, streams: [{ feed: this.#feed }],
    });
    this.#newPeer(handle);
    await this.#answer(jsep);
    this.#retries = 0;
  }

  #newPeer(handle) {
    const peer = new Peer(handle, this.#iceServers);
    this.peer = peer;
    peer.on('track', (detail) => this.emit('track', detail));
    peer.on('state', ({ state }) => { if (!this.#closed) this.emit('state', { state }); });
    peer.on('restart', () => this.#restart());
  }

  /** Every offer, the first and those of `updated` and of an ICE restart, is answered with `start`. */
  async #answer(offer) {
    const peer = this.peer;
    if (!peer || this.#closed) return;
    const answer = await peer.answer(offer);
    if (!this.#closed) await this.#handle.send({ request: 'start', room: this.#room }, answer);
  }

  async #restart() {
    try {
      const { jsep } = await this.#handle.send({ request: 'configure', restart: true });
      if (jsep) await this.#answer(jsep); // else it comes as an event
    } catch {
      // No connection now: the peer asks again, and gives up visibly.
    }
  }

  async #detach() {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.detach().catch(() => {}); // already gone is as good
  }

  async #renew() {
    if (this.#closed) return;
    this.peer?.close();
    await this.#detach();
    this.emit('state', { state: 'restarting' });
    this.#again();
  }

  #again() {
    if (this.#closed) return;
    if (this.#retries >= RETRIES_MAX) {
      this.emit('state', { state: 'failed' });
      return;
    }
    this.#retries += 1;
    setTimeout(() => { if (!this.#closed) this.start(); }, RETRY_MS * this.#retries);
  }
}
