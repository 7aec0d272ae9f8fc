// How a call comes back after the signaling server's connection to the gateway was cut, with the values of
// api.reclaim_session_timeout given: `node measure_recovery.mjs 0 30`. The clients do what Talk's web client does: whoever's own
// connection has failed (ICE) makes a new session; who watches asks again. One line of JSON for each value.
import { Browser } from './lib/browser.mjs';
import { FakeNextcloud } from './lib/fake_nextcloud.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startHpb } from './lib/hpb.mjs';
import { findServer } from './lib/hpb_packages.mjs';
import { eventually } from './lib/process.mjs';
import { Participant } from './lib/talk_page.mjs';
import { TcpProxy } from './lib/tcp_proxy.mjs';

const kPatience = 120000;
const kRetry = 10000; // as Talk repeats a request for an offer
const seconds = (milliseconds) => Math.round(milliseconds / 100) / 10;
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function startCall(reclaim) {
  const { server } = await findServer();
  const [gateway, nextcloud, browser] = await Promise.all([startGateway({ set: { 'api.reclaim_session_timeout': reclaim } }), FakeNextcloud.start(), Browser.start()]);
  const proxy = await TcpProxy.start(Number(new URL(gateway.url).port));
  const hpb = await startHpb({ server, gatewayUrl: `ws://127.0.0.1:${proxy.port}/`, nextclouds: [nextcloud] });
  const open = (name) => Participant.open(browser, { hpb, nextcloud, room: 'recovery', name });
  const people = [await open('alice'), await open('bob')];
  for (const each of people) await each.join();
  for (const each of people) await each.publish();
  await people[0].watch(people[1]);
  await people[1].watch(people[0]);
  await Promise.all([people[0].seesFrames(people[1]), people[1].seesFrames(people[0])]);
  const stop = async () => {
    await browser.close();
    await hpb.stop();
    await proxy.stop();
    await gateway.stop();
    await nextcloud.stop();
  };
  return { proxy, people, open, stop };
}

// Chromium maps a failed ICE transport to "disconnected" in iceConnectionState; this state tells.
const failed = async (each) => (await each.call('sent')).state === 'failed';

// Talk: the own connection has failed, so everything is made anew.
async function startOverWhenFailed(each, clock) {
  await eventually(() => failed(each), { within: kPatience, every: 200, what: 'the failure of the own connection' });
  each.failedAt = clock();
  await each.startOver();
  await each.publish();
}

async function watchAgain(viewer, other, clock) {
  for (;;) {
    const started = Date.now();
    try {
      await viewer.watch(other);
      await viewer.seesFrames(other, { within: kRetry });
      return clock();
    } catch {
      await pause(Math.max(0, kRetry - (Date.now() - started)));
    }
  }
}

// The last moment at which pictures still came.
async function lastPicture([alice, bob], clock) {
  let [frames, at] = [-1, clock()];
  while (clock() - at < 3000) {
    const now = (await alice.received(bob).catch(() => undefined))?.frames ?? frames;
    if (now > frames) [frames, at] = [now, clock()];
    await pause(200);
  }
  return at;
}

async function measure(reclaim) {
  const { proxy, people, open, stop } = await startCall(reclaim);
  const begin = Date.now();
  const clock = () => Date.now() - begin;
  proxy.cut();
  const stopped = lastPicture(people, clock);
  const carol = await open('carol');
  await carol.join();
  const newcomer = watchAgain(carol, people[0], clock);
  await Promise.all(people.map((each) => startOverWhenFailed(each, clock)));
  const back = Math.max(await watchAgain(people[0], people[1], clock), await watchAgain(people[1], people[0], clock));
  const result = { reclaim, stopped: seconds(await stopped), noticed: people.map(({ failedAt }) => seconds(failedAt)), back: seconds(back), newcomer: seconds(await newcomer) };
  await stop();
  return { ...result, outage: seconds(back - (await stopped)) };
}

for (const value of process.argv.slice(2)) console.log(JSON.stringify(await measure(Number(value))));
