// SPDX-License-Identifier: Apache-2.0
// The call on the screen: turns what RoomClient tells into tiles, badges and words.

import { formatRate } from '../stats.js';
import { $, setIcon, toast } from '../ui.js';
import { Floor } from './grid.js';
import { Tile } from './tile.js';

const LEVEL_MS = 130; // no part of a second: what sounds in an even rhythm must not fall between all looks
const STATS_MS = 1_000;
const OWN = 'own';
const OWN_SCREEN = 'own-screen';
const STATE_TEXT = {
  connecting: 'Connecting', connected: 'Connected', watching: 'Watching', restarting: 'Reconnecting',
  reconnecting: 'Reconnecting', failed: 'No connection',
};

export class CallView {
  #floor = new Floor($('floor'), $('stage'), $('grid'));
  #media;
  #client = null;
  #timers = [];
  #stopListening = [];
  #signalling = 'open';
  #ownState = 'connecting';

  constructor(media) {
    this.#media = media;
    $('unblock').addEventListener('click', () => {
      $('unblock').hidden = true;
      for (const tile of this.#floor.tiles) tile.play();
    });
    media.on('track', ({ kind, track }) => this.#ownTrack(kind, track));
    media.on('enabled', () => this.#showOwnMedia());
  }

  open(client, { name, room }) {
    this.#client = client;
    this.#ownState = 'connecting';
    this.#signalling = 'open';
    $('room-title').textContent = `Room ${room}`;
    this.#addTile(OWN, { feed: OWN, name, self: true });
    for (const [kind, track] of Object.entries(this.#media.tracks)) this.#ownTrack(kind, track);
    this.#listen();
    this.#timers = [
      setInterval(() => this.#pollLevels(), LEVEL_MS),
      setInterval(() => this.#pollStats(), STATS_MS),
    ];
    this.#showState();
    this.#showPeople();
  }

  close() {
    this.#timers.forEach(clearInterval);
    this.#stopListening.forEach((stop) => stop());
    this.#stopListening = [];
    this.#client = null;
    this.#floor.clear();
    $('unblock').hidden = true;
  }

  showOwnScreen(stream, name) {
    const tile = this.#addTile(OWN_SCREEN, { feed: this.#client.screen.id, name, self: true, screen: true });
    tile.setTrack(stream.getVideoTracks()[0]);
    tile.setCamera(true);
  }

  #listen() {
    const on = {
      joined: ({ id }) => { this.#floor.get(OWN).element.dataset.feed = id; },
      added: ({ participant }) => this.#added(participant),
      changed: ({ participant }) => this.#changed(participant),
      removed: ({ participant }) => this.#removed(participant),
      track: ({ participant, track }) => this.#track(participant, track),
      peer: ({ participant, state }) => this.#floor.get(participant.id)?.setState(state),
      own: ({ state }) => { this.#ownState = state; this.#showState(); },
      screen: ({ sharing }) => { if (!sharing) this.#floor.delete(OWN_SCREEN); },
      connection: ({ state }) => { this.#signalling = state; this.#showState(); },
    };
    this.#stopListening = Object.entries(on).map(([type, listener]) => this.#client.on(type, listener));
  }

  #addTile(feed, about) {
    const tile = new Tile(about, (wanted) => this.#floor.togglePin(wanted));
    this.#floor.add(feed, tile);
    return tile;
  }

  #added(participant) {
    const { id, name, isScreen } = participant;
    this.#addTile(id, { feed: id, name, screen: isScreen });
    this.#changed(participant);
    toast(isScreen ? `${name || 'Guest'} shares a screen` : `${name || 'Guest'} joined`);
  }

  #changed({ id, name, isScreen, publishing, metadata }) {
    let tile = this.#floor.get(id);
    if (isScreen && !tile.screen) {
      // It was announced as a person; only its streams told what it is.
      this.#floor.delete(id);
      tile = this.#addTile(id, { feed: id, name, screen: true });
    }
    tile.setName(name);
    if (!publishing) tile.setWatching();
    else if (tile.element.dataset.state === 'watching') tile.setState('connecting');
    if (publishing) tile.setMuted(!isScreen && metadata.audio === false);
    if (publishing) tile.setCamera(metadata.video !== false);
    this.#showPeople();
  }

  #removed({ id, name, isScreen }) {
    this.#floor.delete(id);
    this.#showPeople();
    toast(isScreen ? `${name || 'Guest'} stopped sharing` : `${name || 'Guest'} left`);
  }

  async #track({ id }, track) {
    const playing = await this.#floor.get(id)?.setTrack(track);
    if (playing === false) $('unblock').hidden = false;
  }

  #ownTrack(kind, track) {
    const tile = this.#floor.get(OWN);
    if (!tile) return;
    if (!track) tile.removeTrack(kind);
    else if (kind === 'video') tile.setTrack(track); // our own voice is not played to us
    this.#showOwnMedia();
  }

  #showOwnMedia() {
    const [audio, video] = [this.#media.isOn('audio'), this.#media.isOn('video')];
    const tile = this.#floor.get(OWN);
    tile?.setMuted(!audio);
    tile?.setCamera(video);
    this.#showTool('mic', audio, ['mic', 'mic-off'], ['Mute', 'Unmute']);
    this.#showTool('cam', video, ['cam', 'cam-off'], ['Stop video', 'Start video']);
  }

  #showTool(id, on, [onIcon, offIcon], [onText, offText]) {
    $(id).setAttribute('aria-pressed', String(on));
    $(id).querySelector('span').textContent = on ? onText : offText;
    setIcon($(id), on ? onIcon : offIcon);
  }

  #showState() {
    const state = this.#signalling === 'open' ? this.#ownState : 'reconnecting';
    $('connection').dataset.state = state === 'watching' ? 'connected' : state;
    $('connection').textContent = STATE_TEXT[state] ?? state;
    this.#floor.get(OWN)?.setState(this.#ownState);
  }

  #showPeople() {
    const people = this.#floor.tiles.filter((tile) => !tile.screen).length;
    $('people').textContent = String(people);
    $('alone').hidden = people > 1;
  }

  #pollLevels() {
    const now = performance.now();
    this.#floor.get(OWN)?.setLevel(this.#media.isOn('audio') ? this.#media.meter.level() : 0, now);
    for (const { id, subscription } of this.#client.participants.values()) {
      if (subscription?.peer) this.#floor.get(id)?.pollLevel(subscription.peer.pc, now);
    }
  }

  async #pollStats() {
    const client = this.#client;
    const sent = [[OWN, client.publisher?.peer], [OWN_SCREEN, client.screen?.peer]];
    const received = [...client.participants.values()].map(({ id, subscription }) => [id, subscription?.peer]);
    const sum = async (pairs) => {
      const rates = await Promise.all(pairs.filter(([, peer]) => peer).map(async ([feed, peer]) => {
        const stats = await this.#floor.get(feed)?.pollStats(peer.pc);
        return stats?.kbps ?? 0;
      }));
      return rates.reduce((total, rate) => total + rate, 0);
    };
    const [up, down] = [await sum(sent), await sum(received)];
    $('totals').textContent = `↑ ${formatRate(up)}  ↓ ${formatRate(down)}`;
  }
}
