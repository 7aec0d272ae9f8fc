// The daemon as its administrator meets it: command line, configuration, modules, certificate, log, start and end.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startGateway } from './lib/gateway.mjs';
import { JanusConnection, kEchoTest, kVideoRoom } from './lib/janus_ws.mjs';
import { offer } from './lib/offer.mjs';
import { inBuild, root } from './lib/paths.mjs';
import { endProcesses, eventually, Process } from './lib/process.mjs';
import { RunningCall } from './lib/running_call.mjs';

const kBadConfiguration = 2;
const kCannotStart = 1;
const kStopTime = 5000;

let directory;
before(() => { directory = mkdtempSync(join(tmpdir(), 'cardea-config-')); });
after(() => {
  rmSync(directory, { recursive: true, force: true });
  endProcesses();
});

const sets = (settings) => Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`]);
// Settings of a daemon that is in nobody's way.
const aside = () => ({
  state_dir: join(directory, 'state'), 'media.base_port': 0, 'media.workers': 1, 'media.addresses': ['127.0.0.1'],
  ...Object.fromEntries(['websocket', 'http'].flatMap((name) => [[`${name}.port`, 0], [`${name}.secure_port`, -1], [`${name}.addresses`, ['127.0.0.1']]])),
});
function written(name, text) {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

// A run that ends by itself.
async function outcome(...args) {
  const child = new Process(inBuild('cardea'), args);
  const late = setTimeout(() => child.child.kill('SIGKILL'), 20000);
  const { code, signal } = await child.exited;
  clearTimeout(late);
  assert.equal(signal, null, `did not end: ${child.log()}`);
  return { code, stdout: child.stdout, lines: child.lines };
}
const check = (...args) => outcome('--check-config', ...sets({ state_dir: join(directory, 'state') }), ...args);
const errors = (lines) => lines.filter((line) => / E /.test(line));
const warnings = (lines) => lines.filter((line) => / W /.test(line));

// ---- command line ---------------------------------------------------------------------------------------------------

test('--version and --help say so and end well', async () => {
  const version = await outcome('--version');
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^cardea \d+\.\d+\.\d+\n$/);
  const help = await outcome('--help');
  assert.equal(help.code, 0);
  for (const option of ['--config', '--set', '--check-config', '--version', '--help']) assert.ok(help.stdout.includes(option), option);
});

test('a mistake on the command line is named, and nothing starts', async () => {
  const cases = [[['--nonsense'], /--nonsense/], [['--set'], /--set/], [['--config', join(directory, 'absent.cfg')], /absent\.cfg: is not a file/], [['--config', directory], /is not a file/]];
  for (const [args, pattern] of cases) {
    const { code, lines, stdout } = await outcome(...args);
    assert.equal(code, kBadConfiguration, args.join(' '));
    assert.match(lines.join('\n'), pattern);
    assert.equal(stdout, '');
  }
});

test('--set: any key, any number of times, the last one counts; a bad one is named by its argument', async () => {
  assert.equal((await check('--set', 'media.workers=3', '--set', 'media.workers=2', '--set', 'websocket.port=0', '--set', 'limits.json_depth=32')).code, 0);
  const bad = {
    'media.base_port': /^--set media\.base_port: needs the form path\.to\.key=value$/, 'nosuch.key=1': /^--set nosuch\.key: nosuch: unknown key/,
    'media.workers=x': /^--set media\.workers: media\.workers: expected an integer, got a string$/, 'media.base_port=70000': /^--set media\.base_port: media\.base_port: 70000 is out of range 0 to 65535$/,
    'websocket.prot=1': /--set websocket\.prot: websocket\.prot: unknown key, did you mean "port"\?$/, 'log.level=loud': /^--set log\.level: log\.level: /,
  };
  for (const [argument, pattern] of Object.entries(bad)) {
    const { code, lines } = await check('--set', argument);
    assert.equal(code, kBadConfiguration, argument);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], pattern);
  }
});

test('--set reaches the running gateway', async () => {
  const gateway = await startGateway({ set: { 'api.server_name': 'Named by hand', 'api.session_timeout': 7 } });
  const connection = await JanusConnection.connect(gateway.url);
  const info = await connection.exchange({ janus: 'info' });
  assert.equal(info['server-name'], 'Named by hand');
  assert.equal(info['session-timeout'], 7);
  await gateway.stop();
});

// ---- configuration --------------------------------------------------------------------------------------------------

test('each problem of a file is one line: file, line, key, problem', async () => {
  const file = written('bad.cfg', `media: {
  workers = "two";
  base_port = 99999;
  nosuch = 1;
};
limits: { json_depth = 3; };
log: { level = 5; };
api: { secret = [ "my password" ]; };
`);
  const { code, lines, stdout } = await check('--config', file);
  assert.equal(code, kBadConfiguration);
  assert.deepEqual(lines.sort(), [
    `${file}:2: media.workers: expected an integer, got a string`, `${file}:3: media.base_port: 99999 is out of range 0 to 65535`,
    `${file}:4: media.nosuch: unknown key`, `${file}:6: limits.json_depth: 3 is out of range 8 to 1024`,
    `${file}:7: log.level: expected a string, got an integer`, `${file}:8: api.secret: expected a string, got a list`,
  ]);
  assert.equal(stdout, '');
  const started = await outcome('--config', file, ...sets({ state_dir: join(directory, 'state') }));
  assert.equal(started.code, kBadConfiguration, 'it does not start with it either');
  const broken = written('broken.cfg', 'media: {\n  workers = ;\n};\n');
  assert.deepEqual((await check('--config', broken)).lines, [`${broken}:2: syntax error`]);
});

test('problems of a module\'s section or file are named the same way', async () => {
  const main = written('section.cfg', 'websocket: {\n  prot = 1;\n};\nhttp: { port = 70000; };\n');
  const { code, lines } = await check('--config', main);
  assert.equal(code, kBadConfiguration);
  assert.equal(lines.length, 2);
  assert.ok(lines.some((line) => line.endsWith(`${main}:2: websocket.prot: unknown key, did you mean "port"?`)), lines.join('\n'));
  assert.ok(lines.some((line) => line.endsWith(`${main}:4: http.port: 70000 is out of range -1 to 65535`)), lines.join('\n'));
});

test('every file in conf/ is good, and each module\'s is looked at', async () => {
  const conf = join(root, 'conf');
  const files = readdirSync(conf).filter((name) => name.endsWith('.cfg'));
  const all = sets({ 'modules.enable': files.filter((name) => name !== 'cardea.cfg').map((name) => name.replace('.cfg', '')) });
  const good = await check('--config', join(conf, 'cardea.cfg'), ...all);
  assert.deepEqual([good.code, good.stdout], [0, 'configuration is good\n'], good.lines.join('\n'));
  const copies = join(directory, 'conf');
  mkdirSync(copies);
  for (const name of files) copyFileSync(join(conf, name), join(copies, name));
  for (const name of files) {
    const text = readFileSync(join(conf, name), 'utf8');
    writeFileSync(join(copies, name), `${text}nosuch = 1;\n`);
    const { code, lines } = await check('--config', join(copies, 'cardea.cfg'), ...all);
    assert.equal(code, kBadConfiguration, name);
    assert.match(lines.join('\n'), new RegExp(`${name}:${text.split('\n').length}: (\\w+\\.)?nosuch: unknown key`));
    writeFileSync(join(copies, name), text);
  }
});

// ---- modules --------------------------------------------------------------------------------------------------------

const kBroken = {
  absent: /no such file/, no_symbol: /exports no cardea_module/, other_major: /was built for ABI 2, this host has ABI 1/, throws: /create fails/,
  crashes: /crashes in its trial/, nameless: /calls itself somebody/,
};

// The modules of the gateway and those that are broken in one way each.
function mixedModules() {
  const folder = join(directory, 'modules');
  mkdirSync(folder, { recursive: true });
  for (const from of [inBuild('modules'), inBuild('tests/contract/modules')]) {
    for (const name of readdirSync(from).filter((file) => file.endsWith('.so'))) {
      rmSync(join(folder, name), { force: true });
      symlinkSync(join(from, name), join(folder, name));
    }
  }
  return folder;
}

test('broken modules cost one line each, and the gateway goes on without them', async () => {
  const gateway = await startGateway({ set: { 'modules.folder': mixedModules(), 'modules.enable': ['websocket', 'http', ...Object.keys(kBroken), 'echotest'] } });
  const lines = errors(gateway.process.lines);
  assert.equal(lines.length, Object.keys(kBroken).length, lines.join('\n'));
  for (const [name, pattern] of Object.entries(kBroken)) {
    const about = gateway.process.lines.filter((line) => new RegExp(`module="?${name}\\b`).test(line));
    assert.equal(about.length, 1, `${name}: ${about.join('\n')}`);
    assert.match(about[0], pattern);
    assert.match(about[0], /module refused/);
  }
  const session = await (await JanusConnection.connect(gateway.url)).createSession();
  assert.ok((await session.attach(kEchoTest)).id);
  for (const name of ['throws', 'crashes']) await assert.rejects(session.attach(`test.plugin.${name}`), { code: 460 });
  await gateway.stop();
});

test('with on_error = "exit" a broken module stops the gateway with one line', async () => {
  const settings = { ...aside(), 'modules.folder': mixedModules(), 'modules.on_error': 'exit' };
  for (const [name, pattern] of Object.entries(kBroken)) {
    const { code, lines } = await outcome(...sets({ 'modules.enable': ['websocket', 'http', 'echotest', name], ...settings }));
    assert.equal(code, kCannotStart, name);
    assert.equal(errors(lines).length, 1, lines.join('\n'));
    assert.match(errors(lines)[0], /gateway cannot start/);
    assert.match(errors(lines)[0], pattern);
    assert.ok(errors(lines)[0].includes(`module ${name}`), errors(lines)[0]);
  }
});

// ---- start and end --------------------------------------------------------------------------------------------------

test('SIGTERM during a call hangs up the peers and ends with 0 within five seconds', async () => {
  const gateway = await startGateway();
  const call = await RunningCall.start(gateway.url);
  await eventually(async () => (await gateway.counts()).peers === 4, { what: 'four peers counted' });
  const { code, signal, milliseconds } = await gateway.process.stop('SIGTERM', 3 * kStopTime);
  assert.deepEqual([code, signal], [0, null], gateway.log());
  assert.ok(milliseconds < kStopTime, `${milliseconds} ms`);
  await call.line(/^\{"hangup":/, 2000);
  await call.line(/^\{"closed":/, 2000);
  assert.deepEqual(errors(gateway.process.lines), []);
  await call.stop();
  await gateway.stop();
});

test('the certificate is made once, its key is for the owner only, and it is used again', async () => {
  const state = join(directory, 'certified');
  const files = ['self-signed.pem', 'self-signed.key'].map((name) => join(state, name));
  const settings = sets({ ...aside(), state_dir: state });
  const runs = [];
  for (let run = 0; run < 2; ++run) {
    const child = new Process(inBuild('cardea'), settings);
    await child.line(/gateway ready/);
    assert.equal((await child.stop()).code, 0);
    runs.push(files.map((file) => [readFileSync(file, 'utf8'), statSync(file).mtimeMs]));
  }
  assert.match(runs[0][0][0], /BEGIN CERTIFICATE/);
  assert.deepEqual(runs[1], runs[0]);
  assert.equal(statSync(files[1]).mode & 0o077, 0);
});

test('a state directory that cannot be written is one clear line', async () => {
  const inTheWay = written('a-file', '');
  const { code, lines } = await outcome(...sets({ ...aside(), state_dir: join(inTheWay, 'state') }));
  assert.equal(code, kBadConfiguration);
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0], /a-file\/state: cannot be made: Not a directory \(set state_dir\)$/);
});

test('a port in use is one clear line, and the gateway does not start', async () => {
  const tcp = createServer();
  const udp = createSocket('udp4');
  await new Promise((resolve) => { tcp.listen(0, '127.0.0.1', resolve); });
  await new Promise((resolve) => { udp.bind(0, '127.0.0.1', resolve); });
  const taken = { 'websocket.port': tcp.address().port, 'http.port': tcp.address().port, 'media.base_port': udp.address().port };
  for (const [key, port] of Object.entries(taken)) {
    const { code, lines } = await outcome(...sets({ ...aside(), [key]: port }));
    assert.equal(code, kCannotStart, key);
    assert.equal(errors(lines).length, 1, lines.join('\n'));
    assert.match(errors(lines)[0], new RegExp(`gateway cannot start .*cannot listen on .*127\\.0\\.0\\.1:${port}: Address already in use`));
  }
  tcp.close();
  udp.close();
});

// ---- warning --------------------------------------------------------------------------------------------------------

const kPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/;
const ownAddresses = () => Object.values(networkInterfaces()).flat().map(({ address }) => address).filter((one) => !/^(127\.|169\.254\.|::1$|fe[89ab])/.test(one));

// A daemon in a network of its own with the addresses given; where that is not allowed, on this host with those it has.
async function amongAddresses(addresses, settings) {
  const network = `ip link set lo up && ${addresses.map((one) => `ip addr add ${one} dev lo`).join(' && ')} && exec "$@"`;
  const namespace = ['--user', '--map-root-user', '--net', 'sh', '-c'];
  const probe = new Process('unshare', [...namespace, network, 'sh', 'true']);
  const separate = await probe.exited.then(({ code }) => code === 0, () => false);
  const command = [inBuild('cardea'), ...sets({ ...aside(), 'media.addresses': [], ...settings })];
  const child = separate ? new Process('unshare', [...namespace, network, 'sh', ...command]) : new Process(command[0], command.slice(1));
  await child.line(/gateway ready/);
  assert.equal((await child.stop()).code, 0);
  return { seen: separate ? addresses : ownAddresses(), warned: warnings(child.lines) };
}

test('exactly one warning when there are private addresses only and none is announced', async () => {
  const cases = [
    [['10.0.0.5'], {}], [['10.0.0.5', '192.168.7.7', 'fd00::5'], {}], [['203.0.113.5'], {}], [['10.0.0.5', '203.0.113.5'], {}],
    [['10.0.0.5'], { 'media.announce': [{ local: '10.0.0.5', public: ['203.0.113.7'] }] }],
  ];
  for (const [addresses, settings] of cases) {
    const { seen, warned } = await amongAddresses(addresses, settings);
    const expected = seen.length > 0 && seen.every((one) => kPrivate.test(one)) && !settings['media.announce'] ? 1 : 0;
    assert.equal(warned.length, expected, `${seen.join(' ')}: ${warned.join('\n')}`);
    if (expected) assert.match(warned[0], /private addresses only: .*media\.announce/);
  }
});

// ---- log ------------------------------------------------------------------------------------------------------------

const kSecrets = { api: 'secret-of-the-api', token: 'secret-of-tokens', admin: 'secret-of-the-admin', room: 'secret-of-the-room', pin: 'secret-pin' };

function token() {
  const text = `${Math.floor(Date.now() / 1000) + 300},janus,${kEchoTest},${kVideoRoom}`;
  return `${text}:${createHmac('sha1', kSecrets.token).update(text).digest('base64')}`;
}

// All a client does, right and wrong, that something could be logged about. What the log may not hold, and what it holds.
async function eventfulRun(level) {
  const gateway = await startGateway({
    set: { 'log.level': level, 'api.secret': kSecrets.api, 'api.token_auth': true, 'api.token_auth_secret': kSecrets.token, 'videoroom.admin_key': kSecrets.admin },
  });
  const start = gateway.process.lines.length;
  const fields = { apisecret: kSecrets.api, token: token() };
  const connection = await JanusConnection.connect(gateway.url, { fields, headers: { 'X-Forwarded-For': '203.0.113.99' } });
  const call = await RunningCall.start(gateway.url, {
    fields, create: { admin_key: kSecrets.admin, secret: kSecrets.room, pin: kSecrets.pin }, join: { pin: kSecrets.pin },
  });
  const session = await connection.createSession();
  const handle = await session.attach(kEchoTest);
  await connection.exchange({ janus: 'create', apisecret: `${kSecrets.api}-wrong` });
  await connection.exchange({ janus: 'create', token: `${fields.token}x` });
  connection.sendText(`{"janus":"create","transaction":"t","apisecret":"${kSecrets.api}"`);
  await connection.event(({ error }) => error?.code === 454);
  await handle.message({ audio: true }, { type: 'offer', sdp: 'nonsense' }).catch((error) => assert.equal(error.code, 465));
  const { jsep } = await handle.message({ audio: true }, offer());
  await handle.hangup();
  await handle.detach();
  await session.attach('nonsense').catch((error) => assert.equal(error.code, 460));
  connection.terminate();
  await call.stop(); // without a goodbye
  await eventually(async () => (await gateway.counts()).handles === 0, { what: 'everything gone' });
  await gateway.stop();
  const passwords = jsep.sdp.match(/(?<=a=ice-pwd:)\S+/g);
  return { lines: gateway.process.lines.slice(start), all: gateway.process.lines, private: [...Object.values(kSecrets), fields.token, ...passwords] };
}

const addressesIn = (line) => line.split(/[\s="'[\](),]+/).filter((word) => isIP(word) || isIP(word.replace(/:\d+$/, '')));
const kOfSdp = /\bv=0|\bm=(audio|video)|a=(candidate|fingerprint|ice-ufrag|ice-pwd|rtpmap)|UDP\/TLS\/RTP/;

test('at level info the log holds no address of a peer, no session description and no secret', async () => {
  const run = await eventfulRun('info');
  assert.ok(run.lines.some((line) => / I /.test(line)), 'something is logged at all');
  assert.deepEqual(run.lines.filter((line) => addressesIn(line).length > 0), []);
  assert.deepEqual(run.all.filter((line) => kOfSdp.test(line)), []);
  for (const secret of run.private) assert.deepEqual(run.all.filter((line) => line.includes(secret)), [], secret);
});

test('at level debug it holds addresses and descriptions, but never a secret', async () => {
  const run = await eventfulRun('debug');
  assert.ok(run.lines.some((line) => addressesIn(line).length > 0), 'addresses');
  assert.ok(run.lines.some((line) => kOfSdp.test(line)), 'descriptions');
  for (const secret of run.private) assert.deepEqual(run.all.filter((line) => line.includes(secret)), [], secret);
});
