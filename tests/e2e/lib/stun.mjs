// STUN Binding requests (RFC 8489) as ICE sends them, good ones and broken ones.
import { createHmac, randomBytes } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';

const kCookie = 0x2112a442;
const kFingerprintMask = 0x5354554e;
const kHeader = 20;

function crc32(bytes) {
  if (zlibCrc32) return zlibCrc32(bytes);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function attribute(type, value) {
  const out = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  out.writeUInt16BE(type, 0);
  out.writeUInt16BE(value.length, 2);
  value.copy(out, 4);
  return out;
}

function header(length, transaction) {
  const out = Buffer.alloc(kHeader);
  out.writeUInt16BE(1, 0);
  out.writeUInt16BE(length, 2);
  out.writeUInt32BE(kCookie, 4);
  transaction.copy(out, 8);
  return out;
}

// integrity: the bytes to put there, or a function of the good ones. Without any it is a proper request.
export function bindingRequest({ ufrag, password, integrity = (good) => good, fingerprint = true }) {
  const transaction = randomBytes(12);
  let body = Buffer.concat([
    attribute(0x0006, Buffer.from(`${ufrag}:remote`)), attribute(0x0024, Buffer.from([0x6e, 0x7f, 0xff, 0xff])),
    attribute(0x802a, randomBytes(8)), attribute(0x0025, Buffer.alloc(0)),
  ]);
  const good = createHmac('sha1', password).update(Buffer.concat([header(body.length + 24, transaction), body])).digest();
  const value = integrity(good);
  if (value) body = Buffer.concat([body, attribute(0x0008, value)]);
  if (fingerprint) {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE((crc32(Buffer.concat([header(body.length + 8, transaction), body])) ^ kFingerprintMask) >>> 0);
    body = Buffer.concat([body, attribute(0x8028, crc)]);
  }
  return { bytes: Buffer.concat([header(body.length, transaction), body]), transaction };
}

export const isSuccessFor = (datagram, { transaction }) =>
  datagram.length >= kHeader && datagram.readUInt16BE(0) === 0x0101 && datagram.subarray(8, 20).equals(transaction);
