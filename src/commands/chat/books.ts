/** Writes the two ledger lines of one paid request: what we are about to do, and what came of it. */
import type { Answer } from '../../client/answer.ts';
import type { Deps } from '../../deps.ts';
import type { Billed, CliError } from '../../errors.ts';
import type { OutputEvent } from '../../events.ts';
import { appendLedger } from '../../money/ledger.ts';
import type { Plan } from './plan.ts';

export interface Books {
  /** Before the request. */
  intend(): AsyncGenerator<OutputEvent, void, undefined>;
  /** After it; null when it went well. */
  settle(error: CliError | null): Promise<void>;
  /** Writes the outcome if nobody did, without a word: there is nobody left to read it. */
  abandon(): Promise<void>;
}

export function openBooks(
  plan: Plan,
  model: string,
  answer: Answer,
  deps: Pick<Deps, 'files' | 'clock' | 'platform' | 'uuid' | 'processId'>,
): Books {
  const { ledger } = plan.settings.places;
  const call = deps.uuid();
  const common = { v: 1 as const, call, command: 'chat', gateway: plan.gateway.id };
  const session = plan.conversation.wanted ? plan.conversation.name : null;
  const at = (): string => new Date(deps.clock.now()).toISOString();
  let open = false;

  async function writeOutcome(exit: number | null, billed: Billed): Promise<string | null> {
    open = false;
    const { usage, cost, requestId, attempts } = answer;
    return appendLedger(
      ledger,
      {
        ...common,
        event: 'outcome',
        at: at(),
        model: answer.model,
        requested_model: model,
        session,
        request_id: requestId,
        exit,
        billed,
        attempts,
        usage,
        cost,
      },
      deps,
    );
  }

  return {
    async *intend() {
      open = true;
      const problem = await appendLedger(
        ledger,
        { ...common, event: 'intent', at: at(), pid: deps.processId, model, session },
        deps,
      );
      if (problem !== null) yield { type: 'warning', message: problem };
    },
    async settle(error) {
      // A second warning about the same directory would say nothing new.
      await writeOutcome(error?.exitCode ?? 0, error?.billed ?? 'yes');
    },
    async abandon() {
      if (open) await writeOutcome(null, 'unknown');
    },
  };
}
