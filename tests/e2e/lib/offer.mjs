// Offers as text, for tests that only talk about them: no peer stands behind these.
const kFingerprint = Array.from({ length: 32 }, (_, i) => (i * 7 + 16).toString(16).toUpperCase().padStart(2, '0')).join(':');

const kCodecs = {
  audio: ['111', ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1']],
  video: ['96', ['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack', 'a=rtcp-fb:96 nack pli', 'a=rtcp-fb:96 ccm fir']],
};

function section(kind, mid) {
  const [payload, lines] = kCodecs[kind];
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload}`, 'c=IN IP4 0.0.0.0', 'a=ice-ufrag:abcd', 'a=ice-pwd:0123456789abcdefghijklmn',
    `a=fingerprint:sha-256 ${kFingerprint}`, 'a=setup:actpass', `a=mid:${mid}`, 'a=sendrecv', 'a=rtcp-mux', ...lines,
    `a=ssrc:${1000 + mid} cname:test`,
  ];
}

export function sdpText({ kinds = ['audio', 'video'], extra = [] } = {}) {
  const lines = [
    'v=0', 'o=- 4611686018427387904 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
    `a=group:BUNDLE ${kinds.map((_, mid) => mid).join(' ')}`, 'a=msid-semantic: WMS', ...kinds.flatMap(section), ...extra,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export const offer = (options) => ({ type: 'offer', sdp: sdpText(options) });
export const answer = (options) => ({ type: 'answer', sdp: sdpText(options).replaceAll('a=setup:actpass', 'a=setup:active') });
