import { describe, expect, test } from 'vitest';
import { byteByByte, cut, read, type Said } from './sse-log.ts';
import { chatStreams, oddStreams } from './sse-streams.ts';

const all = [...chatStreams, ...oddStreams];

describe('an SSE stream', () => {
  test.each(all)('in one piece says what it says: $name', ({ bytes, says }) => {
    expect(read([bytes])).toEqual(says);
  });

  test.each(all)('byte by byte says the same: $name', ({ bytes, says }) => {
    expect(read(byteByByte(bytes))).toEqual(says);
    // Empty chunks in between mean nothing either.
    expect(read(byteByByte(bytes).flatMap((byte) => [byte, new Uint8Array()]))).toEqual(says);
  });

  test.each(all)('cut in two anywhere says the same: $name', ({ bytes, says }) => {
    const expected = JSON.stringify(says);
    const wrong = positions(bytes).filter(
      (at) => JSON.stringify(read(cut(bytes, at))) !== expected,
    );
    expect(wrong).toEqual([]);
  });

  test.each(oddStreams)('cut in three anywhere says the same: $name', ({ bytes, says }) => {
    const expected = JSON.stringify(says);
    const pairs = positions(bytes).flatMap((a) =>
      positions(bytes).flatMap((b) => (b < a ? [] : [[a, b] as const])),
    );
    const wrong = pairs.filter(([a, b]) => JSON.stringify(read(cut(bytes, a, b))) !== expected);
    expect(wrong).toEqual([]);
  });

  test.each(all)('that breaks off anywhere says a beginning of it: $name', ({ bytes, says }) => {
    const wrong = positions(bytes).filter(
      (at) => !isBeginning(read([bytes.subarray(0, at)]), says),
    );
    expect(wrong).toEqual([]);
  });
});

function positions(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length + 1 }, (_, at) => at);
}

/** The same events and comments in the same order; only the last may be cut short, and a cut event must say so. */
function isBeginning(said: Said[], whole: Said[]): boolean {
  const events = said.flatMap((one) => ('event' in one ? [one] : []));
  const wholeEvents = whole.flatMap((one) => ('event' in one ? [one] : []));
  const comments = said.flatMap((one) => ('comment' in one ? [one.comment] : []));
  const wholeComments = whole.flatMap((one) => ('comment' in one ? [one.comment] : []));
  return (
    events.every((one, at) => {
      const full = wholeEvents[at];
      if (JSON.stringify(one) === JSON.stringify(full)) return true;
      return at === events.length - 1 && !one.complete && startsWith(full?.data, one.data);
    }) &&
    comments.every((one, at) => {
      const full = wholeComments[at];
      return one === full || (at === comments.length - 1 && startsWith(full, one));
    })
  );
}

/** Half a character at the cut is read as U+FFFD, and `data`, the beginning of another field's name, as an empty line. */
function startsWith(whole: string | undefined, cutShort: string): boolean {
  return whole?.startsWith(cutShort.replace(/[\ufffd\n]$/, '')) ?? false;
}
