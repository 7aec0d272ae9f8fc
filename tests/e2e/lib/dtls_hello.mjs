// A DTLS 1.2 ClientHello (RFC 6347, RFC 5764) that a WebRTC server answers, with what both sides must have in common.
import { randomBytes } from 'node:crypto';

const u16 = (value) => [value >> 8, value & 0xff];
const u24 = (value) => [value >> 16, ...u16(value & 0xffff)];
const sized = (bytes) => [...u16(bytes.length), ...bytes];
const extension = (type, bytes) => [...u16(type), ...sized(bytes)];

export function clientHello() {
  const extensions = [
    ...extension(10, sized([...u16(29), ...u16(23)])), // groups: X25519, P-256
    ...extension(11, [1, 0]),
    ...extension(13, sized([...u16(0x0403), ...u16(0x0804)])), // ECDSA with P-256 and SHA-256
    ...extension(14, [...sized([...u16(7), ...u16(1)]), 0]), // use_srtp
    ...extension(23, []), // extended master secret
    ...extension(0xff01, [0]),
  ];
  const body = [0xfe, 0xfd, ...randomBytes(32), 0, 0, ...sized([...u16(0xc02b), ...u16(0xcca9), ...u16(0xc02c)]), 1, 0, ...sized(extensions)];
  const handshake = [1, ...u24(body.length), ...u16(0), ...u24(0), ...u24(body.length), ...body];
  return Buffer.from([22, 0xfe, 0xfd, ...u16(0), 0, 0, 0, 0, 0, 0, ...sized(handshake)]);
}

export const isHandshake = (datagram) => datagram[0] === 22;
