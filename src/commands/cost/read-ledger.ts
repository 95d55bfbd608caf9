/** What it means when the ledger cannot be read. */

import { CliError, systemErrorCode } from '../../base/errors.ts';
import type { NextStep } from '../../base/next-step.ts';

const elsewhere: NextStep = {
  do: 'say',
  words: 'move that file away, or set ALLTOKEN_HOME to another place',
  for: 'user',
};

/** Throws `local_io` for the system's own errors; all others go through. */
export async function readLedger<T>(directory: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof CliError ? undefined : systemErrorCode(error);
    if (code === undefined) throw error;
    const more = { code, billed: 'no', cause: error } as const;
    const words = `the ledger in ${directory} cannot be read`;
    throw code === 'ENOTDIR'
      ? new CliError('local_io', `${words}: not a directory`, {
          ...more,
          next: elsewhere,
        })
      : new CliError('local_io', `${words} (${code})`, more);
  }
}
