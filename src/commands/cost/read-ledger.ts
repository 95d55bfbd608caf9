/** What it means when the ledger cannot be read. */
import { CliError, systemErrorCode } from '../../errors.ts';

/** Throws `local_io` for the system's own errors; all others go through. */
export async function readLedger<T>(directory: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof CliError ? undefined : systemErrorCode(error);
    if (code === undefined) throw error;
    throw new CliError('local_io', `the ledger in ${directory} cannot be read (${code})`, {
      code,
      billed: 'no',
      cause: error,
    });
  }
}
