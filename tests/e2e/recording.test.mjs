// Recordings of EchoTest and VideoRoom, looked at with Debian's ffmpeg: every frame is there, audio and video meet, pauses are
// pauses; Janus' own format goes through janus' own tool; no path leaves the roots; a full disk ends the recording, not the call.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './lib/browser.mjs';
import { run } from './lib/debian.mjs';
import { startGateway } from './lib/gateway.mjs';
import { createRoom, JanusConnection, JanusError, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { beeps, complaintsOf, flashes, fromMjr, lipSync, probe } from './lib/media_files.mjs';
import { eventually } from './lib/process.mjs';
import { endRtpPeers, publish } from './lib/rtp_peer.mjs';

const kInStep = 0.1; // seconds
const kCodecs = ['vp8', 'vp9', 'h264', 'av1'];

let folder; // roots and what must stay outside of them
let root;
let outside;
let gateway;
let browser;
let page;
let session;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-recordings-'));
  [root, outside] = ['root', 'outside'].map((name) => join(folder, name));
  for (const each of [root, outside]) mkdirSync(each);
  [gateway, browser] = await Promise.all([startGateway({ set: { 'recording.roots': [root] } }), Browser.start()]);
  page = await browser.tab('record.html');
  session = await (await JanusConnection.connect(gateway.url)).createSession();
});
after(async () => {
  await browser?.close();
  endRtpPeers();
  await gateway?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// A peer connection of the page: its flashes and beeps come together.
async function newSender(name, options = {}) {
  await page.evaluate(([...args]) => window.startSender(...args), [name, options]);
  const call = (method, ...args) => page.evaluate(([...all]) => window.callSender(...all), [name, method, ...args]);
  return { offer: () => call('offer'), accept: (answer) => call('accept', answer), setSending: (on) => call('setSending', on), sent: () => call('sent') };
}
const canSend = (codec) => page.evaluate((each) => window.canSend(each), codec);

async function echo(name, body, options) {
  const handle = await session.attach(kEchoTest);
  const sender = await newSender(name, options);
  const { jsep } = await handle.ask({ audio: false, video: false, ...body }, await sender.offer());
  await sender.accept(jsep);
  await handle.event(({ janus }) => janus === 'webrtcup');
  return { handle, sender };
}

// The gateway finishes a file on its own thread: a file with a duration is whole.
const finished = (file) => eventually(async () => {
  if (!existsSync(file)) return false;
  const found = await probe(file);
  return found.duration > 0 && found;
}, { what: `${file} to be finished`, within: 10000 });

function assertInStep({ seen, heard, differences }, what) {
  assert.ok(differences.length >= 4, `${what}: ${seen.length} flashes, ${heard.length} beeps`);
  for (const difference of differences) assert.ok(Math.abs(difference) < kInStep, `${what}: out of step by ${differences.map((each) => each.toFixed(3))}`);
}

// Nothing but the codec changes from one to the next, so all are recorded at the same time; a pause in the middle.
test('every codec, with a pause: all frames, in step, decoded without a complaint', { timeout: 90000 }, async (context) => {
  const codecs = [];
  for (const codec of kCodecs) {
    if (await canSend(codec)) codecs.push(codec);
    else context.diagnostic(`skipped by name: this Chromium does not send ${codec}`);
  }
  assert.ok(codecs.includes('vp8'));
  const calls = await Promise.all(codecs.map((codec) => echo(codec, { videocodec: codec, record: true, filename: `echo/${codec}` }, { codec })));
  const all = (method, ...args) => Promise.all(calls.map(({ sender }) => sender[method](...args)));
  await sleep(4500);
  await all('setSending', false);
  await sleep(2500);
  await all('setSending', true);
  await sleep(3500);
  const sent = await all('sent');
  await Promise.all(calls.map(({ handle }) => handle.ask({ record: false })));
  await Promise.all(codecs.map(async (codec, i) => {
    const file = join(root, 'echo', `${codec}.mkv`);
    const found = await finished(file);
    assert.deepEqual(found.streams.map((stream) => stream.codec_name).sort(), ['opus', codec].sort());
    const [video] = found.of('video');
    assert.equal(`${video.width}x${video.height}`, '320x240');
    const frames = Number(video.nb_read_packets);
    // A second or so of pictures is under way when the recording ends or begins, none is lost between.
    assert.ok(frames > 0.9 * sent[i].video.frames - 15, `${codec}: ${frames} of ${sent[i].video.frames} frames`);
    const samples = Number(found.of('audio')[0].nb_read_packets);
    assert.ok(samples > 0.9 * sent[i].audio.packets - 25, `${codec}: ${samples} of ${sent[i].audio.packets} audio packets`);
    assert.ok(found.duration > 10 && found.duration < 16, `${codec}: ${found.duration} s`);
    assert.equal(await complaintsOf(file), '');
    const sync = await lipSync(file);
    assertInStep(sync, codec);
    const pause = Math.max(...sync.seen.slice(1).map((at, k) => at - sync.seen[k]));
    assert.ok(pause > 2.4 && pause < 4.6, `${codec}: the longest time between two flashes is ${pause} s`);
  }));
  await Promise.all(calls.map(({ handle }) => handle.detach()));
});

test('the best simulcast encoding that arrives is recorded', { timeout: 60000 }, async () => {
  const encodings = [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 }, { rid: 'l', scaleResolutionDownBy: 4 }];
  const { handle, sender } = await echo('simulcast', { record: true, filename: 'echo/simulcast' }, { codec: 'vp8', width: 960, height: 540, encodings });
  const framesOf = async (rid) => (await sender.sent())[`video${rid}`].frames ?? 0;
  await eventually(async () => (await framesOf('h')) > 150, { what: 'five seconds of the large encoding', within: 25000, every: 250 });
  await handle.ask({ record: false });
  const file = join(root, 'echo', 'simulcast.mkv');
  const found = await finished(file);
  assert.equal(found.of('video').length, 1);
  assert.equal(await complaintsOf(file), '');
  const text = await run('sh', ['-c', `ffprobe -v error -select_streams v -show_entries frame=width -of csv=p=0 "${file}"`]);
  const widths = text.split('\n').map((line) => Number.parseInt(line, 10)).filter(Boolean);
  const large = widths.filter((width) => width === 960).length;
  assert.ok(large > 60, `${large} large pictures of ${widths.length}`);
  assert.ok(widths.slice(-30).every((width) => width === 960), `at the end: ${widths.slice(-30)}`);
  assertInStep(await lipSync(file), 'simulcast');
  await handle.detach();
});

describe('side by side', { concurrency: true }, () => {
  test('VideoRoom records a browser and a native peer, each into its own file', { timeout: 60000 }, async () => {
    const { room, handle: admin, close } = await createRoom(gateway.url, { rec_dir: 'rooms', secret: 'adminpwd' });
    const handle = await session.attach(kVideoRoom);
    const { id } = await handle.ask({ request: 'join', ptype: 'publisher', room, display: 'page' });
    const sender = await newSender('room', { codec: 'vp8' });
    const { jsep } = await handle.ask({ request: 'publish', record: true, filename: 'page' }, await sender.offer());
    await sender.accept(jsep);
    await handle.event(({ janus }) => janus === 'webrtcup');
    const native = await publish(await session.attach(kVideoRoom), room);
    await sleep(1000);
    assert.equal((await admin.ask({ request: 'enable_recording', room, secret: 'adminpwd', record: true })).videoroom, 'success');
    await sleep(5000);
    await admin.ask({ request: 'enable_recording', room, secret: 'adminpwd', record: false });
    const folderOfRoom = join(root, 'rooms');
    const names = readdirSync(folderOfRoom);
    const nativeName = names.find((name) => name.startsWith(`videoroom-${room}-user-${native.id}-`) && name.endsWith('.mkv'));
    assert.deepEqual(names.sort(), ['page.mkv', nativeName].sort(), `publisher ${id}`);
    assertInStep(await finished(join(folderOfRoom, 'page.mkv')).then(() => lipSync(join(folderOfRoom, 'page.mkv'))), 'page');
    // Its pictures are no pictures; 50 packets of each kind a second are.
    const { streams, duration } = await finished(join(folderOfRoom, nativeName));
    assert.deepEqual(streams.map(({ codec_name: codec }) => codec).sort(), ['opus', 'vp8']);
    for (const { nb_read_packets: count } of streams) assert.ok(Number(count) > 45 * duration - 25, `${count} packets in ${duration} s`);
    native.peer.close();
    await handle.detach();
    const secret = await admin.message({ request: 'destroy', room, secret: 'adminpwd' });
    assert.equal(secret.plugindata.data.videoroom, 'destroyed');
    await close().catch(() => {}); // the room is gone already
  });

  test('a file that was not finished plays up to its last seconds', { timeout: 60000 }, async () => {
    const crashing = await startGateway({ set: { 'recording.roots': [root] } });
    const handle = await (await (await JanusConnection.connect(crashing.url)).createSession()).attach(kEchoTest);
    const sender = await newSender('crash', { codec: 'vp8' });
    const { jsep } = await handle.ask({ audio: false, video: false, record: true, filename: 'crash' }, await sender.offer());
    await sender.accept(jsep);
    await handle.event(({ janus }) => janus === 'webrtcup');
    await sleep(7000);
    await crashing.kill();
    const file = join(root, 'crash.mkv');
    assert.equal(await complaintsOf(file), '');
    const [seen, heard] = [await flashes(file), await beeps(file)];
    assert.ok(seen.length >= 3 && heard.length >= 3, `${seen.length} flashes, ${heard.length} beeps`);
  });

  test('mjr files go through janus-pp-rec', { timeout: 60000 }, async () => {
    const ofJanus = await startGateway({ set: { 'recording.roots': [root], 'recording.format': 'mjr' } });
    const handle = await (await (await JanusConnection.connect(ofJanus.url)).createSession()).attach(kEchoTest);
    const sender = await newSender('mjr', { codec: 'vp8' });
    const { jsep } = await handle.ask({ audio: false, video: false, record: true, filename: 'mjr/call' }, await sender.offer());
    await sender.accept(jsep);
    await handle.event(({ janus }) => janus === 'webrtcup');
    await sleep(5000);
    const sent = await sender.sent();
    await handle.ask({ record: false });
    const [audio, video] = ['call-audio-0.mjr', 'call-video-1.mjr'].map((name) => join(root, 'mjr', name));
    await ofJanus.stop(); // every file is whole after that
    const pictures = await probe(await fromMjr(video, join(root, 'mjr', 'video.webm')));
    const sound = await probe(await fromMjr(audio, join(root, 'mjr', 'audio.opus')));
    assert.equal(pictures.streams[0].codec_name, 'vp8');
    assert.ok(Number(pictures.streams[0].nb_read_packets) > 0.9 * sent.video.frames - 15, `${pictures.streams[0].nb_read_packets} of ${sent.video.frames}`);
    assert.equal(await complaintsOf(join(root, 'mjr', 'video.webm')), '');
    assert.equal(sound.streams[0].codec_name, 'opus');
    assert.ok(sound.duration > 3.5, `${sound.duration} s of sound`);
  });
});

test('no path leaves the roots', { timeout: 60000 }, async () => {
  symlinkSync(outside, join(root, 'link'));
  const kEscapes = ['../escaped', 'a/../../escaped', join(outside, 'x'), `${root}/../outside/x`, '/etc/x', 'dir/', '..', 'a\u0001b'];
  const handle = await session.attach(kEchoTest);
  for (const filename of [...kEscapes, 'link/x']) await assert.rejects(handle.ask({ record: true, filename }), (error) => error instanceof JanusError && error.code === 413, filename);
  const { room, handle: admin, close } = await createRoom(gateway.url);
  for (const rec_dir of [outside, '../outside', '/etc', `${root}-evil`])
    await assert.rejects(admin.ask({ request: 'create', rec_dir }), (error) => error.code === 430, rec_dir);
  const publisher = await session.attach(kVideoRoom);
  await publisher.ask({ request: 'join', ptype: 'publisher', room });
  for (const filename of kEscapes) await assert.rejects(publisher.ask({ request: 'configure', record: true, filename }), (error) => error.code === 430, filename);
  assert.deepEqual(readdirSync(outside), []);
  assert.ok(!existsSync(join(folder, 'escaped.mkv')));
  await publisher.detach();
  await handle.detach();
  await close();
});

test('a full disk ends the recording with an event, and the call goes on', { timeout: 60000 }, async () => {
  const { handle, sender } = await echo('full', { record: true, filename: 'full' }, { codec: 'vp8' });
  await sleep(1500);
  await run('prlimit', ['--pid', String(gateway.process.pid), `--fsize=${statSync(join(root, 'full.mkv')).size + 2000}:unlimited`]);
  const event = await handle.event(({ plugindata }) => plugindata?.data?.recording === 'stopped', 15000);
  assert.equal(event.plugindata.data.reason, 'disk full');
  await run('prlimit', ['--pid', String(gateway.process.pid), '--fsize=unlimited:unlimited']);
  assert.ok(gateway.process.isRunning);
  assert.equal(await complaintsOf(join(root, 'full.mkv')), '');
  // There is room again: the same call is recorded anew, under another name.
  await handle.ask({ record: true, filename: 'full' });
  await sleep(3000);
  const before = await sender.sent();
  await handle.ask({ record: false });
  assert.ok(before.video.frames > 60);
  const again = await finished(join(root, 'full-2.mkv'));
  assert.equal(again.streams.length, 2);
  await handle.detach();
});
