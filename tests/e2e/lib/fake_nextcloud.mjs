// As much of a Nextcloud with Talk as the signaling server needs: capabilities with the key for tokens, the signaling backend
// (auth, room, session, ping) with its checksums, and what Talk tells the server about calls.
import { createHmac, generateKeyPairSync, randomBytes, sign, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const kBackend = /^\/ocs\/v2\.php\/apps\/spreed\/api\/v[13]\/signaling\/backend$/;
const kCapabilities = '/ocs/v2.php/cloud/capabilities';
const kTokenLife = 60; // seconds

export const kInCall = { left: 0, joined: 1, audio: 2, video: 4, full: 7 };
export const kEverything = ['publish-media', 'publish-audio', 'publish-video', 'publish-screen', 'control'];

const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const ocs = (data, code = 200) => ({ ocs: { meta: { status: code === 200 ? 'ok' : 'failure', statuscode: code, message: code === 200 ? 'OK' : 'refused' }, data } });
const problem = (code, message) => ({ type: 'error', error: { code, message } });

// What a token is signed with: JWT's name, a key pair, the arguments of sign().
const kSignatures = {
  EdDSA: () => ({ pair: generateKeyPairSync('ed25519'), digest: null, options: {} }),
  ES256: () => ({ pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }), digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } }),
};

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

export class FakeNextcloud {
  #server;
  #signature;
  #rooms = new Map(); // token of the room -> Map(session -> { userid, inCall, permissions })
  secret = randomBytes(24).toString('hex');
  requests = []; // types of what the signaling server asked
  refused = []; // requests with a wrong checksum, and the like

  static async start({ algorithm = 'EdDSA' } = {}) {
    const self = new FakeNextcloud();
    self.algorithm = algorithm;
    self.#signature = kSignatures[algorithm]();
    self.#server = createServer((request, response) => self.#serve(request, response));
    await new Promise((resolve) => { self.#server.listen(0, '127.0.0.1', resolve); });
    self.url = `http://127.0.0.1:${self.#server.address().port}`;
    return self;
  }
  stop() { return new Promise((resolve) => { this.#server.closeAllConnections(); this.#server.close(resolve); }); }

  async #serve(request, response) {
    const body = await bodyOf(request);
    const [status, answer] = this.#route(request, body);
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'max-age=60' });
    response.end(JSON.stringify(ocs(answer, status)));
  }

  #route({ method, url, headers }, body) {
    if (method === 'GET' && url === kCapabilities) return [200, this.#capabilities()];
    if (method !== 'POST' || !kBackend.test(url)) return this.#refuse(404, `${method} ${url}`);
    const random = headers['spreed-signaling-random'] ?? '';
    const checksum = headers['spreed-signaling-checksum'] ?? '';
    if (random.length < 32 || !same(checksum, hmac(this.secret, random + body))) return this.#refuse(403, `checksum of ${body}`);
    const message = JSON.parse(body);
    this.requests.push(message.type);
    const answers = { auth: () => this.#auth(message.auth), room: () => this.#room(message.room), ping: () => this.#ping(message.ping), session: () => this.#session(message.session) };
    return answers[message.type] ? [200, answers[message.type]()] : this.#refuse(400, body);
  }

  #refuse(status, what) {
    this.refused.push(what);
    return [status, {}];
  }

  #capabilities() {
    const key = this.#signature.pair.publicKey.export({ type: 'spki', format: 'pem' });
    const spreed = { features: ['audio', 'video', 'signaling-v3'], config: { signaling: { 'session-ping-limit': 200, 'hello-v2-token-key': key } } };
    return { version: { major: 31, minor: 0, micro: 0, string: '31.0.0', edition: '', extendedSupport: false }, capabilities: { spreed } };
  }

  #auth({ version, params }) {
    if (!same(params.ticket ?? '', hmac(this.secret, `ticket ${params.userid}`))) return problem('invalid_ticket', 'The given ticket is not valid for this user.');
    return { type: 'auth', auth: { version, userid: params.userid, user: { displayname: params.userid } } };
  }

  #room({ version, roomid, sessionid, action = 'join' }) {
    const session = this.#rooms.get(roomid)?.get(sessionid);
    if (!session) return problem('no_such_room', 'The user is not invited to this room.');
    if (action === 'leave') session.inCall = kInCall.left;
    return { type: 'room', room: { version, roomid, properties: { name: roomid }, permissions: session.permissions } };
  }

  #ping({ version, roomid }) { return { type: 'ping', ping: { version, roomid } }; }
  #session({ version, roomid }) { return { type: 'session', session: { version, roomid } }; }

  // Both kinds of hello, as Talk's settings give them to its clients.
  hello(version, userid) {
    const params = version === '2.0' ? { token: this.token(userid) } : { userid, ticket: hmac(this.secret, `ticket ${userid}`) };
    return { version, auth: { url: `${this.url}/ocs/v2.php/apps/spreed/api/v3/signaling/backend`, params } };
  }

  token(userid, { age = 0 } = {}) {
    const now = Math.floor(Date.now() / 1000) - age;
    const claims = { iss: this.url, iat: now, exp: now + kTokenLife, sub: userid, userdata: { displayname: userid } };
    const text = `${base64url({ typ: 'JWT', alg: this.algorithm })}.${base64url(claims)}`;
    const { pair, digest, options } = this.#signature;
    return `${text}.${sign(digest, Buffer.from(text), { key: pair.privateKey, ...options }).toString('base64url')}`;
  }

  // POST participants/active: a session of Nextcloud, which a client then joins the room with.
  enter(roomid, userid, permissions = kEverything) {
    const sessionId = randomBytes(24).toString('hex');
    if (!this.#rooms.has(roomid)) this.#rooms.set(roomid, new Map());
    this.#rooms.get(roomid).set(sessionId, { userid, inCall: kInCall.left, permissions });
    return sessionId;
  }

  setInCall(roomid, sessionId, inCall) {
    this.#rooms.get(roomid).get(sessionId).inCall = inCall;
    return this.#tell(roomid, { type: 'incall', incall: { incall: inCall, ...this.#changed(roomid, sessionId) } });
  }
  setPermissions(roomid, sessionId, permissions) {
    this.#rooms.get(roomid).get(sessionId).permissions = permissions;
    return this.#tell(roomid, { type: 'participants', participants: this.#changed(roomid, sessionId) });
  }

  #changed(roomid, sessionId) {
    const all = [...this.#rooms.get(roomid)].map(([id, { userid, inCall, permissions }]) => ({ sessionId: id, userId: userid, inCall, permissions, participantType: 3, lastPing: 0 }));
    return { changed: all.filter((user) => user.sessionId === sessionId), users: all.filter(({ inCall }) => inCall !== kInCall.left) };
  }

  async #tell(roomid, message) {
    const body = JSON.stringify(message);
    const random = randomBytes(32).toString('hex');
    const headers = {
      'Content-Type': 'application/json', 'Spreed-Signaling-Random': random, 'Spreed-Signaling-Checksum': hmac(this.secret, random + body),
      'Spreed-Signaling-Backend': `${this.url}/`,
    };
    const response = await fetch(`${this.signaling}/api/v1/room/${roomid}`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(`the signaling server answers ${response.status} to ${body}: ${await response.text()}`);
  }
}
