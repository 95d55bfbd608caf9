/** Documents as a file would give them: in pieces, through one array. */
import { type ByteSource, readSpooledJson } from '../../src/jobs/spooled-json.ts';

/** A source that gives at most `step` bytes at a time, in one array that it uses again, as a file would. */
export function source(content: string | Buffer, step = Number.POSITIVE_INFINITY): ByteSource {
  const bytes = Buffer.from(content);
  const window = Buffer.alloc(Math.min(bytes.length, 300_000));
  return {
    size: bytes.length,
    read(offset, length) {
      const end = Math.min(offset + Math.min(length, step), bytes.length);
      window.fill(0xff);
      return window.subarray(0, bytes.copy(window, 0, offset, end));
    },
  };
}

/** With short limits, so that small documents show all; the longest string that is kept has 8 bytes. */
export const read = (text: string | Buffer, step?: number) =>
  readSpooledJson(source(text, step), { longString: 8 });

/** How many bytes a read gives. */
export const steps = [1, 2, 3, 7, 1000];
