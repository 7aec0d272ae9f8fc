// A call of two in a process of its own, so that nothing the tests do can delay it: both publish, both subscribe to the
// other. Once a tenth of a second one line of JSON: per stream what came, what is missing, the longest silence.
import { createRoom, JanusConnection, kVideoRoom } from './janus_ws.mjs';
import { publish, subscribe } from './rtp_peer.mjs';

const [url, settings] = process.argv.slice(2);
const { fields, create, join } = JSON.parse(settings);
const { room } = await createRoom(url, create, { fields });
const session = await (await JanusConnection.connect(url, { fields })).createSession();
const newHandle = () => session.attach(kVideoRoom);

const ada = await publish(await newHandle(), room, join);
const bob = await publish(await newHandle(), room, join);
const listeners = [await subscribe(await newHandle(), room, ada.id, join), await subscribe(await newHandle(), room, bob.id, join)];
const say = (about) => process.stdout.write(`${JSON.stringify(about)}\n`);

session.connection.event(({ janus }) => janus === 'hangup', 2 ** 31 - 1).then((event) => say({ hangup: event.reason }));
session.connection.socket.on('close', (code) => { say({ closed: code }); process.exit(0); });
setInterval(() => {
  const streams = listeners.flatMap(({ peer }) => [...peer.arrivals.values()]);
  say({ streams: streams.map(({ received, missing, longestPause }) => ({ received, missing, longestPause: Math.round(longestPause) })) });
}, 100);
