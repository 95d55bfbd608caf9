/** Runs the SSE reader over bytes cut anywhere and writes down what it says, in order. It judges nothing. */
import { readFileSync } from 'node:fs';
import { createSseReader } from '../../src/transport/sse.ts';

export type Said = { comment: string } | { event: string; data: string; complete: boolean };

const ROOMY = 8_000_000;

/** All that was said about these pieces, with the end of the stream after the last. */
export function read(pieces: Iterable<Uint8Array>, maxEventLength = ROOMY): Said[] {
  const log: Said[] = [];
  const reader = open(log, maxEventLength);
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return log;
}

/** A reader that writes into `log`. */
export function open(log: Said[], maxEventLength = ROOMY): ReturnType<typeof createSseReader> {
  return createSseReader(
    {
      onEvent: ({ event, data, complete }) => log.push({ event, data, complete }),
      onComment: (comment) => log.push({ comment }),
      onBareLine: () => false,
    },
    maxEventLength,
  );
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
}

/** Cuts at these positions, in order. */
export function cut(bytes: Uint8Array, ...positions: number[]): Uint8Array[] {
  const ends = [...positions, bytes.length];
  return ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
}

export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

export const event = (data: string, name = '', complete = true): Said => ({
  event: name,
  data,
  complete,
});

export const comment = (text: string): Said => ({ comment: text });
