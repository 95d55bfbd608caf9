/** Which caps a call is under, and whether it fits below them. Pure: it reads no file and no clock. */

import type { CapCheck } from '../../schemas/common.ts';
import type { Config } from '../../schemas/config.ts';
import { compare, type Decimal, formatDecimal, parseDecimal, plus, zero } from '../decimal.ts';

export type { CapCheck };

/** A spending limit, in USD. */
export interface Cap {
  /** As it was set: `--max-cost`, `budget.day`, `budget.tags.ci.month`. */
  name: string;
  per: 'call' | 'day' | 'month';
  /** Only calls with this tag count; null: all do. */
  tag: string | null;
  limit: string;
}

/** The names of a cap that the caller set for this call or this agent, and not the config for all. */
export const ownCaps = {
  flag: '--max-cost',
  agent: 'maxCost',
  /** Of a request through `serve`. */
  header: 'x-alltoken-max-cost',
} as const;

export function isOwn({ name }: Pick<Cap, 'name'>): boolean {
  return Object.values(ownCaps).some((own) => own === name);
}

/** What a call can cost, as far as it is known. */
export interface Bound {
  /** USD; '0' where nothing is known. */
  amount: string;
  /** Why it may cost more than that; null: it surely cannot. */
  openReason: string | null;
  /** Not even a price is known. */
  priceUnknown: boolean;
  /** The call has an optional part whose cost has no known limit. */
  uncapped: boolean;
}

/** USD by day (UTC) and month, of all calls or of those with one tag. */
export interface Spent {
  day: Decimal;
  month: Decimal;
}

/** What the ledger says of it: null where nothing is known, which is not 0. */
export function bookedBound(bound: Bound | null): string | null {
  if (bound === null) return null;
  return bound.openReason !== null && bound.amount === '0' ? null : bound.amount;
}

export interface Spending {
  /** Settled; calls of unknown cost count with the amount reserved for them. */
  spent(tag: string | null): Spent;
  /** By calls that were killed: what they may have cost. */
  unsettled(tag: string | null): Spent;
  /** By calls that run now, or are first in line. */
  reserved(tag: string | null): Decimal;
}

/** The caps of the config and the flag that hold for a call with these tags. */
export function capsOf(
  budget: Config['budget'],
  maxCost: string | undefined,
  tags: readonly string[],
): Cap[] {
  const own = maxCost === undefined ? [] : [ownCap(ownCaps.flag, maxCost)];
  const levels = ['call', 'day', 'month'] as const;
  const under = (caps: NonNullable<Config['budget']>, name: string, tag: string | null) =>
    levels.flatMap((per) => {
      const limit = caps[per];
      return limit === undefined ? [] : [cap(`${name}.${per}`, per, tag, limit)];
    });
  const tagged = tags.flatMap((tag) => {
    const caps = Object.hasOwn(budget?.tags ?? {}, tag) ? budget?.tags?.[tag] : undefined;
    return caps === undefined ? [] : under(caps, `budget.tags.${tag}`, tag);
  });
  return [...own, ...(budget === undefined ? [] : under(budget, 'budget', null)), ...tagged];
}

/** A cap on a single call that its caller set. */
export function ownCap(name: (typeof ownCaps)[keyof typeof ownCaps], limit: string): Cap {
  return cap(name, 'call', null, limit);
}

function cap(name: string, per: Cap['per'], tag: string | null, limit: string): Cap {
  return { name, per, tag, limit };
}

/** Each cap with its verdict; a call whose bound is open is held against what is known of it. */
export function checkCaps(
  caps: readonly Cap[],
  bound: Bound,
  spending: Spending | null,
): CapCheck[] {
  const amount = decimal(bound.amount);
  const isOpen = bound.openReason !== null;
  return caps.map(({ name, per, tag, limit }) => {
    const running = per === 'call' || spending === null ? null : spending;
    const spent = per === 'call' ? zero : (running?.spent(tag)[per] ?? zero);
    const unsettled = per === 'call' ? zero : (running?.unsettled(tag)[per] ?? zero);
    const reserved = running?.reserved(tag) ?? zero;
    const gone = plus(spent, unsettled);
    // A day that is used up is over, also for a call of which nothing is known.
    const isWithin = (used: Decimal): boolean =>
      compare(plus(used, amount), decimal(limit)) <= 0 &&
      !(running !== null && isOpen && compare(used, decimal(limit)) >= 0);
    const fits = isWithin(gone);
    return {
      name,
      limit,
      spent: running === null ? null : formatDecimal(spent),
      reserved: running === null ? null : formatDecimal(reserved),
      unsettled: running === null ? null : formatDecimal(unsettled),
      bound: bound.amount,
      known: !isOpen,
      fits,
      waits: fits && !isWithin(plus(gone, reserved)),
    };
  });
}

/** A limit or a bound; what is not an amount counts as zero. */
export function decimal(text: string): Decimal {
  return parseDecimal(text) ?? zero;
}
