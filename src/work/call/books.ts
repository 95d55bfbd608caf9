/** Writes the two ledger lines of one paid request: the intent and the outcome. It sends nothing. */

import type { Deps } from '../../base/deps.ts';
import { type Billed, type CliError, EXIT_OK } from '../../base/errors.ts';
import { thisProcess } from '../../base/process-state.ts';
import type { Answer } from '../../client/answer.ts';
import { type Bound, bookedBound } from '../../money/budget/caps.ts';
import { withoutLedger } from '../../money/budget/refusal.ts';
import { release, settleHere } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import type { IntentLine } from '../../money/ledger/lines.ts';
import { outcomeLine } from './outcome.ts';
import type { Account } from './terms.ts';

export interface Books {
  /** Links the ledger lines and the reservation. */
  readonly call: string;
  /**
   * Before the request, with the amount that a budget reserved for it. Resolves to null, or why it is not in the ledger;
   * rejects with local_io where a budget needs the ledger and it cannot be written.
   */
  intend(): Promise<string | null>;
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
  if (settings.isProxied) return { call, intend: async () => null, settle: async () => null };
  const intent = (): IntentLine => ({
    v: 1,
    event: 'intent',
    call,
    command,
    gateway: gateway.id,
    session,
    tags,
    ...(bound === null ? {} : { bound: bookedBound(bound) }),
    at: new Date(deps.clock.now()).toISOString(),
    ...thisProcess(deps),
    model,
  });
  let startedAt = deps.clock.monotonic();
  /** A second warning about the same directory adds nothing. */
  let isSaid = false;

  async function writeOutcome(exit: number | null, billed: Billed): Promise<string | null> {
    const { model: answered, usage, cost, requestId, attempts, firstTokenAt } = answer;
    const facts = { model: answered, request_id: requestId, attempts, usage, cost, firstTokenAt };
    const line = outcomeLine(intent(), { ...facts, exit, billed, startedAt }, deps);
    const problem = await appendLedger(ledger, line, key, deps);
    // A budget must not lose a purchase.
    if (problem !== null) await settleHere(line, caps, book, deps).catch(() => {});
    return isSaid ? null : problem;
  }

  return {
    call,
    async intend() {
      const problem = await appendLedger(ledger, intent(), key, deps);
      startedAt = deps.clock.monotonic();
      if (problem !== null && caps.some(({ per }) => per !== 'call')) {
        await release(call, caps, book, deps);
        throw withoutLedger(problem);
      }
      isSaid = problem !== null;
      return problem;
    },
    async settle(error, finished) {
      const billed = answer.cost.amount === null && !finished ? 'unknown' : 'yes';
      return writeOutcome(finished ? (error?.exitCode ?? EXIT_OK) : null, error?.billed ?? billed);
    },
  };
}
