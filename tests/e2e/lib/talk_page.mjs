// Tests' view of pages/talk.html: one participant of a call in Nextcloud Talk.
import { kInCall } from './fake_nextcloud.mjs';
import { eventually } from './process.mjs';

export class Participant {
  static async open(browser, { hpb, nextcloud, room, name, version = '2.0' }) {
    const self = new Participant();
    Object.assign(self, { hpb, nextcloud, room, name, version, page: await browser.tab('talk.html') });
    await self.page.waitForFunction(() => window.talk !== undefined);
    self.id = (await self.call('connect', hpb.socketUrl, nextcloud.hello(version, name))).sessionid;
    return self;
  }

  // As Talk does when its connections have failed: a new session, and into the room again.
  async startOver() {
    this.id = (await this.call('startOver', this.nextcloud.hello(this.version, this.name))).sessionid;
    await this.join();
  }

  // A method of the page's client.
  call(method, ...given) { return this.page.evaluate(([name, values]) => window.talk[name](...values), [method, given]); }

  async join(flags = kInCall.full) {
    this.nextcloudSession = this.nextcloud.enter(this.room, this.name);
    const room = await this.call('joinRoom', this.room, this.nextcloudSession);
    if (flags) await this.setInCall(flags);
    return room;
  }
  setInCall(flags) { return this.nextcloud.setInCall(this.room, this.nextcloudSession, flags); }

  publish(options = {}) { return this.call('publish', options); }
  watch(other, options = {}) { return this.call('request', other.id, options); }
  received(other, roomType = 'video') { return this.call('received', other.id, roomType); }

  // Resolves when so many more frames of the other one are decoded.
  async seesFrames(other, { more = 10, roomType = 'video', within = 15000 } = {}) {
    const before = (await this.received(other, roomType))?.frames ?? 0;
    return eventually(async () => {
      const now = await this.received(other, roomType);
      return now?.frames >= before + more && now;
    }, { within, every: 200, what: `${this.name} seeing ${more} frames of ${other.name}` });
  }

  close() { return this.page.context().close(); }
}
