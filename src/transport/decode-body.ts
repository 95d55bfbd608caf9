/** Decodes bodies that a server compressed although no encoding was requested. A `Content-Encoding` that is no encoding, or does not match the bytes, is ignored. */

import type { Transform } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzipSync,
  inflateSync,
} from 'node:zlib';
import { DOCUMENT_HEAD, documentKind } from './document-kind.ts';

/** Codings of one body. */
const MAX_CODINGS = 3;
/** Of decoded bytes that are looked at to see whether they are of a coding. */
const PROBE_BYTES = 64 * 1024;

interface Coding {
  /** Throws where the bytes do not begin so. */
  probe(head: Uint8Array): unknown;
  open(): Transform;
}

const zlibProbe = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: PROBE_BYTES };
const gzip: Coding = { probe: (head) => gunzipSync(head, zlibProbe), open: () => createGunzip() };
const codings: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: { probe: (head) => inflateSync(head, zlibProbe), open: () => createInflate() },
  br: {
    probe: (head) =>
      brotliDecompressSync(head, {
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
        maxOutputLength: PROBE_BYTES,
      }),
    open: () => createBrotliDecompress(),
  },
};

/** Codings that cannot be undone here, by how such bytes begin. */
const unknownCodings: Readonly<Record<string, readonly number[]>> = {
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  compress: [0x1f, 0x9d],
  'x-compress': [0x1f, 0x9d],
};

/** A body in a coding that cannot be undone. */
export class UnknownCoding extends Error {}

/** The body cannot be decoded to its end. */
export class BadCoding extends Error {}

/** The next bytes; null at the end. */
export type NextBytes = () => Promise<Uint8Array | null>;

/** false: the header names no coding at all. */
export function mayBeEncoded(encoding: string | null): boolean {
  return namesIn(encoding).some(
    (name) => Object.hasOwn(codings, name) || Object.hasOwn(unknownCodings, name),
  );
}

function namesIn(encoding: string | null): string[] {
  return (encoding ?? '')
    .toLowerCase()
    .split(',', 20)
    .map((name) => name.trim());
}

/**
 * `head`: the first bytes, or all there are; `next`: what follows them. null: the body is not encoded, and is read as it is.
 * The decoded bytes come in pieces of at most 64 KB, as they are asked for. Throws `UnknownCoding`.
 */
export function decodedBody(
  encoding: string | null,
  head: Uint8Array,
  next: NextBytes,
): { next: NextBytes; close(): void } | null {
  const found = namesIn(encoding).flatMap((name) => {
    const coding = Object.hasOwn(codings, name) ? codings[name] : undefined;
    const other = Object.hasOwn(unknownCodings, name) ? unknownCodings[name] : undefined;
    if (other?.every((byte, at) => head[at] === byte)) throw new UnknownCoding();
    return coding === undefined ? [] : [coding];
  });
  const last = found.at(-1);
  if (last === undefined || head.length === 0) return null;
  if (!fits(last, head)) {
    // A film that is not encoded is a film; a text is something else.
    if (documentKind(head) === null) return null;
    throw new UnknownCoding();
  }
  if (found.length > MAX_CODINGS) throw new UnknownCoding();
  const steps = found.reverse().map((coding) => coding.open());
  return throughAll(steps, head, next);
}

/** Enough of an encoded text to be no text: of fewer bytes any may be letters. */
const TELLING_BYTES = 16;

/**
 * The bytes of a reply of the API, decoded if they are encoded; a text whose header belies it is read as it is. Rejects
 * with `UnknownCoding`, with `BadCoding` once the decoded bytes before the damage were given, or with what `next` did.
 */
export async function decodedReply(
  encoding: string,
  next: NextBytes,
): Promise<{ next: NextBytes; close(): void }> {
  const body = await withHead(next, ({ length }) => length < TELLING_BYTES);
  const isText = documentKind(body.head) !== null;
  const decoded = isText ? null : decodedBody(encoding, body.head, body.next);
  if (decoded !== null) return decoded;
  let head: Uint8Array | null = body.head;
  return {
    async next() {
      const bytes = head ?? (await body.next());
      head = null;
      return bytes;
    },
    close() {},
  };
}

/** A body whose first bytes were looked at; `next` gives what follows them. */
export interface Body {
  head: Uint8Array;
  next: NextBytes;
}

/** As much as is needed to see what it is, or all there is. A failure behind the first bytes comes after them. */
export async function withHead(
  next: NextBytes,
  needsMore: (head: Uint8Array) => boolean,
): Promise<Body> {
  const parts: Uint8Array[] = [];
  let failure: { error: unknown } | null = null;
  try {
    for (let size = 0; size < DOCUMENT_HEAD; ) {
      const bytes = await next();
      if (bytes === null) break;
      parts.push(bytes);
      size += bytes.length;
      if (!needsMore(Buffer.concat(parts))) break;
    }
  } catch (error) {
    if (parts.length === 0) throw error;
    failure = { error };
  }
  const [first] = parts;
  return {
    head: parts.length === 1 && first !== undefined ? first : Buffer.concat(parts),
    next: failure === null ? next : () => Promise.reject(failure.error),
  };
}

function fits(coding: Coding, head: Uint8Array): boolean {
  try {
    coding.probe(head);
    return true;
  } catch (error) {
    // More than was asked for came out of it.
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

function throughAll(
  steps: readonly Transform[],
  head: Uint8Array,
  next: NextBytes,
): { next: NextBytes; close(): void } {
  let source: AsyncGenerator<Uint8Array, void, undefined> = fromNext(head, next);
  for (const step of steps) source = through(source, step);
  return {
    async next() {
      const { done, value } = await source.next();
      return done ? null : value;
    },
    close() {
      for (const step of steps) step.destroy();
    },
  };
}

async function* fromNext(
  head: Uint8Array,
  next: NextBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let bytes: Uint8Array | null = head; bytes !== null; bytes = await next()) yield bytes;
}

/** What the source throws is thrown here, unchanged. */
async function* through(
  source: AsyncGenerator<Uint8Array, void, undefined>,
  step: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  let failure: { error: unknown } | null = null;
  const feed = async (): Promise<void> => {
    try {
      for await (const bytes of source) {
        if (step.destroyed) return;
        if (!step.write(bytes)) await drained(step);
      }
      step.end();
    } catch (error) {
      failure = { error };
      step.destroy();
    }
  };
  step.on('error', () => {});
  const feeding = feed();
  try {
    for await (const bytes of step) yield bytes as Uint8Array;
  } catch (error) {
    throw thrownBy(failure) ?? new BadCoding('the encoded body is damaged', { cause: error });
  } finally {
    step.destroy();
    void feeding;
  }
  const thrown = thrownBy(failure);
  if (thrown !== null) throw thrown;
}

function thrownBy(failure: { error: unknown } | null): unknown {
  return failure === null ? null : failure.error;
}

/** Until it takes more, or is over. */
function drained(step: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      step.off('drain', done);
      step.off('close', done);
      resolve();
    };
    step.on('drain', done);
    step.on('close', done);
  });
}
