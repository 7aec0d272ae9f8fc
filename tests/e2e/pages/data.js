// A browser's data channels, driven call by call through window.data. Descriptions are carried by the test.

const kPatience = 15000;

// What can be compared again on arrival without carrying it out of the page.
function pattern(size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + Math.floor(i / 251)) & 0xff;
  return bytes;
}
const isPattern = (buffer) => {
  const bytes = new Uint8Array(buffer);
  const wanted = pattern(bytes.length);
  return bytes.every((byte, i) => byte === wanted[i]);
};
// { text } or { bytes, intact }
const noted = (data) => (typeof data === 'string' ? { text: data } : { bytes: data.byteLength, intact: isPattern(data) });

class Data {
  pc = new RTCPeerConnection({ iceServers: [] });
  #channels = new Map(); // label -> { channel, messages, closed }
  theirs = []; // labels of channels the gateway opened

  constructor() {
    this.pc.ondatachannel = ({ channel }) => { this.theirs.push(channel.label); this.#keep(channel); };
  }

  #keep(channel) {
    channel.binaryType = 'arraybuffer';
    const entry = { channel, messages: [], closed: false };
    this.#channels.set(channel.label, entry);
    channel.onmessage = ({ data }) => entry.messages.push(noted(data));
    channel.onclose = () => { entry.closed = true; };
    return entry;
  }

  open(label, options = {}) { this.#keep(this.pc.createDataChannel(label, options)); }
  async addAudio() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.pc.addTrack(stream.getTracks()[0], stream);
  }
  async packetsHeard() {
    const reports = [...(await this.pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    return reports.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0);
  }
  async offer() {
    await this.pc.setLocalDescription();
    return { type: 'offer', sdp: this.pc.localDescription.sdp };
  }
  async answerTo(offer) {
    await this.pc.setRemoteDescription(offer);
    await this.pc.setLocalDescription();
    return { type: 'answer', sdp: this.pc.localDescription.sdp };
  }
  accept(answer) { return this.pc.setRemoteDescription(answer); }

  async until(condition, what) {
    for (const end = Date.now() + kPatience; !condition();) {
      if (Date.now() > end) throw new Error(`${what}: not within ${kPatience} ms`);
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }
  opened(label) { return this.until(() => this.#channels.get(label)?.channel.readyState === 'open', `channel ${label} open`); }
  sendText(label, text) { this.#channels.get(label).channel.send(text); }
  sendPattern(label, size) { this.#channels.get(label).channel.send(pattern(size)); }
  async received(label, count) {
    const entry = this.#channels.get(label);
    await this.until(() => entry.messages.length >= count, `${count} messages on ${label}, ${entry.messages.length} so far`);
    return entry.messages;
  }
  messages(label) { return this.#channels.get(label).messages; }
  close(label) { this.#channels.get(label).channel.close(); }
  closed(label) { return this.until(() => this.#channels.get(label).closed, `channel ${label} closed`); }
  look(label) {
    const { channel } = this.#channels.get(label);
    const { id, protocol, ordered, maxRetransmits, maxPacketLifeTime } = channel;
    return { id, protocol, ordered, maxRetransmits, maxPacketLifeTime };
  }
  // Closing or closed: while descriptions are exchanged Chromium now and then stays with the former.
  ending(label) { return this.until(() => this.#channels.get(label).channel.readyState !== 'open', `channel ${label} ends`); }
  labels() { return this.theirs; }
  state() { return this.pc.connectionState; }
  hangup() { this.pc.close(); }
}

window.data = new Data();
