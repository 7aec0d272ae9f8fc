// Debian's janus and Cardea, asked the same.
import { startGateway } from '../gateway.mjs';
import { JanusConnection } from '../janus_ws.mjs';
import { startOracle } from '../oracle.mjs';
import { normalise } from './compare.mjs';

const kRoomOfTheOracle = 'rooms = ( { room = 1234; description = "test"; publishers = 20; } );\n';
const kNoReply = 1500; // milliseconds; what a gateway passes over in silence
const kOracle = { mediaPort: 21000, mediaPorts: 9000 }; // a janus takes a port for each subscriber, and these stay; see requests.mjs

class Side {
  static async open(gateway) {
    const side = new Side();
    side.gateway = gateway;
    side.ended = gateway.process.exited.then((status) => { throw new Error(`${gateway.kind} ended (${JSON.stringify(status)}):\n${gateway.log()}`); });
    side.ended.catch(() => {});
    side.connection = await JanusConnection.connect(gateway.url);
    side.session = await side.connection.createSession();
    return side;
  }
  // The whole reply; null when there is none.
  async ask(request, text) {
    return this.connection.exchange(request, { skipAck: true, within: kNoReply, text }).catch(() => null);
  }
  // Of the core: acks too, and the error of a request whose envelope is so bad that a janus leaves its transaction out.
  async askCore(request, text) {
    const reply = await this.connection.exchange(request, { within: kNoReply, text }).catch(() => null);
    return reply ?? this.connection.event(({ janus, transaction }) => janus === 'error' && transaction === undefined, 1).catch(() => null);
  }
  async message(handle, body, { jsep, text } = {}) {
    return this.ask({ janus: 'message', session_id: this.session.id, handle_id: handle.id, body, ...(jsep ? { jsep } : {}) }, text);
  }
  // What the handles have heard, in order; acks left out.
  heard(handles) {
    const ids = new Map(handles.map((handle, index) => [handle.id, index]));
    const events = this.connection.events.filter(({ janus, sender }) => janus !== 'ack' && ids.has(sender));
    this.connection.events = [];
    return events.map((event) => ({ on: ids.get(event.sender), ...event }));
  }
}

// A janus 1.1.2 crashes now and then: its helper threads use what its loop has freed. Nothing of that is about Cardea.
const kCrashesOfTheOracle = 3;

export class Pair {
  #crashes = 0;
  #prepare;

  // prepare(side): what is there before anything is compared, on each of the two; done again when a janus had to be replaced.
  static async start(prepare) {
    const pair = new Pair();
    pair.#prepare = prepare;
    await pair.#unlessTheOracleCrashes('before any request', () => pair.#open());
    return pair;
  }
  async #open() {
    await this.stop();
    this.gateways = await Promise.all([startOracle(kOracle), startGateway({ modules: { 'videoroom.cfg': kRoomOfTheOracle } })]);
    [this.janus, this.cardea] = await Promise.all(this.gateways.map(Side.open));
    await this.#both(this.#prepare);
  }
  // A gateway that has crashed is told as that, at once.
  #both(act) { return Promise.all([this.janus, this.cardea].map((side) => Promise.race([side.ended, act(side)]))); }

  // Both start anew, so that the two have been asked the same again.
  async #unlessTheOracleCrashes(name, act) {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        const crashed = this.janus !== undefined && !this.janus.gateway.process.isRunning && this.cardea.gateway.process.isRunning;
        if (!crashed || ++this.#crashes > kCrashesOfTheOracle) throw error;
        console.warn(`janus crashed at "${name}"; both are started anew and asked again`);
        await this.#open();
      }
    }
  }
  // act(side) gives what is to be compared; the result: [janus, cardea] as text.
  async compare(name, act) { return (await this.#unlessTheOracleCrashes(name, () => this.#both(act))).map(normalise); }
  async stop() {
    await Promise.all([this.janus, this.cardea].filter(Boolean).map((side) => side.connection.close())); // also beside one that has crashed
    await Promise.all((this.gateways ?? []).map((gateway) => gateway.stop()));
    this.gateways = this.janus = this.cardea = undefined;
  }
}
