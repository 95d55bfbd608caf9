/** Writes the two ledger lines of one paid request: what we are about to do, and what came of it. */
import type { Answer } from '../../client/answer.ts';
import type { Deps } from '../../deps.ts';
import type { Billed, CliError } from '../../errors.ts';
import type { OutputEvent } from '../../events.ts';
import { appendLedger } from '../../ledger/append.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

export interface Books {
  /** Joins the lines in the ledger, and the reservation. */
  readonly call: string;
  /** Before the request. */
  intend(): AsyncGenerator<OutputEvent, void, undefined>;
  /** After it; `error` null when it went well. `finished` false: nobody listened to the end, stdout is gone. */
  settle(error: CliError | null, finished: boolean): Promise<void>;
}

export function openBooks(
  asked: Pick<AskOptions, 'command'>,
  plan: Plan,
  model: string,
  answer: Answer,
  deps: Pick<Deps, 'files' | 'clock' | 'platform' | 'uuid' | 'processId'>,
): Books {
  const { ledger } = plan.settings.places;
  const call = deps.uuid();
  const common = {
    v: 1 as const,
    call,
    command: asked.command,
    gateway: plan.gateway.id,
    session: plan.conversation.wanted ? plan.conversation.name : null,
    tags: plan.tags,
  };
  let startedAt = deps.clock.monotonic();
  const at = (): string => new Date(deps.clock.now()).toISOString();

  async function writeOutcome(exit: number | null, billed: Billed): Promise<string | null> {
    const { usage, cost, requestId, attempts, firstTokenAt } = answer;
    const since = (moment: number): number => Math.max(0, Math.round(moment - startedAt));
    return appendLedger(
      ledger,
      {
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
      },
      deps,
    );
  }

  return {
    call,
    async *intend() {
      const problem = await appendLedger(
        ledger,
        { ...common, event: 'intent', at: at(), pid: deps.processId, model },
        deps,
      );
      startedAt = deps.clock.monotonic();
      if (problem !== null) yield { type: 'warning', message: problem };
    },
    async settle(error, finished) {
      const billed = answer.cost.amount === null && !finished ? 'unknown' : 'yes';
      // A second warning about the same directory would say nothing new.
      await writeOutcome(finished ? (error?.exitCode ?? 0) : null, error?.billed ?? billed);
    },
  };
}
