/** The streams that the protocol runs on, made of ours. They know nothing of what goes through them but where a line ends. */

import { Readable, Writable } from 'node:stream';
import type { Input, Output } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { runStep } from '../../base/next-step.ts';
import { checkLine } from './messages.ts';

const MIB = 1024 * 1024;

/** One message: what a host may attach is on disk, so that this is a text of some size. */
const MOST_BYTES = 64 * MIB;

/** What whoever reads whole lines has to hold at most. */
export const BUFFER_BYTES = MOST_BYTES + MIB;

const NEWLINE = 0x0a;

/** Hears of each message, and holds back the end of the input until it says so. */
export interface Listener {
  read(message: JsonObject): void;
  atEnd(): Promise<void>;
}

/** Whole messages; what is none is answered on `output`. It is destroyed with a `CliError` protocol by a line without an end. */
export function readableFrom(input: Input, output: Writable, listener: Listener): Readable {
  return Readable.from(messages(input, output, listener), { objectMode: false });
}

async function* messages(
  input: Input,
  output: Writable,
  listener: Listener,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const line of wholeLines(input)) {
    const checked = checkLine(line);
    if (output.destroyed) return;
    // One at a time: whoever sends garbage without reading is not read further.
    if ('answer' in checked)
      await new Promise<void>((resolve) => output.write(`${checked.answer}\n`, () => resolve()));
    else if (checked.line !== null) {
      listener.read(checked.message);
      yield checked.line;
    }
  }
  await listener.atEnd();
}

export function writableTo(output: Output): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      output.write(chunk).then(() => done(), done);
    },
  });
}

/** A long message comes in thousands of pieces: put together here once, and not anew with each. */
async function* wholeLines(input: Input): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input.chunks()) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield* together([...waiting, chunk.subarray(0, end)]);
      waiting = [];
      size = 0;
    }
    if (end < chunk.length) waiting.push(chunk.subarray(end));
    size += chunk.length - end;
    if (size > MOST_BYTES)
      throw new CliError('protocol', `a message of more than ${MOST_BYTES / MIB} MiB came`, {
        code: 'message_too_long',
        next: {
          ...runStep(['tasks']),
          why: 'start the server again; what it had ordered is in its journal',
        },
      });
  }
  yield* together(waiting);
}

/** Never a buffer of lines that is larger than what a reader holds. */
function* together(parts: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  const whole = Buffer.concat(parts);
  for (let at = 0; at < whole.length; ) {
    const end = whole.indexOf(NEWLINE, at) + 1 || whole.length;
    yield whole.subarray(at, end);
    at = end;
  }
}
