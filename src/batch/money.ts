/** What a line can cost, and its admission under the caps: those of the config, and the total of the batch. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { Catalogue } from '../client/catalogue.ts';
import type { Bound, Cap } from '../money/budget/caps.ts';
import { type Admission, type Lease, openLease } from '../money/budget/lease.ts';
import { type Left, leftUnder } from '../money/budget/left.ts';
import { bookOf } from '../money/budget/state.ts';
import { Total } from '../money/budget/total.ts';
import { minus, parseDecimal, plus, zero } from '../money/decimal.ts';
import type { IntentLine } from '../money/ledger/lines.ts';
import { boundsOf } from '../work/call/bounds.ts';
import { isLowerable, lower, type PlannedCall } from '../work/call/lower.ts';
import type { Pricing } from '../work/call/terms.ts';
import { refuseWorthless } from '../work/caps.ts';
import { refreshStep } from '../work/model-list.ts';
import type { LineRequest } from './line-request.ts';
import type { BatchPlan } from './plan.ts';

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

export function pricingOf(body: LineRequest['body'], prices: Catalogue | null): Pricing {
  const { thinking, thinking_budget: budget } = body;
  const param = Object.keys(body)
    .filter((key) => !counted.has(key))
    .map((key) => ({ key, value: body[key] }));
  const isThinking = thinking !== undefined && thinking !== false && thinking !== null;
  const tokens = typeof budget === 'number' ? budget : true;
  return { extras: { param, ...(isThinking ? { thinking: tokens } : {}) }, prices };
}

/** What is left under the caps is looked up this often at most, ms: each call is held against them all the same. */
const LOOK_AGAIN_MS = 1000;

/** How often a call is made shorter because others have spent what was left for it. */
const FIT_TRIES = 4;

const nothing: Bound = { amount: '0', openReason: null, priceUnknown: false, uncapped: false };

export interface Held {
  fitted: PlannedCall;
  admission: Admission;
}

export class Till {
  private readonly plan: BatchPlan;
  private readonly holdMs: number;
  private readonly lease: Lease;
  private readonly total: Total | null;
  private readonly deps: Deps;
  private left: readonly Left[] | null = null;
  private leftAt = 0;

  /** `spent`: by earlier runs, in USD. */
  constructor(plan: BatchPlan, tags: readonly string[], holdMs: number, spent: string, deps: Deps) {
    const { caps, maxCost, settings, gateway, key } = plan;
    this.plan = plan;
    this.holdMs = holdMs;
    this.deps = deps;
    this.total = maxCost === null ? null : new Total(maxCost, { spent });
    const book = bookOf(settings.places, gateway.id);
    const options = {
      gateway: gateway.id,
      key: key?.value ?? null,
      tags,
      caps,
      total: this.total,
    };
    this.lease = openLease(options, book, deps);
  }

  private get isBounded(): boolean {
    return this.plan.caps.length > 0 || this.total !== null;
  }

  /**
   * Resolves when the line may be sent, its intent in the ledger, its answer as short as the caps make it. Rejects with
   * `CliError`, and nothing may be sent then. `signal`: it is no longer wanted.
   */
  async hold({ model, body }: LineRequest, intent: IntentLine, signal: AbortSignal): Promise<Held> {
    const { prices } = this.plan;
    const pricing = pricingOf(body, prices);
    const bounds = this.isBounded ? boundsOf(model, body, pricing) : null;
    const planned: PlannedCall = { model, body, bounds, lowered: null };
    if (bounds !== null && this.total !== null)
      refuseWorthless([totalCap(this.plan)], bounds.bound, refreshStep(this.plan.gateway));
    let fitted = await this.fit(planned, pricing, false);
    for (let tries = 1; ; tries += 1) {
      try {
        const patience = { holdMs: this.holdMs, deadlineAt: null };
        const bound = fitted.bounds?.bound ?? nothing;
        return { fitted, admission: await this.lease.admit({ intent, bound }, patience, signal) };
      } catch (error) {
        const isRefusal = error instanceof CliError && error.exit === 'budget';
        if (!isRefusal || tries === FIT_TRIES) throw error;
        const next = await this.fit(planned, pricing, true);
        if (limitOf(next) >= limitOf(fitted)) throw error;
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
    isAgain: boolean,
  ): Promise<PlannedCall> {
    if (!this.isBounded || !isLowerable(planned, pricing)) return planned;
    const ofTotal = this.total === null ? [] : [leftOfTotal(this.total, totalCap(this.plan))];
    return lower(planned, [...(await this.leftNow(isAgain)), ...ofTotal], pricing);
  }

  private async leftNow(isAgain: boolean): Promise<readonly Left[]> {
    const now = this.deps.clock.monotonic();
    if (this.left !== null && !isAgain && now - this.leftAt < LOOK_AGAIN_MS) return this.left;
    const { settings, gateway, caps } = this.plan;
    this.leftAt = now;
    this.left = await leftUnder(caps, bookOf(settings.places, gateway.id), this.deps);
    return this.left;
  }
}

function limitOf({ lowered }: PlannedCall): number {
  return lowered?.maxTokens ?? Number.POSITIVE_INFINITY;
}

function totalCap({ maxCost }: BatchPlan): Cap {
  return { name: '--max-cost', per: 'call', tag: null, limit: maxCost ?? '0' };
}

/** Over many calls, so it gives to one call what a cap on a period would. */
function leftOfTotal(total: Total, cap: Cap): Left {
  const { limit, spent, reserved } = total.check(nothing);
  const amount = (text: string | null) => parseDecimal(text ?? '0') ?? zero;
  const most = minus(amount(limit), amount(spent));
  return {
    cap: { ...cap, per: 'month' },
    most,
    now: minus(amount(limit), plus(amount(spent), amount(reserved))),
  };
}
