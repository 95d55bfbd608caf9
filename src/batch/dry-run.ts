/** What a batch would send, and what it can cost at most. It sends and writes nothing. */
import type { Deps } from '../base/deps.ts';
import { EXIT_OK } from '../base/errors.ts';
import { visibleBody } from '../client/trace.ts';
import type { Bound } from '../money/budget/caps.ts';
import { shareOf } from '../money/budget/shared-total.ts';
import { Total } from '../money/budget/total.ts';
import type { BatchDryRun } from '../schemas/batch.ts';
import type { BudgetVerdict } from '../schemas/common.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { loweredDocument } from '../work/call/lower.ts';
import { nothing, Till, totalCap } from '../work/call/till.ts';
import { verdictOn } from '../work/caps.ts';
import { lineStates } from './line-index.ts';
import type { BatchPlan } from './plan.ts';
import type { Scanned } from './scan.ts';
import { SHORT_TOKENS, type WholePrice } from './whole-price.ts';

export async function dryRun(
  {
    plan,
    scanned,
    toSend,
    paidTwice,
    price,
    tags,
    spent,
  }: {
    plan: BatchPlan;
    scanned: Scanned;
    toSend: number;
    paidTwice: number;
    price: WholePrice;
    tags: readonly string[];
    /** USD, by earlier runs. */
    spent: string;
  },
  deps: Deps,
): Promise<OutputEvent> {
  const { gateway, request, output, shard } = plan;
  const maxCost = plan.maxCost === null ? null : shareOf(plan.maxCost, 1, shard?.count ?? 1);
  const { index, lines } = scanned;
  const { first, max, short, open } = price;
  const total = maxCost === null ? null : new Total(maxCost, { spent });
  const till = new Till({ account: { ...plan, tags }, total, holdMs: 0 }, deps);
  const call =
    first === null
      ? null
      : await till.preview({ ...first, prices: plan.prices }).finally(() => till.close());
  const base = gateway.baseUrl === '' ? 'http://127.0.0.1/v1' : gateway.baseUrl;
  const count = (state: (typeof lineStates)[keyof typeof lineStates]) => index.count(state);
  const document: BatchDryRun = {
    schema: 'alltoken.batch.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'batch',
    dry_run: true,
    gateway: gateway.id,
    model: request.fixedModel ?? request.defaultModel,
    output,
    shard,
    lines,
    finished: count(lineStates.done) + count(lineStates.failed) + count(lineStates.unknown),
    to_send: toSend,
    paid_twice: paidTwice,
    unreadable: count(lineStates.unreadable),
    price: {
      ...(short !== null && { short: { max_tokens: SHORT_TOKENS, max: short } }),
      max,
      currency: 'USD',
      source: max === null ? 'unknown' : 'catalog',
      open,
    },
    request:
      call === null
        ? null
        : {
            method: 'POST',
            url: `${base}${gateway.routes.chat ?? ''}`,
            body: { ...visibleBody(call.body) },
          },
    cap: call === null ? null : loweredDocument(call),
    verdict: await verdict(call?.bounds?.bound ?? nothing, total, plan, deps),
  };
  const {
    dry_run: _dry,
    schema: _schema,
    ok: _ok,
    exit: _exit,
    command: _command,
    ...shown
  } = document;
  return {
    type: 'output',
    content: { text: `${JSON.stringify(shown, null, 2)}\n` },
    document,
  };
}

/** On the first line, as the run would admit it now. */
async function verdict(
  bound: Bound,
  total: Total | null,
  { caps, settings }: BatchPlan,
  deps: Deps,
): Promise<BudgetVerdict> {
  if (total === null) return verdictOn(caps, bound, settings, deps);
  const judged = await verdictOn([totalCap(total), ...caps], bound, settings, deps);
  const [own, ...others] = judged.caps;
  // What earlier runs have spent counts.
  const check = total.check(bound);
  const checks = [{ ...check, fits: check.fits && own?.fits === true }, ...others];
  return { ...judged, fits: checks.every(({ fits }) => fits), caps: checks };
}
