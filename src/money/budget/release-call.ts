/** Ends the wait for the outcome of a killed call: it counts no longer. The ledger has the word, so that a state that is made again knows it too. */
import { type BudgetDeps, changeState } from './change-state.ts';
import { releaseLine } from './count-lines.ts';
import { cannotKeep } from './refusal.ts';
import type { Book } from './state.ts';

/** Throws `CliError` local_io where the ledger cannot be written. */
export async function releaseCall(call: string, book: Book, deps: BudgetDeps): Promise<void> {
  const now = deps.clock.now();
  const month = new Date(now).toISOString().slice(0, 7);
  // What is reserved for a dead process has to be found dead before, or it would be after.
  await changeState(book, deps, () => {});
  try {
    await deps.files.appendLine(
      deps.path.join(book.ledger, `${month}.jsonl`),
      releaseLine(call, now),
    );
  } catch (error) {
    throw cannotKeep(error, book);
  }
}
