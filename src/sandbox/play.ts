/** Writes the steps of a reply to a response, in the manner that faults ask for. It knows nothing of what the bytes mean. */
import { once } from 'node:events';
import type { Exchange } from './envelope.ts';
import type { ShapingFault } from './fault-names.ts';
import type { Step } from './stream.ts';

const slowMillis = 150;

/** Resolves when the steps are over; rejects with an AbortError when the client leaves or the sandbox closes first. */
export async function play(
  exchange: Exchange,
  steps: Iterable<Step>,
  shaping: ReadonlySet<ShapingFault>,
): Promise<void> {
  const { clock, response, signal } = exchange;
  for (const step of steps) {
    signal.throwIfAborted();
    switch (step.do) {
      case 'write':
        await writePiece(exchange, step.text, shaping);
        break;
      case 'wait':
        await clock.sleep(step.milliseconds, signal);
        break;
      case 'end':
        response.end();
        return;
      case 'drop':
        response.destroy();
        return;
      case 'stall':
        return;
    }
  }
}

async function writePiece(
  exchange: Exchange,
  text: string,
  shaping: ReadonlySet<ShapingFault>,
): Promise<void> {
  const { clock, signal } = exchange;
  const bytes = Buffer.from(shaping.has('crlf') ? text.replaceAll('\n', '\r\n') : text);
  if (shaping.has('byte-by-byte')) {
    for (let at = 0, size = 1; at < bytes.length; at += size) {
      size = (at % 3) + 1;
      await writeBytes(exchange, bytes.subarray(at, at + size));
      await clock.sleep(0, signal);
    }
  } else {
    await writeBytes(exchange, bytes);
    // Without this turn, Node would gather all pieces into one packet.
    await clock.sleep(0, signal);
  }
  if (shaping.has('slow')) await clock.sleep(slowMillis, signal);
}

/** Waits while the client is behind, so that a big answer does not pile up here. */
async function writeBytes({ response, signal }: Exchange, bytes: Uint8Array): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(bytes)) await once(response, 'drain', { signal });
}
