// Random loss through the project's own link simulator: NACK and RTX keep the picture moving.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { startGateway } from './lib/gateway.mjs';
import { createRoom } from './lib/janus_ws.mjs';
import { kWithinConsent, missedByDecoder, runPeers, streamsOf } from './lib/native.mjs';
import { eventually } from './lib/process.mjs';
import { framesDecoded, joinRoom, videoOf } from './lib/room_page.mjs';
import { isCardea, needsCardea } from './lib/under_test.mjs';

const kWindow = 5000;
const kWindows = 5;

describe('random loss both ways', needsCardea, () => {
  let gateway;
  let browser;
  before(async () => { if (isCardea) [gateway, browser] = await Promise.all([startGateway({ link: { seed: 42 } }), Browser.start()]); });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  // A camera of 15 frames/s has 75 in a window. With 10 % both ways a few are late or wait for a keyframe.
  for (const [loss, fewest] of [[0.02, 50], [0.1, 25]]) {
    test(`${loss * 100} %: frames are decoded in every window of 5 s`, { timeout: 120000 }, async () => {
      await gateway.link.set('both', { loss: 0, delay: 10 });
      const room = await createRoom(gateway.url);
      const publisher = await joinRoom(browser, gateway, room.room, 'publisher', { subscribe: false });
      const viewer = await joinRoom(browser, gateway, room.room, 'viewer', { publish: false });
      await eventually(async () => framesDecoded(await viewer.stats()) > 30, { within: 30000, what: 'a picture' });
      await gateway.link.set('both', { loss });
      let last = framesDecoded(await viewer.stats());
      const rises = [];
      for (let i = 0; i < kWindows; ++i) {
        await sleep(kWindow);
        const now = framesDecoded(await viewer.stats());
        rises.push(now - last);
        last = now;
      }
      const [video] = videoOf(await viewer.stats());
      const sent = (await publisher.sent()).find(({ kind }) => kind === 'video');
      assert.ok(rises.every((frames) => frames >= fewest), `frames per window: ${rises}; ${JSON.stringify(video)}`);
      assert.ok(video.nackCount > 0, 'the viewer asked the gateway again');
      assert.ok(sent.nackCount > 0, 'the gateway asked the publisher again');
      assert.ok(video.retransmittedPacketsReceived > 0, 'RTX came');
      await gateway.link.set('both', { loss: 0 });
      await Promise.all([publisher.close(), viewer.close()]);
      await room.close();
    });
  }

  test('2 %: a native subscriber misses nothing that a decoder needs', { timeout: 60000 }, async () => {
    const room = await createRoom(gateway.url);
    await gateway.link.set('both', { loss: 0.02, delay: 5 });
    const report = await runPeers(gateway, { room: room.room, count: 3, publish: true, subscribe: true, ...kWithinConsent });
    await gateway.link.set('both', { loss: 0 });
    assert.equal(report.totals.failed_connections, 0, JSON.stringify(report));
    const video = streamsOf(report).filter(({ kind }) => kind === 'video');
    assert.equal(video.length, 6);
    for (const stream of video) {
      assert.equal(stream.damaged, 0);
      assert.ok(stream.lost <= 5, JSON.stringify(stream));
      assert.deepEqual(missedByDecoder(stream), [], JSON.stringify(stream));
      assert.ok(stream.recovered > 10, `${stream.recovered} packets recovered`);
      assert.ok(stream.repairs > 0, 'by RTX');
    }
    await room.close();
  });
});
