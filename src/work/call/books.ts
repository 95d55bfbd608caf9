/** Writes the two ledger lines of one paid request: the intent and the outcome. It sends nothing. */

import type { Deps } from '../../base/deps.ts';
import { type Billed, type CliError, EXIT_OK } from '../../base/errors.ts';
import type { Answer } from '../../client/answer.ts';
import type { Bound } from '../../money/budget/caps.ts';
import { withoutLedger } from '../../money/budget/refusal.ts';
import { release, settleHere } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import type { OutcomeLine } from '../../money/ledger/lines.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Account } from './terms.ts';

export interface Books {
  /** Links the ledger lines and the reservation. */
  readonly call: string;
  /** Before the request, with the amount that a budget reserved for it. Throws local_io where a budget needs the ledger and it cannot be written. */
  intend(): AsyncGenerator<OutputEvent, void, undefined>;
  /**
   * After it; `error` null on success. `finished` false: the output was closed before the end. Resolves to null, or why the
   * outcome is not in the ledger; also to null where the same was said of the intent.
   */
  settle(error: CliError | null, finished: boolean): Promise<string | null>;
}

export function openBooks(
  { command, session, settings, gateway, key: found, tags, caps }: Account,
  model: string,
  answer: Answer,
  bound: Bound | null,
  deps: Deps,
): Books {
  const { places } = settings;
  const { ledger } = places;
  const book = bookOf(places, gateway.id);
  const key = found?.value ?? null;
  const call = deps.uuid();
  // Whoever has the proxy's books need not keep any.
  if (settings.isProxied) return { call, async *intend() {}, settle: async () => null };
  const common = {
    v: 1 as const,
    call,
    command,
    gateway: gateway.id,
    session,
    tags,
    ...(bound === null ? {} : { bound: bound.amount }),
  };
  let startedAt = deps.clock.monotonic();
  /** A second warning about the same directory adds nothing. */
  let isSaid = false;
  const at = (): string => new Date(deps.clock.now()).toISOString();

  async function writeOutcome(exit: number | null, billed: Billed): Promise<string | null> {
    const { usage, cost, requestId, attempts, firstTokenAt } = answer;
    const since = (moment: number): number => Math.max(0, Math.round(moment - startedAt));
    const line: OutcomeLine = {
      ...common,
      event: 'outcome',
      at: at(),
      model: answer.model,
      requested_model: model,
      request_id: requestId,
      exit,
      billed,
      attempts,
      usage,
      cost,
      duration_ms: since(deps.clock.monotonic()),
      first_token_ms: firstTokenAt === null ? null : since(firstTokenAt),
    };
    const problem = await appendLedger(ledger, line, key, deps);
    // A budget must not lose a purchase.
    if (problem !== null) await settleHere(line, caps, book, deps).catch(() => {});
    return isSaid ? null : problem;
  }

  return {
    call,
    async *intend() {
      const problem = await appendLedger(
        ledger,
        { ...common, event: 'intent', at: at(), pid: deps.processId, model },
        key,
        deps,
      );
      startedAt = deps.clock.monotonic();
      if (problem !== null) {
        if (caps.some(({ per }) => per !== 'call')) {
          await release(call, caps, book, deps);
          throw withoutLedger(problem);
        }
        isSaid = true;
        yield { type: 'warning', message: problem };
      }
    },
    async settle(error, finished) {
      const billed = answer.cost.amount === null && !finished ? 'unknown' : 'yes';
      return writeOutcome(finished ? (error?.exitCode ?? EXIT_OK) : null, error?.billed ?? billed);
    },
  };
}
