// EchoTest on the wire: there is no verb, each body is a set of settings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { JanusConnection, kEchoTest } from './lib/janus_ws.mjs';
import { offer, sdpText } from './lib/offer.mjs';
import { againstCardea, startTarget } from './lib/target.mjs';

let gateway;
let session;
let handle;

before(async () => {
  gateway = await startTarget();
  session = await (await JanusConnection.connect(gateway.url)).createSession();
  handle = await session.attach(kEchoTest);
});
after(() => gateway?.stop());

const answerTo = async (body, jsep) => (await handle.message(body, jsep)).plugindata.data;
const sectionsOf = (sdp) => sdp.split(/^(?=m=)/m).slice(1);

const kFields = {
  audio: true, video: true, bitrate: 500000, record: false, filename: 'x', substream: 2, temporal: 1, fallback: 250000,
  spatial_layer: 1, temporal_layer: 1, audiocodec: 'opus', videocodec: 'vp8', opusred: false, min_delay: 0, max_delay: 100,
};

test('all fields at once are accepted, with and without an effect', async () => {
  assert.deepEqual(await answerTo(kFields), { echotest: 'event', result: 'ok' });
});

test('each field is accepted alone', againstCardea('1.1.2 finds nothing to do in some'), async () => {
  for (const [name, value] of Object.entries(kFields)) assert.equal((await answerTo({ [name]: value })).result, 'ok', name);
});

test('a field of the wrong type is 413', async () => {
  const wrong = {
    audio: 'yes', video: 1, bitrate: 'fast', record: 'no', filename: 7, substream: 'high', temporal: {}, fallback: 'x', spatial_layer: [],
    temporal_layer: 'x', audiocodec: 1, videocodec: {}, opusred: 3,
  };
  for (const [name, value] of Object.entries(wrong)) {
    const data = await answerTo({ [name]: value });
    assert.equal(data.error_code, 413, `${name}: ${JSON.stringify(data)}`);
    assert.equal(data.echotest, 'event');
    assert.equal(typeof data.error, 'string');
  }
  assert.equal((await answerTo({ bitrate: -1 })).error_code, 413);
});

test('an empty body means nothing without an offer, and everything with one', async () => {
  assert.equal((await answerTo({})).error_code, 413);
  const own = await session.attach(kEchoTest);
  const reply = await own.message({}, offer());
  assert.equal(reply.plugindata.data.result, 'ok');
  assert.equal(reply.jsep.type, 'answer');
  await own.detach();
});

test('the answer has the offer\'s sections, carries all candidates and says so', againstCardea('a full ICE agent, half trickle'), async () => {
  const own = await session.attach(kEchoTest);
  const reply = await own.message({ audio: true, video: true }, offer());
  const sections = sectionsOf(reply.jsep.sdp);
  assert.deepEqual(sections.map((each) => each.match(/^m=(\S+) (\d+) (\S+)/).slice(1, 4).join(' ').replace(/ [1-9]\d* /, ' N ')),
    ['audio N UDP/TLS/RTP/SAVPF', 'video N UDP/TLS/RTP/SAVPF']);
  for (const [mid, each] of sections.entries()) {
    assert.match(each, new RegExp(`^a=mid:${mid}\r$`, 'm'));
    for (const line of ['a=ice-ufrag:', 'a=ice-pwd:', 'a=fingerprint:sha-256 ', 'a=setup:passive', 'a=rtcp-mux', 'a=sendrecv'])
      assert.ok(each.includes(line), `${line} in ${each}`);
  }
  assert.match(sections[0], /^a=candidate:\S+ 1 udp \d+ \S+ \d+ typ host/m);
  assert.match(sections[0], /^a=end-of-candidates/m);
  assert.match(reply.jsep.sdp, /^a=ice-lite/m);
  assert.match(reply.jsep.sdp, /^a=group:BUNDLE 0 1\r$/m);
  const trickled = await own.event(({ janus }) => janus === 'trickle');
  assert.deepEqual(trickled.candidate, { completed: true });
  await own.detach();
});

test('the codec asked for is the one answered', async () => {
  const own = await session.attach(kEchoTest);
  const sdp = sdpText({ kinds: ['audio'] }).replace('SAVPF 111', 'SAVPF 111 0').replace('a=ssrc', 'a=rtpmap:0 PCMU/8000\r\na=ssrc');
  const reply = await own.message({ audiocodec: 'pcmu' }, { type: 'offer', sdp });
  assert.match(reply.jsep.sdp, /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0\r$/m);
  await own.detach();
});

test('a section for data is answered', async () => {
  const own = await session.attach(kEchoTest);
  const data = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:2', 'a=setup:actpass', 'a=sctp-port:5000'];
  const bundled = sdpText({ extra: data }).replace('BUNDLE 0 1', 'BUNDLE 0 1 2');
  const { jsep } = await own.message({ audio: true }, { type: 'offer', sdp: bundled });
  assert.match(sectionsOf(jsep.sdp)[2], /^m=application [1-9]\d* UDP\/DTLS\/SCTP webrtc-datachannel\r$/m);
  assert.match(sectionsOf(jsep.sdp)[2], /^a=sctp-port:5000\r$/m);
  await own.detach();
});

test('when the peer connection ends the event is done, then it can be made again', async () => {
  const own = await session.attach(kEchoTest);
  await own.message({ audio: true }, offer());
  await own.hangup();
  const done = await own.event(({ janus, plugindata }) => janus === 'event' && plugindata.data.result === 'done');
  assert.deepEqual(done.plugindata.data, { echotest: 'event', result: 'done' });
  assert.equal('transaction' in done, false, 'it answers no request');
  const again = await gateway.eventually(async () => (await own.message({ audio: true }, offer())).jsep);
  assert.equal(again.type, 'answer');
  await own.detach();
});
