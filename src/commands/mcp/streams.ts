/** The streams that the protocol runs on, made of ours. They know nothing of what goes through them. */
import { Readable, Writable } from 'node:stream';
import type { Input, Output } from '../../deps.ts';

export function readableFrom(input: Input): Readable {
  return Readable.from(buffers(input), { objectMode: false });
}

export function writableTo(output: Output): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      output.write(chunk).then(() => done(), done);
    },
  });
}

async function* buffers(input: Input): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of input.chunks())
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
