// What happens to a call when its network path changes, breaks or ends.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { startGateway } from './lib/gateway.mjs';
import { createRoom } from './lib/janus_ws.mjs';
import { NativePeers, streamsOf } from './lib/native.mjs';
import { eventually } from './lib/process.mjs';
import { framesDecoded, joinRoom } from './lib/room_page.mjs';
import { isCardea, needsCardea } from './lib/under_test.mjs';

const kConsent = 6; // seconds, here
const kRecovery = 7000; // a browser checks its path every 2.5 s or faster: three checks may go wrong

describe('a call behind the link simulator', needsCardea, () => {
  let gateway;
  let browser;
  let room;
  let publisher;
  let viewer;

  before(async () => {
    if (!isCardea) return;
    [gateway, browser] = await Promise.all([startGateway({ link: true, set: { 'media.consent_timeout': 30 } }), Browser.start()]);
    room = await createRoom(gateway.url);
    publisher = await joinRoom(browser, gateway, room.room, 'publisher', { subscribe: false });
    viewer = await joinRoom(browser, gateway, room.room, 'viewer', { publish: false });
    await framesRise(20000);
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const framesRise = async (within, by = 10) => {
    const first = framesDecoded(await viewer.stats());
    const start = Date.now();
    await eventually(async () => framesDecoded(await viewer.stats()) >= first + by, { within, every: 100, what: `${by} more frames` });
    return Date.now() - start;
  };
  const sessions = async () => (await gateway.counts()).sessions;

  test('a rebinding NAT is followed by ICE checks alone', { timeout: 60000 }, async () => {
    const before = await gateway.link.stats();
    const { length: messages } = await publisher.page.evaluate(() => window.participant.events);
    await gateway.link.rebind();
    const took = await framesRise(kRecovery);
    assert.ok(took < kRecovery, `${took} ms`);
    const { flows } = await gateway.link.stats();
    for (const flow of flows) assert.notEqual(flow.seen_as, before.flows.find(({ client }) => client === flow.client).seen_as);
    assert.equal((await publisher.page.evaluate(() => window.participant.events)).length, messages, 'no signalling was needed');
    const { transports } = await publisher.stats();
    assert.equal(transports[0].ice, 'connected');
  });

  test('media from a path without a check is refused, and taken up again after one', { timeout: 60000 }, async () => {
    await gateway.link.dropChecks('up');
    await gateway.link.rebind();
    await sleep(2000); // what the jitter buffer still holds
    const silent = framesDecoded(await viewer.stats());
    const sentBefore = (await gateway.link.stats()).up.delivered;
    await sleep(2500);
    assert.equal(framesDecoded(await viewer.stats()), silent, 'no frame came over an unchecked path');
    assert.ok((await gateway.link.stats()).up.delivered > sentBefore + 50, 'although media was sent');
    await gateway.link.passChecks('up');
    await framesRise(kRecovery + 3000);
  });

  test('an ICE restart keeps the media', { timeout: 60000 }, async () => {
    const [{ packetsSent: sentBefore }] = await publisher.sent();
    await publisher.restartIce();
    await framesRise(5000, 30);
    assert.ok((await publisher.sent())[0].packetsSent > sentBefore);
    const { transports } = await publisher.stats();
    assert.equal(transports[0].connection, 'connected');
  });

  test('three seconds without any packet are survived', { timeout: 60000 }, async () => {
    await gateway.link.block();
    await sleep(3000);
    await gateway.link.unblock();
    await framesRise(kRecovery);
  });

  test('nothing was left behind by all this', { timeout: 60000 }, async () => {
    await Promise.all([publisher.close(), viewer.close()]);
    await eventually(async () => (await sessions()) === 1 && (await gateway.counts()).peers === 0, { what: 'only the session that holds the room' });
  });
});

describe('whoever vanishes', needsCardea, () => {
  let gateway;
  before(async () => { if (isCardea) gateway = await startGateway({ set: { 'media.consent_timeout': kConsent } }); });
  after(() => gateway?.stop());

  test('is gone after the consent timeout, and the others are told', { timeout: 60000 }, async () => {
    const room = await createRoom(gateway.url);
    const vanishAt = 3;
    const peers = new NativePeers(gateway, { room: room.room, publish: true, seconds: vanishAt + kConsent + 6, 'vanish-after': vanishAt });
    await eventually(async () => (await gateway.counts()).peers === 1, { what: 'a peer' });
    const report = await peers.report();
    const [hangup] = report.peers[0].api_events.filter(({ janus, publisher }) => janus === 'hangup' && publisher);
    assert.ok(hangup, 'a hangup event');
    const after = (hangup.at - report.started_at) / 1000 - vanishAt;
    // libnice checks every 4 to 6 s, so the gateway's last check may be so old when the peer vanishes.
    assert.ok(after > 0 && after < kConsent + 3, `gone ${after} s after it vanished`);
    await eventually(async () => (await gateway.counts()).peers === 0, { what: 'no peer' });
    await room.close();
  });

  test('a process that dies takes its session along', { timeout: 60000 }, async () => {
    const room = await createRoom(gateway.url);
    const { sessions } = await gateway.counts();
    const peers = new NativePeers(gateway, { room: room.room, count: 3, publish: true, subscribe: true, seconds: 60, 'die-after': 3 });
    await eventually(async () => (await gateway.counts()).sessions === sessions + 3, { what: 'three sessions' });
    assert.equal((await peers.process.exited).code, 9);
    await eventually(async () => {
      const counts = await gateway.counts();
      return counts.sessions === sessions && counts.peers === 0;
    }, { what: 'the counts of the start' });
    assert.deepEqual(await room.participants(), []);
    await room.close();
  });
});

describe('a browser tab that is killed', needsCardea, () => {
  let gateway;
  let browser;
  before(async () => { if (isCardea) [gateway, browser] = await Promise.all([startGateway(), Browser.start()]); });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const snapshot = async () => {
    const { sessions, handles, peers } = await gateway.counts();
    return { sessions, handles, peers, files: gateway.process.openFiles(), threads: gateway.process.threads() };
  };

  // Once for what the gateway opens on first use, then it must be the same again each time.
  test('frees everything: sessions, handles, peers, file descriptors', { timeout: 120000 }, async () => {
    const room = await createRoom(gateway.url);
    const stayer = await joinRoom(browser, gateway, room.room, 'stayer', { subscribe: false });
    await eventually(async () => (await stayer.sent()).some(({ framesEncoded }) => framesEncoded > 0), { what: 'the one who stays publishes' });
    await sleep(1000); // connections of /healthz that are still closing
    const start = await snapshot();
    for (let round = 0; round < 2; ++round) {
      const victim = await joinRoom(browser, gateway, room.room, `victim ${round}`);
      await eventually(async () => framesDecoded(await victim.stats()) > 10, { what: 'the victim sees the one who stays' });
      const busy = await snapshot();
      assert.ok(busy.peers > start.peers, `${JSON.stringify(busy)} against ${JSON.stringify(start)}`);
      await victim.crash();
      await eventually(async () => {
        const now = await snapshot();
        if (JSON.stringify(now) !== JSON.stringify(start)) throw new Error(JSON.stringify(now));
        return true;
      }, { within: 30000, what: `the counts of the start, ${JSON.stringify(start)}` });
    }
    await stayer.close();
    await eventually(async () => {
      const { sessions, handles, peers } = await snapshot();
      return sessions === 1 && handles === 1 && peers === 0;
    }, { what: 'the room alone' });
    await room.close();
  });
});

// Streams that a native subscriber had are whole, whoever comes and goes around it.
describe('a call does not notice', needsCardea, () => {
  let gateway;
  before(async () => { if (isCardea) gateway = await startGateway(); });
  after(() => gateway?.stop());

  test('others who die in the middle of it', { timeout: 60000 }, async () => {
    const room = await createRoom(gateway.url);
    const call = new NativePeers(gateway, { room: room.room, count: 2, publish: true, subscribe: true, seconds: 12, name: 'call' });
    await eventually(async () => (await room.participants()).length === 2, { what: 'the call' });
    for (let round = 0; round < 3; ++round) {
      const guests = new NativePeers(gateway, { room: room.room, count: 2, publish: true, subscribe: true, seconds: 60, 'die-after': 2, name: 'guest' });
      assert.equal((await guests.process.exited).code, 9);
    }
    const report = await call.report();
    const feeds = new Set(report.peers.map(({ feed }) => JSON.stringify(feed)));
    const own = streamsOf(report).filter(({ feed }) => feeds.has(feed));
    assert.equal(own.length, 4);
    for (const { lost, stamps_lost: stamps, damaged, stamped } of own) {
      assert.deepEqual({ lost, stamps, damaged }, { lost: 0, stamps: 0, damaged: 0 });
      assert.ok(stamped > 400);
    }
    await room.close();
  });
});
