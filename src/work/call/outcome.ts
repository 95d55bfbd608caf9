/** The line of the ledger for how a chat call ended: one shape for a command, a batch and the proxy. */
import type { Deps } from '../../base/deps.ts';
import type { IntentLine, OutcomeLine } from '../../money/ledger/lines.ts';

/** What is known of a call at its end; times on the monotonic clock, ms. */
export interface CallEnd
  extends Pick<
    OutcomeLine,
    'model' | 'request_id' | 'exit' | 'billed' | 'attempts' | 'usage' | 'cost'
  > {
  startedAt: number;
  /** null where no text and no reasoning came. */
  firstTokenAt: number | null;
}

export function outcomeLine(
  intent: IntentLine,
  { startedAt, firstTokenAt, ...facts }: CallEnd,
  { clock }: Pick<Deps, 'clock'>,
): OutcomeLine {
  const { pid: _pid, event: _event, model: requested, ...common } = intent;
  const since = (moment: number): number => Math.max(0, Math.round(moment - startedAt));
  return {
    ...common,
    ...facts,
    event: 'outcome',
    at: new Date(clock.now()).toISOString(),
    requested_model: requested,
    duration_ms: since(clock.monotonic()),
    first_token_ms: firstTokenAt === null ? null : since(firstTokenAt),
  };
}
