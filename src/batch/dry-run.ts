/** What a batch would send, and what it can cost at most. It sends and writes nothing. */
import type { Deps } from '../base/deps.ts';
import { EXIT_OK } from '../base/errors.ts';
import { visibleBody } from '../client/trace.ts';
import type { Cap } from '../money/budget/caps.ts';
import { decimal } from '../money/budget/caps.ts';
import { shareOf } from '../money/budget/shared-total.ts';
import { compare } from '../money/decimal.ts';
import type { BatchDryRun } from '../schemas/batch.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { boundsOf } from '../work/call/bounds.ts';
import { pricingOf } from '../work/call/till.ts';
import { verdictOn } from '../work/caps.ts';
import { lineStates } from './line-index.ts';
import type { BatchPlan } from './plan.ts';
import type { Scanned } from './scan.ts';
import type { WholePrice } from './whole-price.ts';

export async function dryRun(
  {
    plan,
    scanned,
    paidTwice,
    price,
  }: { plan: BatchPlan; scanned: Scanned; paidTwice: number; price: WholePrice },
  deps: Deps,
): Promise<OutputEvent> {
  const { gateway, request, output, shard, caps } = plan;
  const maxCost = plan.maxCost === null ? null : shareOf(plan.maxCost, 1, shard?.count ?? 1);
  const { index, lines } = scanned;
  const { first, max, open } = price;
  const total: Cap[] =
    maxCost === null ? [] : [{ name: '--max-cost', per: 'call', tag: null, limit: maxCost }];
  const bound =
    first === null
      ? { amount: '0', openReason: null, priceUnknown: false, uncapped: false }
      : boundsOf(first.model, first.body, pricingOf(first.body, plan.prices)).bound;
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
    to_send: count(lineStates.unread),
    paid_twice: paidTwice,
    unreadable: count(lineStates.unreadable),
    price: { max, currency: 'USD', source: max === null ? 'unknown' : 'catalog', open },
    request:
      first === null
        ? null
        : {
            method: 'POST',
            url: `${base}${gateway.routes.chat ?? ''}`,
            body: { ...visibleBody(first.body) },
          },
    verdict: await verdictOn([...total, ...caps], bound, plan.settings, deps),
  };
  const fits = maxCost === null || max === null || compare(decimal(max), decimal(maxCost)) <= 0;
  const notes = fits
    ? ''
    : `${price.words}, and --max-cost is $${maxCost}: the batch would stop there\n`;
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
    content: { text: `${JSON.stringify(shown, null, 2)}\n${notes}` },
    document,
  };
}
