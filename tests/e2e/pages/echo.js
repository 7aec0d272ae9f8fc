// EchoTest with what a browser can send in layers: simulcast by RIDs or by SSRC groups in a changed offer, SVC. The test drives it
// through window.echo. Speaks the API itself: no library stands between the browser and the description that it makes.

const kPlugin = 'janus.plugin.echotest';
const kLayers = { h: 1, m: 2, l: 4 };

// Three SSRCs, each with its retransmissions, in place of one: what clients did before there were RIDs.
function withSsrcGroup(sdp) {
  const sections = sdp.split('\r\nm=');
  const video = sections.findIndex((section) => section.startsWith('video'));
  const lines = sections[video].split('\r\n');
  const group = lines.find((line) => line.startsWith('a=ssrc-group:FID'));
  const [media, rtx] = group.slice('a=ssrc-group:FID '.length).split(' ').map(Number);
  const about = (ssrc) => lines.filter((line) => line.startsWith(`a=ssrc:${ssrc} `)).map((line) => line.slice(`a=ssrc:${ssrc} `.length));
  const [attributes, kept] = [about(media), lines.filter((line) => !line.startsWith('a=ssrc'))];
  const pairs = [0, 1, 2].map((i) => [media + i, rtx + 100 + i]);
  const end = kept.at(-1) === '' ? [kept.pop()] : [];
  kept.push(`a=ssrc-group:SIM ${pairs.map(([ssrc]) => ssrc).join(' ')}`, ...pairs.map((pair) => `a=ssrc-group:FID ${pair.join(' ')}`));
  for (const ssrc of pairs.flat()) kept.push(...attributes.map((attribute) => `a=ssrc:${ssrc} ${attribute}`));
  sections[video] = [...kept, ...end].join('\r\n');
  return sections.join('\r\nm=');
}

class Echo {
  #waiting = new Map();
  #next = 0;
  events = [];
  frames = []; // metadata of what came, oldest first

  async connect(url) {
    this.socket = new WebSocket(url, 'janus-protocol');
    await new Promise((resolve, reject) => Object.assign(this.socket, { onopen: resolve, onerror: reject }));
    this.socket.onmessage = ({ data }) => this.#onMessage(JSON.parse(data));
    this.session = (await this.#request({ janus: 'create' })).data.id;
    this.handle = (await this.#request({ janus: 'attach', plugin: kPlugin })).data.id;
    this.alive = setInterval(() => this.#request({ janus: 'keepalive' }), 20000);
  }
  #onMessage(message) {
    const { transaction, plugindata } = message;
    if (plugindata && !transaction) this.events.push(plugindata.data);
    if (message.janus === 'ack' && this.#waiting.get(transaction)?.async) return;
    this.#waiting.get(transaction)?.resolve(message);
    this.#waiting.delete(transaction);
  }
  #request(body, async = false) {
    const transaction = `t${this.#next++}`;
    this.socket.send(JSON.stringify({ session_id: this.session, handle_id: this.handle, ...body, transaction }));
    return new Promise((resolve) => { this.#waiting.set(transaction, { resolve, async }); });
  }
  configure(body, jsep) { return this.#request({ janus: 'message', body, jsep }, true).then((reply) => ({ ...reply.plugindata.data, jsep: reply.jsep })); }

  sends(codec) { return RTCRtpSender.getCapabilities('video').codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`); }
  // how: 'rid', 'sim' or a scalability mode.
  // described: whether the packets may have dependency descriptors; without them layers are seen in the payload only.
  async start({ how, codec, width, height, maxBitrate, described = true }) {
    // Without a mode Chromium makes spatial layers of VP9's three encodings.
    this.mode = codec === 'vp9' ? { scalabilityMode: 'L1T1' } : {};
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: { exact: width }, height: { exact: height }, frameRate: 30 } });
    const [track] = this.stream.getVideoTracks();
    this.peer = new RTCPeerConnection({ encodedInsertableStreams: true });
    this.peer.ontrack = ({ track: echoed, receiver }) => {
      this.#watch(receiver);
      document.getElementById('echo').srcObject = new MediaStream([echoed]);
    };
    const transceiver = this.peer.addTransceiver(track, { direction: 'sendrecv', streams: [this.stream], ...this.#encodings(how, maxBitrate) });
    const { readable, writable } = transceiver.sender.createEncodedStreams();
    readable.pipeTo(writable);
    const capable = RTCRtpSender.getCapabilities('video').codecs;
    const wanted = capable.filter(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
    transceiver.setCodecPreferences([...wanted, ...capable.filter(({ mimeType }) => /rtx/i.test(mimeType))]);
    const offer = await this.peer.createOffer();
    if (how === 'sim') offer.sdp = withSsrcGroup(offer.sdp);
    if (!described) offer.sdp = offer.sdp.replace(/a=extmap:\d+ \S*dependency-descriptor\S*\r\n/, '');
    await this.peer.setLocalDescription(offer);
    await new Promise((resolve) => {
      if (this.peer.iceGatheringState === 'complete') resolve();
      this.peer.onicegatheringstatechange = () => { if (this.peer.iceGatheringState === 'complete') resolve(); };
    });
    const { sdp, type } = this.peer.localDescription;
    const reply = await this.configure({ video: true, videocodec: codec }, { sdp: how === 'sim' ? offer.sdp.replace(/a=end-of-candidates\r\n/g, '') : sdp, type });
    if (reply.error) throw new Error(reply.error);
    this.answer = reply.jsep.sdp;
    await this.peer.setRemoteDescription(reply.jsep);
    if (how === 'sim') await this.#scale(transceiver.sender);
  }
  // The first SSRC of a group is the smallest picture.
  async #scale(sender) {
    const parameters = sender.getParameters();
    Object.values(kLayers).reverse().forEach((divisor, i) => { parameters.encodings[i].scaleResolutionDownBy = divisor; });
    await sender.setParameters(parameters);
  }
  #encodings(how, maxBitrate) {
    if (how === 'sim') return {}; // whatever is said of encodings here would be said of each of the three
    if (how !== 'rid') return { sendEncodings: [{ scalabilityMode: how, maxBitrate }] };
    const bitrate = (divisor) => Math.round(maxBitrate / divisor);
    return { sendEncodings: Object.entries(kLayers).map(([rid, divisor]) => ({ rid, scaleResolutionDownBy: divisor, maxBitrate: bitrate(divisor), ...this.mode })) };
  }
  // What each frame says of itself, before it is decoded.
  async #watch(receiver) {
    const { readable, writable } = receiver.createEncodedStreams();
    const note = (frame, controller) => {
      const { frameId, dependencies, spatialIndex, temporalIndex, width, height, rtpTimestamp } = frame.getMetadata();
      this.frames.push({ frameId, dependencies, spatialIndex, temporalIndex, width, height, time: rtpTimestamp ?? frame.timestamp, type: frame.type });
      controller.enqueue(frame);
    };
    await readable.pipeThrough(new TransformStream({ transform: note })).pipeTo(writable);
  }

  async stats() {
    const report = [...(await this.peer.getStats()).values()];
    const [inbound] = report.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
    const { videoWidth } = document.getElementById('echo');
    return { inbound, outbound: report.filter(({ type }) => type === 'outbound-rtp'), videoWidth, state: this.peer.connectionState };
  }
  async close() {
    clearInterval(this.alive);
    this.peer?.close();
    this.stream?.getTracks().forEach((track) => track.stop());
    await this.#request({ janus: 'destroy', handle_id: undefined });
    this.socket.close();
  }
}

window.echo = new Echo();
