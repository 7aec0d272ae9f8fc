// SPDX-License-Identifier: Apache-2.0
// The video room page: lobby, call, and the way between them.
// ?room= and ?name= fill the form, ?autojoin=1 joins at once, ?server=ws://host:port names another gateway.

import { canShareScreen, openScreen } from './media.js';
import { CallView } from './room/call-view.js';
import { Lobby, fillDeviceSelects } from './room/lobby.js';
import { LocalMedia } from './room/local-media.js';
import { RoomClient } from './room/room-client.js';
import { certificateHint, loadSettings, parameters, showSecurityBanner } from './settings.js';
import { $, remember, showConnectionError, showNote, toast } from './ui.js';

const query = parameters();
const settings = await loadSettings();
const media = new LocalMedia();
const lobby = new Lobby(media, query);
const view = new CallView(media);
let client = null;
let wakeLock = null;

async function join() {
  const [name, room] = [$('name').value.trim(), $('room').value.trim()];
  if (!name || !room || client) return;
  remember.set('name', name);
  $('join').disabled = true;
  showNote($('join-error'), '');
  client = new RoomClient(settings);
  client.on('ended', ({ reason }) => leave(reason));
  client.on('screen', ({ sharing }) => { if (!sharing) stopStream(screenStream); });
  showCall(true);
  view.open(client, { name, room });
  try {
    await client.join({ room, name, tracks: { ...media.tracks }, bitrate: Number($('bitrate').value) });
  } catch (error) {
    if (client) leave();
    showConnectionError($('join-error'), error, certificateHint(settings));
    return;
  }
  history.replaceState(null, '', linkToRoom(room));
  keepAwake();
}

/** Back to the lobby, with the reason when it was not our wish. */
function leave(reason = '') {
  stopStream(screenStream);
  view.close();
  client?.leave();
  client = null;
  wakeLock?.release().catch(() => {});
  wakeLock = null;
  $('settings').close();
  showCall(false);
  showNote($('join-error'), reason);
  if (!media.tracks.audio && !media.tracks.video) lobby.open();
  else lobby.resume();
  $('join').focus();
}

function showCall(inCall) {
  $('lobby').hidden = inCall;
  $('call').hidden = !inCall;
  document.body.classList.toggle('in-call', inCall);
  $('join').disabled = false;
  if (inCall) lobby.close();
}

async function toggle(kind) {
  if (!client) return lobby.toggle(kind);
  try {
    await media.toggle(kind);
  } catch (error) {
    toast(error.message, 'danger');
  }
  return undefined;
}

// --- screen share -----------------------------------------------------------------------------------------------

let screenStream = null;

function stopStream(stream) {
  stream?.getTracks().forEach((track) => track.stop());
  screenStream = null;
  $('share').setAttribute('aria-pressed', 'false');
}

async function toggleScreen() {
  if (!client || $('share').disabled) return;
  if (screenStream) {
    stopStream(screenStream);
    await client.stopScreen();
    return;
  }
  $('share').disabled = true;
  try {
    screenStream = await openScreen();
    if (!screenStream) return;
    $('share').setAttribute('aria-pressed', 'true');
    // The browser has its own button to stop sharing.
    const stream = screenStream;
    stream.getVideoTracks()[0].addEventListener('ended', () => { if (screenStream === stream) toggleScreen(); });
    await client.shareScreen(screenStream);
    view.showOwnScreen(screenStream, $('name').value.trim());
  } catch (error) {
    stopStream(screenStream);
    toast(error.message, 'danger');
  } finally {
    $('share').disabled = false;
  }
}

// --- the rest of the toolbar -------------------------------------------------------------------------------------

/** Without the name and autojoin of the one who copies it. */
function linkToRoom(room) {
  const url = new URL(location.href);
  url.searchParams.set('room', room);
  url.searchParams.delete('name');
  url.searchParams.delete('autojoin');
  return url.href;
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(linkToRoom($('room').value.trim()));
    toast('The link to this room is in your clipboard');
  } catch {
    toast('The browser did not allow copying; the link is in the address bar', 'danger');
  }
}

async function openSettings() {
  await fillDeviceSelects(media, $('call-camera'), $('call-microphone'));
  $('settings').showModal();
}

async function chooseInCall(kind, deviceId) {
  try {
    await media.choose(kind, deviceId);
  } catch (error) {
    toast(error.message, 'danger');
  }
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else $('call').requestFullscreen?.().catch(() => {});
}

/** A phone that goes to sleep drops out of the call. */
async function keepAwake() {
  try {
    wakeLock = await navigator.wakeLock?.request('screen') ?? null;
  } catch {
    // Refused on low battery: nothing to do about it.
  }
}

const KEYS = { m: () => toggle('audio'), v: () => toggle('video'), s: toggleScreen, c: copyLink, f: toggleFullScreen };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches('input, select, textarea') || $('settings').open) return;
  const key = event.key.toLowerCase();
  if (client && event.shiftKey && key === 'l') leave();
  else if (!event.shiftKey && (client || key === 'm' || key === 'v')) KEYS[key]?.();
}

function wire() {
  $('join-form').addEventListener('submit', (event) => { event.preventDefault(); join(); });
  $('mic').addEventListener('click', () => toggle('audio'));
  $('cam').addEventListener('click', () => toggle('video'));
  $('share').addEventListener('click', toggleScreen);
  $('share').hidden = !canShareScreen();
  $('leave').addEventListener('click', () => leave());
  $('copy-link').addEventListener('click', copyLink);
  $('open-settings').addEventListener('click', openSettings);
  $('call-camera').addEventListener('change', (event) => chooseInCall('video', event.target.value));
  $('call-microphone').addEventListener('change', (event) => chooseInCall('audio', event.target.value));
  $('bitrate').addEventListener('change', (event) => {
    client?.setBitrate(Number(event.target.value)).catch((error) => toast(error.message, 'danger'));
  });
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', () => { if (client && document.visibilityState === 'visible') keepAwake(); });
  addEventListener('pagehide', () => client?.leave());
  media.on('track', ({ kind, track }) => client?.setTrack(kind, track).catch((error) => toast(error.message, 'danger')));
  media.on('enabled', () => client?.announceMedia());
  $('join').disabled = false; // the browser itself would send the form, and load the page anew
}

wire();
// What the banner says need not be said twice.
$('media-error').classList.toggle('covered', showSecurityBanner($('insecure'), settings));
await lobby.open();
if (query.get('autojoin') === '1') join();
