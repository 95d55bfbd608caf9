/** What an agent failed with, as a reply. The agent may be of another copy of the library: only the fields of an error count. */

import { toAllTokenError } from '../../agent/failure.ts';
import type { Agent, AllTokenErrorFields, RunResult } from '../../agent/types.ts';
import { isRecord, oneLine } from '../../base/json.ts';
import { Refusal, statusOf } from '../refusal.ts';

const billings = ['yes', 'no', 'unknown'] as const;

export function fieldsIn(thrown: unknown): AllTokenErrorFields {
  if (!isRecord(thrown) || typeof thrown.exit !== 'number' || typeof thrown.kind !== 'string') {
    const { exit, kind, code, message, status, billed, requestId, retryable, hint } =
      toAllTokenError(thrown);
    return { exit, kind, code, message, status, billed, requestId, retryable, hint };
  }
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    exit: thrown.exit,
    kind: thrown.kind,
    code: text(thrown.code),
    message: oneLine(text(thrown.message) ?? thrown.kind),
    status: typeof thrown.status === 'number' ? thrown.status : null,
    billed: billings.find((one) => one === thrown.billed) ?? 'unknown',
    requestId: text(thrown.requestId),
    retryable: thrown.retryable === true,
    hint: text(thrown.hint),
  };
}

export function refusalFor(fields: AllTokenErrorFields): Refusal {
  const { exit, kind, code, message, billed, retryable, hint } = fields;
  // A fault of what we serve is none of the request.
  const isOurs = kind === 'usage' && code !== 'bad_input';
  const status = isOurs ? 500 : statusOf(kind, fields.status ?? 0);
  return new Refusal(status, code ?? kind, message, {
    mayRetry: billed === 'no' && retryable,
    billed,
    hint: hint ?? undefined,
    facts: { exit, reason: code },
  });
}

/** Of a run that ended without an answer. */
export function refusalOfStop(
  { stop, error, calls }: RunResult,
  { id, agent }: { id: string; agent: Pick<Agent, 'pending'> },
): Refusal {
  const billed = calls.length === 0 ? 'no' : 'yes';
  if (error === null) return new Refusal(409, stop, `the run ended: ${stop}`, { billed });
  const status = stop === 'aborted' || stop === 'approval' ? 409 : statusOf(error.kind, 0);
  const waits = stop === 'approval';
  return new Refusal(status, error.code ?? stop, error.message, {
    billed: error.billed,
    hint: waits
      ? `POST /v1/sessions/${id}/decisions, then /v1/sessions/${id}/resume`
      : (error.hint ?? undefined),
    facts: {
      exit: error.exit,
      reason: error.code,
      stop,
      ...(waits && { session: id, pending: agent.pending() }),
    },
  });
}
