/** Changes the state under its lock: one process at a time, caught up with the ledger before, written after. It knows no cap. */
import type { Deps } from '../../base/deps.ts';
import { type LockDeps, takeLock } from '../../system/lock.ts';
import { catchUp } from './catch-up.ts';
import { cannotKeep, inUse } from './refusal.ts';
import { type Book, type BudgetState, nameOf, readState, writeState } from './state.ts';

export type BudgetDeps = LockDeps & Pick<Deps, 'files'>;

/** A few hundred processes, one after the other; each needs it for some milliseconds only. */
const patience = { tries: 500, elsewhereHoldsMs: 10_000 };

/** Throws `CliError` local_io where it cannot be done; nothing was sent then. */
export async function changeState<T>(
  book: Book,
  deps: BudgetDeps,
  change: (state: BudgetState) => T,
): Promise<T> {
  try {
    await deps.files.makeDirectory(book.budget);
    const lock = await takeLock(book.budget, nameOf(book), deps, patience);
    if ('heldBy' in lock) throw inUse(lock.heldBy);
    try {
      const state = await catchUp(await readState(book, deps), book, deps);
      const result = change(state);
      await writeState(book, state, deps);
      return result;
    } finally {
      // What it guards is written, and stands. One that stays is ours to take again, and free once we have ended.
      await lock.release().catch(() => {});
    }
  } catch (error) {
    throw cannotKeep(error, book);
  }
}
