/** The images and videos that the server sends and the harness expects, to the byte; pure, no I/O. */
import { createCipheriv, createHash } from 'node:crypto';

/** Divisible by 3, so that the base64 of whole blocks can be joined. */
const blockBytes = 786_432;

/** Bytes that look random and are the same in every process. */
const block = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(blockBytes),
);

/** What makes a file an image or a video; nothing after it is looked at. */
const beginnings = {
  image: Buffer.from('89504e470d0a1a0a', 'hex'),
  video: Buffer.from('0000001c6674797069736f6d', 'hex'),
};

const encodedBlock = Buffer.from(block.toString('base64'));

/** The file of `kind` (image or video) with so many bytes, in pieces. */
export function* piecesOf(kind, bytes) {
  const beginning = beginnings[kind];
  for (let offset = 0; offset < bytes; offset += blockBytes) {
    const piece = block.subarray(0, Math.min(blockBytes, bytes - offset));
    yield offset > 0 ? piece : Buffer.concat([beginning, piece.subarray(beginning.length)]);
  }
}

/** The same in base64, as ASCII bytes; whole blocks are encoded beforehand. */
export function* encodedPiecesOf(kind, bytes) {
  let isFirst = true;
  for (const piece of piecesOf(kind, bytes)) {
    const isPrepared = !isFirst && piece.length === blockBytes;
    yield isPrepared ? encodedBlock : Buffer.from(piece.toString('base64'));
    isFirst = false;
  }
}

const hashes = new Map();

/** SHA-256 of that file; worked out once, as a gigabyte takes a while. */
export function sha256Of(kind, bytes) {
  const key = `${kind}-${bytes}`;
  if (!hashes.has(key)) {
    const hash = createHash('sha256');
    for (const piece of piecesOf(kind, bytes)) hash.update(piece);
    hashes.set(key, hash.digest('hex'));
  }
  return hashes.get(key);
}
