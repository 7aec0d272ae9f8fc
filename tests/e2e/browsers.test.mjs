// Two browsers with the unmodified janus.js see and hear each other, encrypted with AES-256-GCM.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './lib/browser.mjs';
import { createRoom } from './lib/janus_ws.mjs';
import { eventually } from './lib/process.mjs';
import { audioOf, joinRoom, videoOf } from './lib/room_page.mjs';
import { isCardea, startUnderTest } from './lib/under_test.mjs';

let gateway;
let browser;

before(async () => { [gateway, browser] = await Promise.all([startUnderTest(), Browser.start()]); });
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

// Chromium reports the profile that libsrtp runs by its own name.
const kProfile = 'SRTP_AEAD_AES_256_GCM';

test('two pages see and hear each other over AES-256-GCM', { timeout: 90000 }, async () => {
  const room = await createRoom(gateway.url);
  const alice = await joinRoom(browser, gateway, room.room, 'alice', { camera: true });
  const bob = await joinRoom(browser, gateway, room.room, 'bob', { camera: true });
  for (const participant of [alice, bob]) {
    const stats = await eventually(async () => {
      const now = await participant.stats();
      const seen = videoOf(now).some(({ framesDecoded }) => framesDecoded > 100);
      const heard = audioOf(now).some(({ totalAudioEnergy }) => totalAudioEnergy > 0);
      return seen && heard && now;
    }, { within: 45000, every: 500, what: 'more than 100 frames and some sound' });
    assert.equal(videoOf(stats).length, 1);
    assert.equal(audioOf(stats).length, 1);
    assert.deepEqual(stats.transports.map(({ role }) => role), ['publisher', 'subscriber']);
    // janus answers as DTLS client, and then Chromium chooses AES_CM.
    for (const { cipher } of isCardea ? stats.transports : []) assert.equal(cipher, kProfile);
    assert.deepEqual(participant.page.complaints, []);
  }
  for (const participant of [alice, bob]) {
    await participant.leave();
    await participant.close();
  }
  await eventually(async () => (await room.participants()).length === 0, { what: 'an empty room' });
  await room.close();
});
