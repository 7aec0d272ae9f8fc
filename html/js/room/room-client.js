// SPDX-License-Identifier: Apache-2.0
// The video room without a single DOM element: who is there, what they send, and what we send.

import { CardeaClient, Emitter } from '../cardea.js';
import { Publisher } from './publisher.js';
import { Subscription } from './subscription.js';

const ROOM_SETTINGS = {
  description: 'Cardea demo room', publishers: 16, notify_joining: true,
  audiolevel_event: false, // the page measures loudness itself
};
const SCREEN = 'screen';
const REJOIN_AFTER_MS = 1_000;

/** Emits: joined {id}; added, changed, removed {participant}; track {participant, track}; peer {participant, state};
 *  own {state}; screen {sharing}; connection {state}; ended {reason}.
 *  participant: {id, name, isScreen, publishing, metadata, subscription}. */
export class RoomClient extends Emitter {
  id = null;
  room = null;
  publisher = null;
  screen = null;
  participants = new Map();
  #settings;
  #client;
  #session = null;
  #privateId;
  #name;
  #tracks = { audio: null, video: null };
  #bitrate;
  #left = false;

  constructor(settings) {
    super();
    this.#settings = settings;
    this.#client = new CardeaClient(settings.url, { apisecret: settings.apisecret });
    this.#client.on('state', ({ state }) => {
      if (this.#left) return;
      if (state === 'reconnecting' || state === 'open') this.emit('connection', { state });
    });
  }

  async join({ room, name, tracks, bitrate }) {
    this.room = /^\d+$/.test(room) ? Number(room) : room;
    this.#name = name;
    this.#tracks = tracks;
    this.#bitrate = bitrate;
    await this.#client.connect();
    await this.#enter();
  }

  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    if (this.id === null) return; // still entering: the tracks of that moment are published
    if (this.publisher.publishing) await this.publisher.setTrack(kind, track);
    else if (track) await this.#publish();
    await this.announceMedia();
  }

  /** Others learn from the metadata whether we are muted. A gateway that does not know the field answers with an error or nothing. */
  async announceMedia() {
    await this.publisher?.configure({ metadata: this.#metadata() }).catch(() => {});
  }

  async setBitrate(bitrate) {
    this.#bitrate = bitrate;
    if (this.publisher.publishing) await this.publisher.configure({ bitrate });
  }

  async shareScreen(stream) {
    const screen = new Publisher(this.#settings.iceServers);
    this.screen = screen;
    try {
      await screen.attach(this.#session);
      await screen.join({ room: this.room, display: this.#name, metadata: { kind: SCREEN, owner: this.id } });
      this.#remove(screen.id); // its own arrival may have been told to us first
      const tracks = { video: stream.getVideoTracks()[0] };
      if (stream.getAudioTracks().length > 0) [tracks.audio] = stream.getAudioTracks();
      await screen.publish(tracks, { description: SCREEN, bitrate: 2_500_000 });
    } catch (error) {
      this.screen = null;
      await screen.close();
      throw error;
    }
    this.emit('screen', { sharing: true });
  }

  async stopScreen() {
    const screen = this.screen;
    this.screen = null;
    await screen?.close();
    this.emit('screen', { sharing: false });
  }

  /** At once and without an await: the page may be going away. */
  leave() {
    this.#left = true;
    this.screen?.leave();
    this.publisher?.leave();
    for (const { subscription } of this.participants.values()) subscription?.peer?.close();
    this.participants.clear();
    this.#client.close();
  }

  async #enter() {
    this.#session = await this.#client.createSession();
    this.#session.on('lost', () => this.#rejoin());
    this.#session.on('reclaimed', () => this.#revive());
    const publisher = await new Publisher(this.#settings.iceServers).attach(this.#session);
    this.publisher = publisher;
    publisher.on('event', ({ data }) => this.#roomEvent(data));
    publisher.on('state', ({ state }) => this.emit('own', { state }));
    this.room = await publisher.ensureRoom(this.room, ROOM_SETTINGS);
    const told = JSON.stringify(this.#metadata());
    const joined = await publisher.join({ room: this.room, display: this.#name, metadata: JSON.parse(told) });
    this.id = joined.id;
    this.#privateId = joined.private_id;
    this.emit('joined', { id: this.id });
    for (const attendee of joined.attendees ?? []) this.#learn(attendee);
    for (const feed of joined.publishers ?? []) this.#feed(feed);
    if (this.#tracks.audio || this.#tracks.video) await this.#publish();
    else this.emit('own', { state: 'watching' });
    // A camera that opened between the request and its answer: the others still take it for switched off.
    if (JSON.stringify(this.#metadata()) !== told) await this.announceMedia();
  }

  async #publish() {
    this.emit('own', { state: 'connecting' });
    await this.publisher.publish(this.#tracks, { bitrate: this.#bitrate });
  }

  #metadata() {
    const live = (track) => Boolean(track?.enabled);
    return { audio: live(this.#tracks.audio), video: live(this.#tracks.video) };
  }

  #revive() {
    const received = [...this.participants.values()].map(({ subscription }) => subscription?.peer);
    for (const peer of [this.publisher?.peer, this.screen?.peer, ...received]) peer?.revive();
  }

  /** The gateway has forgotten the session (restarted, or we were away too long): the same again from the start. */
  async #rejoin() {
    if (this.#left) return;
    this.#dropMedia();
    if (this.#client.state !== 'open') {
      this.emit('ended', { reason: 'The connection to the gateway was lost.' });
      return;
    }
    this.emit('connection', { state: 'reconnecting' });
    try {
      await this.#enter();
      this.emit('connection', { state: 'open' });
    } catch (error) {
      if (this.#left) return;
      if (error.kind === 'plugin') this.emit('ended', { reason: error.message });
      else setTimeout(() => this.#rejoin(), REJOIN_AFTER_MS);
    }
  }

  #dropMedia() {
    this.publisher?.leave();
    if (this.screen) {
      this.screen.leave();
      this.screen = null;
      this.emit('screen', { sharing: false });
    }
    for (const id of [...this.participants.keys()]) this.#remove(id);
  }

  #roomEvent(data) {
    if (data.videoroom === 'destroyed') {
      this.#end('The room was closed.');
      return;
    }
    if (data.videoroom !== 'event') return;
    for (const feed of data.publishers ?? []) this.#feed(feed);
    if (data.joining) this.#learn(data.joining);
    if (data.id !== undefined && (data.display !== undefined || data.metadata !== undefined)) this.#learn(data);
    if (data.unpublished !== undefined && data.unpublished !== 'ok') this.#unpublished(data.unpublished);
    if (data.leaving === 'ok' && data.reason === 'kicked') this.#end('You were removed from the room.');
    else if (data.leaving !== undefined && data.leaving !== 'ok') this.#remove(data.leaving);
    if (data.kicked !== undefined) this.#remove(data.kicked);
  }

  #end(reason) {
    this.leave();
    this.emit('ended', { reason });
  }

  #isOwn(id) {
    return id === this.id || id === this.screen?.id;
  }

  /** Somebody is there, or is known better: {id, display?, metadata?}. */
  #learn({ id, display, metadata }) {
    if (this.#isOwn(id) || (metadata?.kind === SCREEN && metadata.owner === this.id)) return null;
    const known = this.participants.get(id);
    const participant = known ?? { id, name: '', isScreen: false, publishing: false, metadata: {}, subscription: null };
    participant.name = display ?? participant.name;
    participant.metadata = metadata ?? participant.metadata;
    participant.isScreen ||= participant.metadata.kind === SCREEN;
    this.participants.set(id, participant);
    this.emit(known ? 'changed' : 'added', { participant });
    return participant;
  }

  #feed(feed) {
    // Gateways older than the metadata field still tell a screen by the description of its streams.
    const isScreen = (feed.streams ?? []).some(({ description }) => description === SCREEN);
    const participant = this.#learn(isScreen ? { ...feed, metadata: { kind: SCREEN, ...feed.metadata } } : feed);
    if (!participant || participant.subscription) return;
    participant.publishing = true;
    this.emit('changed', { participant });
    const subscription = new Subscription(this.#session, {
      room: this.room, feed: feed.id, privateId: this.#privateId, iceServers: this.#settings.iceServers,
    });
    participant.subscription = subscription;
    subscription.on('track', ({ track }) => this.emit('track', { participant, track }));
    subscription.on('state', ({ state }) => this.emit('peer', { participant, state }));
    subscription.start();
  }

  #unpublished(id) {
    const participant = this.participants.get(id);
    if (!participant) return;
    participant.subscription?.close();
    participant.subscription = null;
    participant.publishing = false;
    if (participant.isScreen) this.#remove(id);
    else this.emit('changed', { participant });
  }

  #remove(id) {
    const participant = this.participants.get(id);
    if (!participant) return;
    this.participants.delete(id);
    participant.subscription?.close();
    this.emit('removed', { participant });
  }
}
