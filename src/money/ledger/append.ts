/** Writes the ledger: one line before a paid request, one after. Append-only, a file a month; no prompt and no answer in it. */
import type { Deps } from '../../base/deps.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';

type LedgerDeps = Pick<Deps, 'files' | 'clock' | 'path'>;

/** Appends one line with one write(). Returns null, or why the line is not there: a ledger that cannot be written never costs the answer. */
export async function appendLedger(
  directory: string,
  line: IntentLine | OutcomeLine,
  deps: LedgerDeps,
): Promise<string | null> {
  const { join } = deps.path;
  const file = join(directory, `${line.at.slice(0, 7)}.jsonl`);
  const text = JSON.stringify(line);
  try {
    try {
      await deps.files.appendLine(file, text);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
      await deps.files.makeDirectory(directory);
      await deps.files.appendLine(file, text);
    }
    return null;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return `the ledger in ${directory} cannot be written (${typeof code === 'string' ? code : 'unknown error'}); this call is not in it`;
  }
}
