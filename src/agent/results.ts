/** What a tool returned, as the text that the model gets. A long one goes to a file, and the model gets its beginning. */
import type { Deps } from '../base/deps.ts';
import { jsonText, shorten } from '../base/json.ts';

/** In UTF-16 units: what is longer would fill the context of the model. */
const LONG_RESULT = 20_000;
/** How much of a long one the model gets. */
const BEGINNING = 8000;
/** Older ones are removed. */
const MOST_FILES = 500;

/** What a call returns that did not return anything itself. */
export function failed(error: string, more: Record<string, unknown> = {}): unknown {
  return { error, ...more };
}

export interface ResultPlace {
  /** Of the cache; a folder in it is made where it is needed. */
  directory: string;
  deps: Pick<Deps, 'files' | 'path' | 'clock'>;
}

/** Text as it is; anything else as JSON. What cannot be JSON is said so. */
export async function contentOf(
  result: unknown,
  callId: string,
  place: ResultPlace,
): Promise<string> {
  const text =
    typeof result === 'string'
      ? result
      : (jsonText(result ?? null) ??
        JSON.stringify({ error: 'the result cannot be written as JSON' }));
  if (text.length <= LONG_RESULT) return text;
  const file = await save(text, callId, place);
  const where = file === null ? 'it could not be saved' : `all of it is in ${file}`;
  return `${shorten(text, BEGINNING)}\n\n[${text.length} characters; ${where}]`;
}

/** null: the disk does not take it, which must not cost the run. */
async function save(
  text: string,
  callId: string,
  { directory, deps }: ResultPlace,
): Promise<string | null> {
  const { files, path, clock } = deps;
  const folder = path.join(directory, 'results');
  // By time, so that the oldest come first.
  const at = new Date(clock.now()).toISOString().replace(/[^0-9]/g, '');
  const file = path.join(folder, `${at}-${callId.replace(/[^\w-]/g, '_').slice(0, 64)}.txt`);
  try {
    await files.makeDirectory(folder);
    await files.replace(file, text, { durable: false });
    const names = (await files.list(folder)).filter((name) => name.endsWith('.txt')).sort();
    for (const old of names.slice(0, -MOST_FILES)) await files.remove(path.join(folder, old));
    return file;
  } catch {
    return null;
  }
}
