/** Reads from a state what counts against a cap: spent, held for killed calls, reserved by others. It changes nothing. */
import type { Deps } from '../../base/deps.ts';
import { own } from '../../base/json.ts';
import { type Decimal, larger, minus, notBelowZero, plus, zero } from '../decimal.ts';
import { type Cap, decimal, type Spending, type Spent } from './caps.ts';
import { amountOf } from './count-lines.ts';
import type { BudgetState, Reservation, Unsettled, Waiter } from './state.ts';

interface View {
  /** Calls that are first in line: what they wait for is not free. */
  ahead?: readonly Waiter[];
  /** The asker's own: what it holds, or held before. */
  except?: string;
}

export function spendingOf(
  state: BudgetState,
  { clock }: Pick<Deps, 'clock'>,
  { ahead = [], except }: View = {},
): Spending {
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const killed = unsettledIn(state)
    .filter(([call]) => call !== except)
    .map(([, one]) => one);
  const begun = begunByLease(state);
  return {
    spent(tag) {
      const account = own(state.accounts, tag ?? '');
      return { day: amountOf(account?.days[day]), month: amountOf(account?.month) };
    },
    unsettled(tag): Spent {
      const mine = killed.filter((one) => isUnder(tag, one));
      const today = mine.filter(({ at }) => at.startsWith(day));
      return {
        day: sumOf(today),
        month: sumOf(mine.filter(({ at }) => at.startsWith(state.month))),
      };
    },
    reserved(tag) {
      const others = state.reservations.filter(({ call }) => call !== except);
      const held = others
        .filter((one) => isUnder(tag, one))
        .map((one) => heldBy(one, begun.get(one.call) ?? zero));
      return held.reduce(plus, sumOf(ahead.filter((one) => isUnder(tag, one))));
    },
  };
}

/** What a lease has begun may cost more than is left of its slice: then that counts. */
function heldBy({ amount }: Reservation, begun: Decimal): Decimal {
  const slice = amountOf(amount);
  return larger(slice, begun);
}

/** By lease: the bounds of its calls that have no outcome yet. */
function begunByLease(state: BudgetState): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { lease, amount } of Object.values(state.unsettled))
    if (lease !== undefined) sums.set(lease, plus(sums.get(lease) ?? zero, amountOf(amount)));
  return sums;
}

/** Calls without an outcome that no running process answers for. */
export function unsettledIn(state: BudgetState): [string, Unsettled][] {
  const running = new Set(state.reservations.map(({ call }) => call));
  return Object.entries(state.unsettled).filter(
    ([call, { lease }]) => !running.has(call) && !(lease !== undefined && running.has(lease)),
  );
}

function isUnder(tag: string | null, { tags }: { tags: readonly string[] }): boolean {
  return tag === null || tags.includes(tag);
}

function sumOf(amounts: readonly { amount: string | null }[]): Decimal {
  return amounts.reduce<Decimal>((sum, { amount }) => plus(sum, amountOf(amount)), zero);
}

/** What is still free below a cap over several calls; null for one on single calls. Never below zero. */
export function leftBelow(cap: Cap, spending: Spending): Decimal | null {
  if (cap.per === 'call') return null;
  const used = plus(
    plus(spending.spent(cap.tag)[cap.per], spending.unsettled(cap.tag)[cap.per]),
    spending.reserved(cap.tag),
  );
  const left = minus(decimal(cap.limit), used);
  return notBelowZero(left);
}
