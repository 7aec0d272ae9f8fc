// SPDX-License-Identifier: Apache-2.0
// What getStats() says of one peer connection, as rates over the time since the sample before.

const RTP_TYPES = { 'inbound-rtp': 'in', 'outbound-rtp': 'out' };

function candidateText(candidate) {
  if (!candidate) return '';
  const address = candidate.address ?? candidate.ip ?? '';
  const host = address.includes(':') ? `[${address}]` : address;
  return `${candidate.candidateType} ${host}:${candidate.port ?? ''}/${candidate.protocol ?? ''}`;
}

function selectedPair(byId, transport) {
  const named = transport && byId.get(transport.selectedCandidatePairId);
  if (named) return named;
  // Firefox has no transport statistics.
  return [...byId.values()].find((stat) => stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded');
}

export class StatsSampler {
  #pc;
  #before = new Map();

  constructor(pc) {
    this.#pc = pc;
  }

  /** {transport, in: {audio, video}, out: {audio, video}}; a kind without a stream is undefined. */
  async sample() {
    const byId = new Map();
    (await this.#pc.getStats()).forEach((stat) => byId.set(stat.id, stat));
    const result = { transport: this.#transport(byId), in: {}, out: {} };
    for (const stat of byId.values()) {
      const direction = RTP_TYPES[stat.type];
      if (!direction) continue;
      const stream = this.#stream(stat, direction, byId);
      const known = result[direction][stat.kind];
      // After a renegotiation an old stream may stay in the list: the busy one counts.
      if (!known || stream.kbps > known.kbps) result[direction][stat.kind] = stream;
    }
    return result;
  }

  #rate(id, name, value, timestamp) {
    const key = `${id}/${name}`;
    const before = this.#before.get(key);
    this.#before.set(key, { value, timestamp });
    const seconds = before ? (timestamp - before.timestamp) / 1000 : 0;
    return seconds > 0 ? Math.max(0, (value - before.value) / seconds) : 0;
  }

  #stream(stat, direction, byId) {
    const incoming = direction === 'in';
    const bytes = (incoming ? stat.bytesReceived : stat.bytesSent) ?? 0;
    const packets = (incoming ? stat.packetsReceived : stat.packetsSent) ?? 0;
    // What we send is judged by the receiver's reports.
    const remote = byId.get(stat.remoteId) ?? {};
    const judged = incoming ? stat : remote;
    const frames = (incoming ? stat.framesDecoded : stat.framesEncoded) ?? 0;
    const codec = byId.get(stat.codecId);
    return {
      kbps: (this.#rate(stat.id, 'bytes', bytes, stat.timestamp) * 8) / 1000,
      packetRate: this.#rate(stat.id, 'packets', packets, stat.timestamp),
      fps: this.#rate(stat.id, 'frames', frames, stat.timestamp),
      frames,
      packets,
      lost: judged.packetsLost ?? 0,
      jitterMs: (judged.jitter ?? 0) * 1000,
      rttMs: remote.roundTripTime === undefined ? undefined : remote.roundTripTime * 1000,
      width: stat.frameWidth ?? 0,
      height: stat.frameHeight ?? 0,
      codec: codec ? codec.mimeType.split('/')[1] : '',
      nacks: stat.nackCount ?? 0,
      plis: stat.pliCount ?? 0,
      freezes: stat.freezeCount ?? 0,
      limitedBy: stat.qualityLimitationReason === 'none' ? '' : stat.qualityLimitationReason ?? '',
      level: stat.audioLevel ?? 0,
    };
  }

  #transport(byId) {
    const transport = [...byId.values()].find((stat) => stat.type === 'transport');
    const pair = selectedPair(byId, transport);
    return {
      srtpCipher: transport?.srtpCipher ?? '',
      dtlsCipher: transport?.dtlsCipher ?? '',
      tlsVersion: { FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' }[transport?.tlsVersion] ?? transport?.tlsVersion ?? '',
      dtlsState: transport?.dtlsState ?? '',
      rttMs: pair?.currentRoundTripTime === undefined ? undefined : pair.currentRoundTripTime * 1000,
      availableKbps: pair?.availableOutgoingBitrate ? pair.availableOutgoingBitrate / 1000 : undefined,
      local: candidateText(byId.get(pair?.localCandidateId)),
      remote: candidateText(byId.get(pair?.remoteCandidateId)),
    };
  }
}

export function formatRate(kbps) {
  if (kbps >= 1000) return `${(kbps / 1000).toFixed(1)} Mbit/s`;
  return `${Math.round(kbps)} kbit/s`;
}
