/** Pays for many calls of one process under the same caps: each is made as short as they need it, and let in on a lease. It sends nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import { type Bound, type Cap, checkCaps } from '../../money/budget/caps.ts';
import { type Admission, type Lease, openLease } from '../../money/budget/lease.ts';
import { type Left, leftUnder, leftUnderSingle } from '../../money/budget/left.ts';
import { refuseMisfit } from '../../money/budget/refusal.ts';
import { type Book, bookOf } from '../../money/budget/state.ts';
import type { Total } from '../../money/budget/total.ts';
import { minus, parseDecimal, zero } from '../../money/decimal.ts';
import type { IntentLine } from '../../money/ledger/lines.ts';
import { refuseWorthless, unknownBound } from '../caps.ts';
import { priceSteps } from '../model-list.ts';
import { boundsOf } from './bounds.ts';
import { exactly } from './fit.ts';
import { isLowerable, lower, type PlannedCall } from './lower.ts';
import type { Account, Pricing } from './terms.ts';

/** Fields that the bound of a call counts, or that cost nothing; any other makes it open, as with --param. */
const counted: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'temperature',
  'top_p',
  'stop',
  'seed',
  'enable_search',
  'thinking',
  'thinking_budget',
]);

type Body = Record<string, unknown>;

/** Of a body that somebody else has made. */
export function pricingOf(body: Body, prices: Catalogue | null): Pricing {
  const { thinking, thinking_budget: budget } = body;
  const param = Object.keys(body)
    .filter((key) => !counted.has(key) && body[key] !== null)
    .map((key) => ({ key, value: body[key] }));
  const isThinking = thinking !== undefined && thinking !== false && thinking !== null;
  const tokens = typeof budget === 'number' ? budget : true;
  return { extras: { param, ...(isThinking ? { thinking: tokens } : {}) }, prices };
}

/** What is left under the caps is looked up this often at most, ms: each call is held against them all the same. */
const LOOK_AGAIN_MS = 1000;

/** Without a cap nothing is computed: a call that is killed has an unknown cost then, not one of 0. */
const uncomputed: Bound = {
  amount: '0',
  openReason: 'no cap needs it',
  priceUnknown: true,
  uncapped: false,
};

export const nothing: Bound = {
  amount: '0',
  openReason: null,
  priceUnknown: false,
  uncapped: false,
};

export interface TillOptions {
  account: Pick<Account, 'settings' | 'gateway' | 'key' | 'tags' | 'caps'>;
  /** Over all calls, also of other tills; null: none. */
  total: Total | null;
  /** How long a call waits for running ones, ms. */
  holdMs: number;
}

export interface Order {
  model: string;
  body: Body;
  intent: IntentLine;
  prices: Catalogue | null;
  /** What is ordered whose cost no list tells in advance: `an image`. */
  unpriced?: string | undefined;
  /** Caps on this call alone, beside those of the account. */
  caps: readonly Cap[];
  /** The call is no longer wanted. */
  signal: AbortSignal;
}

/** A call that may be sent: its bound is reserved, and its intent is in the ledger. */
export interface Held {
  /** As it may be sent: its answer perhaps shorter than was requested. */
  fitted: PlannedCall;
  /** Has to be settled with the outcome, whatever comes of the call. */
  admission: Admission;
}

export class Till {
  private readonly options: TillOptions;
  private readonly lease: Lease;
  private readonly book: Book;
  private readonly deps: Deps;
  private left: readonly Left[] | null = null;
  private leftAt = 0;

  constructor(options: TillOptions, deps: Deps) {
    const { gateway, key, tags, caps, settings } = options.account;
    this.options = options;
    this.deps = deps;
    this.book = bookOf(settings.places, gateway.id);
    const isBookedElsewhere = settings.isProxied;
    this.lease = openLease(
      {
        ...{ gateway: gateway.id, key: key?.value ?? null, tags, caps, isBookedElsewhere },
        total: options.total,
      },
      this.book,
      deps,
    );
  }

  /** As `hold` would make it now: nothing is reserved, and nothing refused. */
  async preview({
    model,
    body,
    prices,
  }: Pick<Order, 'model' | 'body' | 'prices'>): Promise<PlannedCall> {
    const pricing = pricingOf(body, prices);
    const bounds = boundsOf(model, body, pricing);
    return this.fit({ model, body, bounds, lowered: null }, pricing, [], false);
  }

  /**
   * Resolves when the call may be sent, its intent in the ledger, its answer as short as the caps make it. Rejects with
   * `CliError`, and nothing may be sent then.
   */
  async hold(order: Order): Promise<Held> {
    const { model, body, prices, unpriced, intent, signal } = order;
    const caps = [...this.options.account.caps, ...order.caps];
    const { total } = this.options;
    const pricing = pricingOf(body, prices);
    const isBounded = caps.length > 0 || total !== null;
    const known = isBounded ? boundsOf(model, body, pricing) : null;
    const bounds =
      known !== null && unpriced !== undefined
        ? { ...known, bound: unknownBound(unpriced) }
        : known;
    const planned: PlannedCall = { model, body, bounds, lowered: null };
    const strict = total === null ? caps : [...caps, totalCap(total)];
    if (bounds !== null) {
      const { gateway } = this.options.account;
      // Without a name there is no price to look up, and the gateway would refuse it.
      if (model === '' && strict.length > 0 && unpriced === undefined) throw noModel();
      refuseWorthless(strict, bounds.bound, unpriced === undefined ? priceSteps(gateway) : []);
    }
    let fitted = await this.fit(planned, pricing, order.caps, false);
    // Others may spend what was left for it while it waits. Each round is a shorter answer, so there is a last one.
    for (;;) {
      try {
        const patience = { holdMs: this.options.holdMs, deadlineAt: null };
        const bound = fitted.bounds?.bound ?? uncomputed;
        refuseMisfit(order.caps, checkCaps(order.caps, bound, null), bound);
        return { fitted, admission: await this.lease.admit({ intent, bound }, patience, signal) };
      } catch (error) {
        if (!(error instanceof CliError) || error.exit !== 'budget') throw error;
        const next = await this.fit(planned, pricing, order.caps, true);
        if (limitOf(next) >= limitOf(fitted)) throw exactly(error, fitted, pricing);
        fitted = next;
      }
    }
  }

  close(): Promise<void> {
    return this.lease.close();
  }

  private async fit(
    planned: PlannedCall,
    pricing: Pricing,
    own: readonly Cap[],
    isAgain: boolean,
  ): Promise<PlannedCall> {
    if (planned.bounds === null || !isLowerable(planned, pricing)) return planned;
    const { total } = this.options;
    const ofTotal = total === null ? [] : [leftOfTotal(total)];
    const left = [...(await this.leftNow(isAgain)), ...leftUnderSingle(own), ...ofTotal];
    return lower(planned, left, pricing);
  }

  private async leftNow(isAgain: boolean): Promise<readonly Left[]> {
    const now = this.deps.clock.monotonic();
    if (this.left !== null && !isAgain && now - this.leftAt < LOOK_AGAIN_MS) return this.left;
    this.leftAt = now;
    this.left = await leftUnder(this.options.account.caps, this.book, this.deps);
    return this.left;
  }
}

function noModel(): CliError {
  return new CliError('usage', 'the request has no "model", so that no limit can be enforced', {
    code: 'missing_model',
    badField: 'model',
    next: say('name the model in the field "model"'),
  });
}

function limitOf({ lowered }: PlannedCall): number {
  return lowered?.maxTokens ?? Number.POSITIVE_INFINITY;
}

/** A call of unknown cost could not be counted under it. */
export function totalCap(total: Total): Cap {
  const { name, limit } = total.check(nothing);
  return { name, per: 'call', tag: null, limit };
}

/** Over many calls, so it gives to one call what a cap on a period would. */
function leftOfTotal(total: Total): Left {
  const { limit, spent, reserved } = total.check(nothing);
  const amount = (text: string | null) => parseDecimal(text ?? '0') ?? zero;
  const most = minus(amount(limit), amount(spent));
  return {
    cap: { ...totalCap(total), per: 'month' },
    most,
    now: minus(most, amount(reserved)),
  };
}
