/** Takes old tool results out of what is sent, where the history fills the context window. The history itself stays as it is. */
import { usageError } from './failure.ts';
import type { ChatMessage, PrepareInfo } from './types.ts';

export interface PruneOptions {
  /** So many of the newest results are always sent whole; default 4. */
  keep?: number;
  /** Nothing is left out below this share of the context window; default 0.5. */
  above?: number;
}

/** Where the model list does not say, in tokens. */
const USUAL_WINDOW = 128_000;

/** Of English text and JSON; other text has fewer characters to a token, and is counted by its bytes. */
const BYTES_PER_TOKEN = 4;

/**
 * For `hooks.prepareMessages`. Each result that is left out becomes a line that says so, the oldest first, until the rest fits.
 * Throws `AllTokenError` usage for numbers that mean nothing.
 */
export function pruneToolResults({
  keep = 4,
  above = 0.5,
}: PruneOptions = {}): (messages: readonly ChatMessage[], about: PrepareInfo) => ChatMessage[] {
  if (!Number.isSafeInteger(keep) || keep < 0)
    throw usageError('keep is a number of results', 'bad_option');
  if (!(above >= 0 && above <= 1)) throw usageError('above is a share, 0 to 1', 'bad_option');
  return (messages, { contextWindow }) => {
    const room = (contextWindow ?? USUAL_WINDOW) * above * BYTES_PER_TOKEN;
    const results = messages.flatMap(({ role }, index) => (role === 'tool' ? [index] : []));
    const old = results.slice(0, Math.max(0, results.length - keep));
    const pruned = [...messages];
    let size = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    for (const index of old) {
      const message = pruned[index];
      if (size <= room) break;
      if (message?.role !== 'tool') continue;
      const short = { ...message, content: leftOut(message.content) };
      if (sizeOf(short) >= sizeOf(message)) continue;
      size -= sizeOf(message) - sizeOf(short);
      pruned[index] = short;
    }
    return pruned;
  };
}

function leftOut(content: string): string {
  return `[left out: a result of ${content.length} characters; call the tool again if it is needed]`;
}

function sizeOf(message: ChatMessage): number {
  return Buffer.byteLength(JSON.stringify(message));
}
