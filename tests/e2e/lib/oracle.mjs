// Debian's janus as the other gateway: the same tests run against it, which proves the tests. Unpacked, never installed.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { foreign } from './paths.mjs';
import { freeTcpPort, freeUdpPorts, untilListening } from './ports.mjs';
import { Process } from './process.mjs';

const kPackages = ['janus', 'liblua5.3-0', 'libmicrohttpd12', 'libnanomsg5', 'libpaho-mqtt1.3', 'libsofia-sip-ua0', 'libusrsctp2'];
// janus offers no candidate on loopback.
const outerAddress = () => Object.values(networkInterfaces()).flat().find((each) => each.family === 'IPv4' && !each.internal).address;
const kLibraries = 'usr/lib/x86_64-linux-gnu';

async function run(command, args, options) {
  const child = new Process(command, args, options);
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${child.log()}`);
}

export async function unpackOracle() {
  const home = join(foreign, 'janus');
  if (existsSync(join(home, 'usr/bin/janus'))) return home;
  const archives = join(foreign, 'janus-debs');
  mkdirSync(archives, { recursive: true });
  await run('apt-get', ['download', ...kPackages], { cwd: archives });
  await run('sh', ['-c', `for deb in "${archives}"/*.deb; do dpkg -x "$deb" "${home}"; done`]);
  return home;
}

function writeConfig(directory, home, { port, media, settings }) {
  const put = (name, text) => writeFileSync(join(directory, name), text);
  const folder = (name) => join(home, kLibraries, 'janus', name);
  put('janus.jcfg', `general: { configs_folder = "${directory}"; plugins_folder = "${folder('plugins')}"; transports_folder = "${folder('transports')}";
  events_folder = "${settings.events ? folder('events') : join(directory, 'none')}"; loggers_folder = "${join(directory, 'none')}"; debug_level = ${settings.debugLevel ?? 4}; debug_colors = false; server_name = "oracle"; ${settings.general ?? ''} }
certificates: { dtls_accept_selfsigned = true }
media: { rtp_port_range = "${media}-${media + (settings.mediaPorts ?? 500) - 1}"; ${settings.media ?? ''} }
nat: { ice_enforce_list = "${outerAddress()}"; ice_lite = ${settings.iceLite ?? true}; full_trickle = false }
plugins: { disable = "${['audiobridge', 'duktape', 'lua', 'nosip', 'recordplay', 'sip', 'streaming', 'textroom', 'videocall', 'voicemail']
    .map((name) => `libjanus_${name}.so`).join(',')}" }
${settings.events ? 'events: { broadcast = true; disable = "libjanus_gelfevh.so,libjanus_mqttevh.so,libjanus_nanomsgevh.so,libjanus_rabbitmqevh.so,libjanus_wsevh.so" }' : ''}
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`);
  put('janus.transport.websockets.jcfg', `general: { json = "compact"; ws = true; ws_port = ${port}; ws_ip = "127.0.0.1"; wss = false }\nadmin: { admin_ws = false; admin_wss = false }\n`);
  put('janus.plugin.videoroom.jcfg', `general: { ${settings.videoroom ?? ''} }\nroom-1234: { description = "test"; publishers = 20; bitrate = 0; audiocodec = "opus"; videocodec = "vp8" }\n`);
  // settings.events: the URL of an HTTP server that takes events by POST.
  if (settings.events) put('janus.eventhandler.sampleevh.jcfg', `general: { enabled = true; events = "all"; grouping = true; json = "compact"; compress = false; backend = "${settings.events}"; max_retransmissions = 3 }\n`);
  put('janus.plugin.echotest.jcfg', 'general: { }\n');
}

export async function startOracle(settings = {}) {
  const home = await unpackOracle();
  const directory = mkdtempSync(join(tmpdir(), 'oracle-'));
  const port = await freeTcpPort();
  const media = settings.mediaPort ?? await freeUdpPorts(8);
  writeConfig(directory, home, { port, media, settings });
  // What it leaves behind (recordings, a crash) is not for the folder of the tests, and a core of gigabytes for nobody.
  const [command, ...args] = [...settings.prefix ?? [], 'prlimit', '--core=0', join(home, 'usr/bin/janus'), '-F', directory, '-o'];
  const child = new Process(command, args, { cwd: directory, env: { LD_LIBRARY_PATH: join(home, kLibraries) } });
  await untilListening(port, child); // its log says nothing below level 4
  return {
    kind: 'janus',
    mediaAddress: outerAddress(),
    url: `ws://127.0.0.1:${port}/`,
    process: child,
    counts: null,
    log: () => child.log(),
    stop: async () => {
      const status = await child.stop('SIGTERM', 10000);
      rmSync(directory, { recursive: true, force: true });
      return status;
    },
  };
}
