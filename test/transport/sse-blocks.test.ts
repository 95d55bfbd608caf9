/** Where the events of a stream end, in bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseReader } from '../../src/transport/sse.ts';
import { byteByByte, cut, read } from './sse-log.ts';
import { chatStreams, oddStreams } from './sse-streams.ts';

const all = [...chatStreams, ...oddStreams];

/** The ends of all blocks, in bytes. */
function endsOf(pieces: readonly Uint8Array[]): number[] {
  const ends: number[] = [];
  const nothing = (): void => {};
  const handlers = {
    onEvent: nothing,
    onComment: nothing,
    onBlock: (end: number) => ends.push(end),
  };
  const reader = createSseReader(handlers, 1_000_000);
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return ends;
}

/** The stream in pieces that end where its blocks do. */
function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const ends = [...endsOf([bytes]), bytes.length];
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

describe('the blocks of an SSE stream', () => {
  test.each(all)('each say by themselves what they say together: $name', ({ bytes, says }) => {
    expect(blocksOf(bytes).flatMap((block) => read([block]))).toEqual(says);
  });

  test.each(all)('end at the same bytes, however they come: $name', ({ bytes }) => {
    const ends = endsOf([bytes]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const found = endsOf(cut(bytes, at));
      // A CR alone may be a line end; whether an LF belongs to it shows only with the next bytes.
      expect(
        found.map((end) => (bytes[end] === 10 && bytes[end - 1] === 13 ? end + 1 : end)),
      ).toEqual(ends);
    }
  });

  test('are found in long streams, and in any bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom('data: {"a":"ü😀"}', '\n', '\r\n', '\r', ': {"cost":"1"}', 'event: x'),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(9000), (pieces, length) => {
        const long = Buffer.from(`data: ${'x'.repeat(length)}\n\n`);
        const bytes = Buffer.concat([long, ...pieces.map((one) => Buffer.from(one))]);
        const ends = endsOf(byteByByte(bytes));
        expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
        for (const end of ends) {
          expect([10, 13]).toContain(bytes[end - 1]);
          expect(end).toBeLessThanOrEqual(bytes.length);
        }
        expect(blocksOf(bytes).flatMap((block) => read([block]))).toEqual(read([bytes]));
      }),
      { numRuns: 40 },
    );
  });
});
