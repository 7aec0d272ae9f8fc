// Simulcast and SVC of Chromium, echoed: every layer can be chosen, up, down and down right after up, and what comes back is one
// stream: nothing lost, no picture that refers to one that did not come.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { complaintsAbout, EchoPage } from './lib/echo_page.mjs';
import { startGateway } from './lib/gateway.mjs';
import { eventually } from './lib/process.mjs';
import { needsCardea } from './lib/under_test.mjs';

const kWidth = 960;
const kHeight = 540;
const kWidths = [kWidth / 4, kWidth / 2, kWidth];
const kLongestFreeze = 3; // seconds, from the wish to a keyframe on a busy machine

const toldOf = (events, layer) => events.filter((event) => layer in event).map((event) => event[layer]);
const layerOf = { rid: 'substream', sim: 'substream', svc: 'spatial_layer' };

// Down, up, down right after up, and to the top again.
async function switchAround(page, layer) {
  const choose = (value) => page.configure({ [layer]: value });
  for (const value of [0, 1, 2]) {
    await choose(value);
    await page.width(kWidths[value]);
  }
  await choose(0);
  await page.width(kWidths[0]);
  await choose(2);
  await choose(1);
  await page.width(kWidths[1]);
  await choose(2);
  await page.width(kWidths[2]);
}

async function expectOneStream(page, layer) {
  const { inbound } = await page.stats();
  assert.equal(inbound.packetsLost, 0, 'no gap in the sequence numbers');
  assert.equal(inbound.nackCount, 0, 'nothing to ask for again');
  assert.ok(inbound.totalFreezesDuration < kLongestFreeze, `frozen for ${inbound.totalFreezesDuration} s`);
  const frames = [];
  // Quick switches leave few of them behind.
  await eventually(async () => { frames.push(...await page.frames()); return frames.length > 30; }, { what: '30 frames' });
  assert.deepEqual(complaintsAbout(frames).slice(0, 5), []);
  const told = toldOf(await page.events(), layer);
  assert.deepEqual([told.at(-1), told.includes(0), told.includes(1)], [2, true, true], `told: ${told}`);
}

describe('layers of Chromium', needsCardea, () => {
  let gateway;
  let browser;
  before(async () => { [gateway, browser] = await Promise.all([startGateway(), Browser.start()]); });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const kPlain = ', without dependency descriptors';
  for (const [codec, how, described = true] of [['vp8', 'rid'], ['vp8', 'sim', false], ['h264', 'rid'], ['vp9', 'rid', false]]) {
    test(`${codec.toUpperCase()} simulcast by ${how === 'rid' ? 'RIDs' : 'SSRC groups'}${described ? '' : kPlain}`, { timeout: 120000 }, async (t) => {
      const page = await EchoPage.open(browser, gateway, { how, codec, described, width: kWidth, height: kHeight, maxBitrate: 900000 });
      if (!page.sends) return t.skip(`this Chromium does not encode ${codec}`);
      if (how === 'rid') assert.match(await page.answer(), /a=simulcast:recv h;m;l/);
      await page.width(kWidths[2], 40000); // the default is the highest
      await switchAround(page, layerOf[how]);
      await expectOneStream(page, layerOf[how]);
      return page.close();
    });
  }

  for (const described of [true, false]) {
    test(`VP8 temporal layers${described ? '' : kPlain}`, { timeout: 90000 }, async () => {
      const page = await EchoPage.open(browser, gateway, { how: 'L1T3', codec: 'vp8', described, width: 320, height: 180, maxBitrate: 300000 });
      await page.width(320, 30000);
      const rate = async () => {
        await page.frames();
        await sleep(3000);
        return (await page.frames()).length / 3;
      };
      const all = await rate();
      await page.configure({ temporal: 0 });
      await sleep(500);
      const few = await rate();
      assert.ok(few < all * 0.4 && few > all * 0.15, `${all} and ${few} frames a second: every fourth`);
      await page.configure({ temporal: 2 });
      await sleep(1500);
      assert.ok(await rate() > all * 0.7, `${all} before`);
      const { inbound } = await page.stats();
      assert.deepEqual([inbound.packetsLost, inbound.nackCount], [0, 0]);
      await page.close();
    });
  }

  for (const [codec, mode, described = true] of [['vp9', 'L3T3_KEY'], ['vp9', 'L3T3_KEY', false], ['vp9', 'L3T3', false], ['av1', 'L3T3_KEY']]) {
    test(`${codec.toUpperCase()} ${mode}${described ? '' : kPlain}`, { timeout: 120000 }, async (t) => {
      const page = await EchoPage.open(browser, gateway, { how: mode, codec, described, width: kWidth, height: kHeight, maxBitrate: 1500000 });
      if (!page.sends) return t.skip(`this Chromium does not encode ${codec}`);
      const [sent] = await eventually(async () => (await page.stats()).outbound.filter(({ framesEncoded }) => framesEncoded > 0).length > 0
        && (await page.stats()).outbound, { within: 30000, what: 'frames' });
      if (sent.scalabilityMode !== mode) {
        t.skip(`this Chromium sends ${codec} as ${sent.scalabilityMode}`);
        return page.close();
      }
      await page.width(kWidths[2], 60000);
      await switchAround(page, layerOf.svc);
      await expectOneStream(page, layerOf.svc);
      return page.close();
    });
  }
});

describe('layers of Chromium, 2 % of all packets lost both ways', needsCardea, () => {
  let gateway;
  let browser;
  before(async () => { [gateway, browser] = await Promise.all([startGateway({ link: { seed: 7 } }), Browser.start()]); });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  test('VP8 simulcast switches and goes on', { timeout: 120000 }, async () => {
    const page = await EchoPage.open(browser, gateway, { how: 'rid', codec: 'vp8', width: kWidth, height: kHeight, maxBitrate: 900000 });
    await page.width(kWidths[2], 40000);
    await gateway.link.set('both', { loss: 0.02, delay: 10 });
    for (const value of [0, 1, 0, 1]) {
      await page.configure({ substream: value });
      await page.width(kWidths[value]);
      const before = (await page.stats()).inbound.framesDecoded;
      await sleep(2000);
      const { inbound } = await page.stats();
      assert.ok(inbound.framesDecoded - before > 15, `${inbound.framesDecoded - before} frames in 2 s of substream ${value}`);
    }
    await page.close();
  });
});
