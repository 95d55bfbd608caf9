/** Reads a key that a person types or a program pipes in. It shows no letter of it. */
import type { Deps } from '../../base/deps.ts';
import { CliError, SignalReceived } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { decodeText } from '../../config/decode-text.ts';
import type { Gateway } from '../../gateways/types.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { readStdin, rejectWhenAborted } from '../input/stdin.ts';

type ReadDeps = Pick<Deps, 'stdin' | 'clock' | 'signal'>;

/** Longer than any key, by far. */
const MAX_TYPED = 65_536;

export interface GivenKey {
  /** One line, as it was given. */
  text: string;
  /** For messages. */
  source: string;
}

/**
 * Asks for it on a terminal, and reads one line from anything else. Throws `CliError` usage where there is none, no_key
 * for several lines, and `SignalReceived` for Ctrl-C.
 */
export async function* readGivenKey(
  gateway: Gateway,
  deps: ReadDeps,
): AsyncGenerator<OutputEvent, GivenKey, undefined> {
  const text = deps.stdin.isTerminal ? yield* typed(gateway, deps) : await piped(deps);
  const source = deps.stdin.isTerminal ? 'what was typed' : 'standard input';
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const [line] = lines;
  if (line === undefined)
    throw new CliError('usage', 'no key was given', {
      code: 'no_key_given',
      next: runStep(['login', '-g', gateway.id], '<key.txt'),
    });
  if (lines.length > 1)
    throw new CliError('no_key', `malformed key in ${source}: it has ${lines.length} lines`, {
      code: 'malformed_key',
    });
  return { text: line, source };
}

async function piped(deps: ReadDeps): Promise<string> {
  const reading = readStdin(deps, true);
  for (;;) {
    const { done, value } = await reading.next();
    if (!done) continue;
    const decoded = decodeText(value);
    if ('text' in decoded) return decoded.text;
    throw new CliError('no_key', `malformed key in standard input: ${decoded.fault}`, {
      code: 'malformed_key',
    });
  }
}

/** The terminal is as it was before, whatever ends it. */
async function* typed(
  { label, baseUrl }: Gateway,
  deps: ReadDeps,
): AsyncGenerator<OutputEvent, string, undefined> {
  const { stdin } = deps;
  stdin.setRaw?.(true);
  try {
    yield { type: 'prompt', message: `Key for ${label} (${baseUrl}), not shown: ` };
    return await hiddenLine(deps);
  } finally {
    stdin.setRaw?.(false);
  }
}

/** The keys of a raw terminal, up to Enter. What is pasted in one piece is all there, also behind a line end. */
async function hiddenLine({ stdin, signal }: ReadDeps): Promise<string> {
  const chunks = stdin.chunks()[Symbol.asyncIterator]();
  const stopped = rejectWhenAborted(signal);
  const decoder = new TextDecoder();
  let line = '';
  try {
    while (line.length <= MAX_TYPED) {
      const next = await Promise.race([chunks.next(), stopped.promise]);
      if (next.done) break;
      const edited = edit(line, decoder.decode(next.value, { stream: true }));
      line = edited.line;
      if (edited.isWhole) break;
    }
    return line;
  } finally {
    stopped.forget();
    // Not awaited: a read that never ends would block here.
    void chunks.return?.();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what arrow keys and a bracketed paste send
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)/g;

/** What Backspace, Ctrl-U, Ctrl-W, Ctrl-D and Enter do to a line. Throws `SignalReceived` for Ctrl-C. */
function edit(before: string, keys: string): { line: string; isWhole: boolean } {
  let line = before;
  const plain = keys.replace(sequences, '');
  for (const [at, key] of [...plain].entries()) {
    if (key === '\u0003') throw new SignalReceived('SIGINT');
    if (key === '\u0004') return { line, isWhole: true };
    if (key === '\r' || key === '\n')
      return { line: line + [...plain].slice(at).join(''), isWhole: true };
    if (key === '\u007f' || key === '\b') line = [...line].slice(0, -1).join('');
    else if (key === '\u0015' || key === '\u0017') line = '';
    // Ctrl-Z and the like mean something at other prompts; a paste with them is no key, and is refused later.
    else if (keys !== key || key >= ' ') line += key;
  }
  return { line, isWhole: false };
}
