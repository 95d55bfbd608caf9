/** What is spent, reserved and left below each cap, at this moment. It reserves nothing and writes nothing. */
import { formatDecimal } from '../decimal.ts';
import type { Cap } from './caps.ts';
import { type CatchUpDeps, catchUp, readNow } from './catch-up.ts';
import { cannotKeep } from './refusal.ts';
import { leftBelow, spendingOf, unsettledIn } from './spending.ts';
import type { Book, BudgetState, Unsettled } from './state.ts';

/** Amounts in USD, plain decimals; null for a cap on single calls. */
export interface CapView {
  cap: Cap;
  spent: string | null;
  reserved: string | null;
  unsettled: string | null;
  left: string | null;
  /** Milliseconds since 1970, UTC; null for a cap on single calls. */
  beginsAnew: number | null;
}

export interface Overview {
  caps: CapView[];
  running: number;
  waiting: number;
  /** By call, the oldest first. */
  unsettled: [string, Unsettled][];
}

/**
 * `only`: counts the calls of one gateway; what is left is that of the cap all the same.
 * Throws `CliError` local_io where the state or the ledger cannot be read.
 */
export async function overviewOf(
  caps: readonly Cap[],
  only: string | null,
  book: Book,
  deps: CatchUpDeps,
): Promise<Overview> {
  try {
    const state = await readNow(book, deps);
    const part = only === null ? state : await partOf(state, only, book, deps);
    const unsettled = unsettledIn(part).sort(([, a], [, b]) => (a.at < b.at ? -1 : 1));
    return {
      caps: caps.map((cap) => viewOf(cap, part, state, deps)),
      running: part.reservations.length,
      waiting: state.waiting.length,
      unsettled,
    };
  } catch (error) {
    throw cannotKeep(error, book);
  }
}

/** The same of one gateway's calls, from the ledger alone. */
async function partOf(
  state: BudgetState,
  only: string,
  book: Book,
  deps: CatchUpDeps,
): Promise<BudgetState> {
  const part = await catchUp(null, book, deps, only);
  return { ...part, reservations: state.reservations.filter(({ gateway }) => gateway === only) };
}

function viewOf(cap: Cap, part: BudgetState, whole: BudgetState, deps: CatchUpDeps): CapView {
  const { per, tag } = cap;
  if (per === 'call')
    return { cap, spent: null, reserved: null, unsettled: null, left: null, beginsAnew: null };
  const spending = spendingOf(part, deps);
  const left = leftBelow(cap, spendingOf(whole, deps));
  const today = new Date(deps.clock.now());
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  return {
    cap,
    spent: formatDecimal(spending.spent(tag)[per]),
    reserved: formatDecimal(spending.reserved(tag)),
    unsettled: formatDecimal(spending.unsettled(tag)[per]),
    left: left === null ? null : formatDecimal(left),
    beginsAnew: per === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1),
  };
}

/** What became of a request to count a killed call no longer. */
export type Found =
  | { kind: 'unsettled'; call: string; entry: Unsettled }
  | { kind: 'running'; call: string; pid: number }
  | { kind: 'several'; calls: string[] }
  | { kind: 'none' };

/** The call of this id, or of the only one that begins so. */
export async function findUnsettled(id: string, book: Book, deps: CatchUpDeps): Promise<Found> {
  const state = await readNow(book, deps);
  const running = state.reservations.find(({ call }) => call === id);
  if (running !== undefined) return { kind: 'running', call: running.call, pid: running.pid };
  const found = unsettledIn(state).filter(([call]) => call.startsWith(id));
  const [first] = found.filter(([call]) => call === id || found.length === 1);
  if (first !== undefined) return { kind: 'unsettled', call: first[0], entry: first[1] };
  return found.length === 0
    ? { kind: 'none' }
    : { kind: 'several', calls: found.map(([call]) => call) };
}
